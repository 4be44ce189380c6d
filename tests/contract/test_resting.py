"""What the loop asks of the state store: nothing while nothing changes; nothing is held while others work."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import Engine, QueuePool
from tests.services.state import OpenStore

from perennial.backends.sql.engine import open_store
from perennial.backends.sql.intake import SqlIntakeLog
from perennial.backends.sql.leases import SharedLeases
from perennial.backends.sql.state import StateStore
from perennial.collect.events import Intake, Reception
from perennial.collect.identity.model import Merge, Resolution
from perennial.compute.profiles.ports import Quantities, Quantity
from perennial.compute.segments.service import Segments
from perennial.compute.tags.service import Tags
from perennial.deliver.messages import Delivery
from perennial.kernel.clock import VirtualClock
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.errors import Unavailable
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import ProfileId, SegmentId, TagId
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone
from perennial.runtime.asking import Asking
from perennial.runtime.deciding import Deciding
from perennial.runtime.processor import Processor, Stages
from perennial.runtime.refreshing import refresh_segments, refresh_tags
from perennial.runtime.replay import EMITTED
from perennial.testing import an_event, at
from perennial.testing.event_log import RememberedEvents
from perennial.testing.population import MemoryPopulation

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
BOUGHT: Mapping[str, Json] = {"did": "order_paid"}
VIP: Mapping[str, Json] = {"id": "vip", "name": "Vip", "condition": BOUGHT}
ORDERS: Mapping[str, Json] = {"id": "orders", "name": "Orders", "measure": "count", "of": "order_paid"}
KIND: Mapping[str, Json] = {
    "id": "kind",
    "name": "Kind",
    "values": [{"value": "buyer", "if": BOUGHT}],
}
WELCOME = """
id: welcome
entry: {on: {segment: vip, include_current: true}}
reentry: never
control: none
start: pause
nodes:
  pause: {wait: 1h, then: done}
  done: {exit: {outcome: welcomed}}
"""


class NotingPopulation(MemoryPopulation):
    """A population that notes how many connections to the state are in use while everyone is asked."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self.in_use: list[int] = []
        self.meanwhile: Callable[[], None] = lambda: None
        """What else happens once everyone was asked, before the answers are written."""

    def members(self, conditions: Sequence[Condition], *, at: Moment) -> list[NDArray[np.uint64]]:
        self._note()
        found = super().members(conditions, at=at)
        self.meanwhile()
        return found

    def quantities(self, wanted: Sequence[Quantity], *, at: Moment) -> Quantities:
        self._note()
        found = super().quantities(wanted, at=at)
        self.meanwhile()
        return found

    def _note(self) -> None:
        assert isinstance(self._engine.pool, QueuePool)
        self.in_use.append(self._engine.pool.checkedout())


@dataclass
class Desk:
    """A workspace's stores and those who ask them."""

    state: StateStore
    clock: VirtualClock
    population: NotingPopulation
    stages: Stages
    processor: Processor

    def __post_init__(self) -> None:
        self.population.add(1, an_event("order_paid"))

    def emit(self, number: int) -> None:
        event = EmittedEvent(
            name="segment_entered",
            profile_id=ProfileId(number),
            occurred_at=NOON,
            message_id=f"e{number}",
            properties={"segment": "vip"},
        )
        with self.state.begin() as transaction:
            transaction.emitted.record([event])


@pytest.fixture
def desk(open_new: OpenStore) -> Iterator[Desk]:
    engine, clock = open_new("state"), VirtualClock(at().as_of)
    state = StateStore(engine, SharedLeases(engine) if engine.dialect.name == "postgresql" else None)
    intake = Intake(SqlIntakeLog(open_new("intake")), new_id=lambda: "never")
    population = NotingPopulation(engine)
    stages = Stages(
        intake=intake,
        state=state,
        events=RememberedEvents(),
        population=population,
        segments=Segments(refresh_interval=HOUR),
        tags=Tags(refresh_interval=HOUR),
        delivery=Delivery(state, {}),
        clock=clock,
        zone=Zone(),
        seed="s",
    )
    yield Desk(state, clock, population, stages, Processor(stages, kept_events=2))
    intake.close()


def test_no_connection_is_held_while_everyone_is_asked(desk: Desk) -> None:
    saved(desk)
    desk.processor.cycle()
    asked = Asking(desk.stages, desk.processor)
    assert asked.count_people(BOUGHT) == 1
    assert len(asked.list_people(BOUGHT).rows) == 1
    assert len(asked.segment_people("vip").rows) == 1
    assert len(desk.population.in_use) >= 6
    assert set(desk.population.in_use) == {0}
    with desk.state.read() as transaction:
        assert transaction.segments.fills()[SegmentId("vip")].people == 1
        assert len(transaction.tags.fills()) == 2


def saved(desk: Desk) -> None:
    with desk.state.begin() as transaction:
        desk.stages.segments.create(VIP, state=transaction, now=NOON)
        for document in (ORDERS, KIND):
            desk.stages.tags.create(document, state=transaction, now=NOON)


def test_none_is_held_either_when_somebody_asks_for_a_refresh_or_publishes(desk: Desk) -> None:
    saved(desk)
    Deciding(desk.stages, desk.processor).publish_journey(WELCOME, approve=True)
    assert refresh_segments(desk.stages, ["vip"], now=desk.clock.now()).shifts[0].people == 1
    assert {fill.people for fill in refresh_tags(desk.stages, None, now=desk.clock.now())} == {1}
    assert len(desk.population.in_use) == 4
    assert set(desk.population.in_use) == {0}
    with desk.state.read() as transaction:
        waiting = transaction.enrollments.due(desk.clock.now() + HOUR, limit=9)
        assert [one.profile_id for one in waiting] == [1]


def test_who_is_merged_while_everyone_is_asked_stands_under_the_kept_one(desk: Desk) -> None:
    saved(desk)
    desk.population.add(2, an_event("order_paid"), an_event("order_paid"))
    desk.population.add(3, an_event("order_paid"))
    desk.population.meanwhile = lambda: merge(desk, lost=2, kept=3)
    refresh_segments(desk.stages, None, now=desk.clock.now())
    desk.population.meanwhile = lambda: merge(desk, lost=1, kept=4)
    refresh_tags(desk.stages, None, now=desk.clock.now())
    with desk.state.read() as transaction:
        # Who was merged later moved as members do; who was merged before is no member in their own name.
        assert transaction.segments.members(SegmentId("vip")).tolist() == [3, 4]
        orders = transaction.tags.page(TagId("orders"), limit=9)
        # (The population in memory knows of no merge: the second's value is told anew.)
        assert [(each.person.profile_id, each.value) for each in orders] == [(2, 2), (3, 1), (4, 1)]


def merge(desk: Desk, *, lost: int, kept: int) -> None:
    """What an import in another process may find at any time: two are one."""
    ids = [ProfileId(lost), ProfileId(kept)]
    found = Merge(lost=ids[0], kept=ids[1], merged_at=NOON, cause="alias")
    with desk.state.begin() as transaction:
        first_seen = dict.fromkeys(ids, NOON)
        transaction.identities.save(Resolution(profile_ids=ids, first_seen=first_seen, merges=[found]))


def test_a_promotion_that_fails_takes_nothing_from_the_turn(desk: Desk) -> None:
    saved(desk)
    desk.population.promote = refuse
    desk.processor.cycle()
    with desk.state.read() as transaction:
        assert transaction.segments.fills()[SegmentId("vip")].people == 1


def refuse(paths: Sequence[str]) -> None:
    raise Unavailable("No room for a column.")


def test_a_turn_with_nothing_to_do_changes_nothing(desk: Desk) -> None:
    desk.processor.cycle()
    assert desk.processor.rest() > timedelta(0)

    def is_unchanged_by_a_turn() -> bool:
        before = desk.state.version()
        return not desk.processor.cycle() and desk.state.version() == before

    # On a server other databases may be written to meanwhile, which shows in the version.
    assert any(is_unchanged_by_a_turn() for _ in range(100))


def test_every_commit_makes_another_version(desk: Desk) -> None:
    versions = {desk.state.version()}
    for number in range(3):
        desk.emit(number)
        versions.add(desk.state.version())
    assert len(versions) == 4


@pytest.mark.service
def test_a_commit_of_another_process_makes_another_version(shared_database: str) -> None:
    engines = [open_store(shared_database, "state", schema="ws_versions") for _ in range(2)]
    ours, theirs = (StateStore(engine, SharedLeases(engine)) for engine in engines)
    before = ours.version()
    with theirs.begin() as transaction:
        transaction.offsets.advance("calls", first=1, last=1)
    assert ours.version() != before
    for engine in engines:
        engine.dispose()


def test_the_rest_ends_when_a_segment_or_tag_is_to_be_answered_anew(desk: Desk) -> None:
    with desk.state.begin() as transaction:
        desk.stages.segments.create(VIP, state=transaction, now=NOON)
        desk.stages.tags.create(ORDERS, state=transaction, now=NOON)
    desk.processor.cycle()
    with desk.state.read() as transaction:
        dues = [one.next_due(state=transaction) for one in (desk.stages.segments, desk.stages.tags)]
    assert dues == [desk.clock.now() + HOUR] * 2
    desk.clock.advance(HOUR - timedelta(seconds=3))
    assert desk.processor.rest() == timedelta(seconds=3)


def test_events_of_ours_are_kept_until_they_are_copied_and_a_while_after(desk: Desk) -> None:
    for number in range(1, 6):
        desk.emit(number)
    desk.processor.drain()
    with desk.state.read() as transaction:
        kept = transaction.emitted.read(after=0, limit=99)
        assert [event.message_id for _, event in kept] == ["e4", "e5"]
        assert transaction.emitted.position() == transaction.offsets.get(EMITTED)
    desk.emit(6)
    desk.stages.intake.submit(
        [{"type": "track", "event": "seen", "messageId": "m1", "userId": "anna"}],
        Reception(source="web", received_at=NOON),
    )
    desk.processor.drain()
    assert sorted(desk.stages.events.message_ids()) == ["e1", "e2", "e3", "e4", "e5", "e6", "m1"]


def test_the_last_event_of_ours_is_kept_for_the_count(desk: Desk) -> None:
    desk.emit(1)
    desk.emit(2)
    with desk.state.begin() as transaction:
        last = transaction.emitted.position()
        transaction.emitted.forget(upto=last)
        assert transaction.emitted.position() == last
        assert len(transaction.emitted.read(after=0, limit=9)) == 1
