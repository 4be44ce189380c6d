"""What a provider said is kept until it is written down, however long the store cannot be written to."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.scenario.test_delivery import SETTINGS, Bench, Scripted
from tests.unit.deliver.delivery_builders import ANNA, BO, HOUR, a_send

from perennial.backends.sql.engine import open_store
from perennial.backends.sql.intake import SqlIntakeLog
from perennial.backends.sql.leases import SoleLeases
from perennial.backends.sql.state import StateStore, StateTransaction
from perennial.collect.events import Intake
from perennial.compute.segments.service import Segments
from perennial.compute.tags.service import Tags
from perennial.deliver.channels import Outcome, Outgoing, Receipt
from perennial.deliver.messages import SHARDS, Delivery, Share
from perennial.kernel.errors import DiskFull, Unavailable
from perennial.kernel.leases import Lease, LeaseLost
from perennial.kernel.windows import Zone
from perennial.runtime.holdings import Holdings, UnderstandingState
from perennial.runtime.processor import Processor, Stages
from perennial.runtime.turning import Turning
from perennial.testing.event_log import RememberedEvents
from perennial.testing.population import MemoryPopulation

OURS = {shard: Lease(name=f"send:{shard}", holder="us", epoch=1) for shard in range(SHARDS)}


class FailingStore:
    """A store whose transactions fail as they end, while they are told to: kept, or not kept."""

    def __init__(self, store: StateStore) -> None:
        self._store = store
        self.is_full = False
        self.is_cut_off = False
        """The commit arrives, and its answer does not."""
        self.lost: set[Lease] = set()

    @contextmanager
    def begin(self, *, holding: Iterable[Lease] = ()) -> Generator[StateTransaction]:
        with self._store.begin() as transaction:
            yield transaction
            if self.lost & set(holding):
                raise LeaseLost
            if self.is_full:
                raise DiskFull
        if self.is_cut_off:
            raise Unavailable

    def read(self) -> AbstractContextManager[StateTransaction]:
        return self._store.read()


class Meanwhile(Scripted):
    """Something happens while the provider is at it."""

    def __init__(self, then: Callable[[], None], *answers: Sequence[Receipt] | BaseException) -> None:
        super().__init__(*answers)
        self.then = then

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        self.then()
        return super().send(batch)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    store = StateStore.open(f"sqlite:///{tmp_path / 'state.db'}")
    yield Bench(store)
    store.close()


def receipt(name: str, outcome: Outcome = "accepted") -> Receipt:
    return Receipt(message_id=a_send(name).message_id, outcome=outcome, reason="", answer="")


def test_what_was_sent_while_the_disk_filled_up_is_sent_once_there_is_room(bench: Bench) -> None:
    bench.ask(a_send("1"), a_send("2", to=BO))
    store = FailingStore(bench.store)
    provider = Meanwhile(lambda: setattr(store, "is_full", True), [receipt("1"), receipt("2", "permanent")])
    delivery = Delivery(store, {"email": provider}, SETTINGS)
    sent_at = bench.clock.now()
    for _ in range(3):
        with pytest.raises(DiskFull):
            delivery.deliver_due(now=bench.clock.now())
        bench.clock.advance(HOUR)
    assert {state for state, _ in bench.states().values()} == {"sending"}
    store.is_full = False
    done = delivery.deliver_due(now=bench.clock.now())
    assert (done.sent, done.failed) == (1, 1)
    assert bench.states() == {"msg_1": ("sent", ""), "msg_2": ("failed", "")}
    assert len(provider.calls) == 1
    assert sorted(bench.trail()[2:]) == ["message_failed", "message_sent"]
    with bench.store.read() as tx:
        [message] = tx.outbox.find([a_send("1").message_id])
    assert message.sent_at == sent_at


def test_nothing_more_is_handed_over_before_the_answers_are_written(bench: Bench) -> None:
    bench.ask(*(a_send(name, topic="transactional") for name in "123"))
    store = FailingStore(bench.store)
    answers = [receipt("1"), receipt("2")], [receipt("3")]
    provider = Meanwhile(lambda: setattr(store, "is_full", True), *answers)
    delivery = Delivery(store, {"email": provider}, SETTINGS)
    for _ in range(3):
        with pytest.raises(DiskFull):
            delivery.deliver_due(now=bench.clock.now())
    assert provider.calls == [["msg_1", "msg_2"]]
    store.is_full = False
    with pytest.raises(DiskFull):  # the first two are written; the disk fills up again at the third
        delivery.deliver_due(now=bench.clock.now())
    store.is_full = False
    assert delivery.write_down().sent == 1
    assert provider.calls == [["msg_1", "msg_2"], ["msg_3"]]
    assert {state for state, _ in bench.states().values()} == {"sent"}


def test_a_round_that_was_broken_off_leaves_unknown_without_a_restart(bench: Bench) -> None:
    bench.ask(a_send())
    provider = Scripted(KeyboardInterrupt())
    delivery = bench.delivery(provider)
    with pytest.raises(KeyboardInterrupt):
        delivery.deliver_due(now=bench.clock.now())
    assert delivery.deliver_due(now=bench.clock.now()).unknown == 1
    assert bench.states() == {"msg_1": ("unknown", "no_receipt")}
    assert len(provider.calls) == 1


def test_what_was_marked_by_a_commit_that_seemed_to_fail_waits_again(bench: Bench) -> None:
    bench.ask(a_send())
    store, provider = FailingStore(bench.store), Scripted([receipt("1")])
    delivery = Delivery(store, {"email": provider}, SETTINGS)
    store.is_cut_off = True
    with pytest.raises(Unavailable):
        delivery.deliver_due(now=bench.clock.now(), share=Share(leases=OURS))
    assert bench.states() == {"msg_1": ("sending", "")}
    store.is_cut_off = False
    assert delivery.deliver_due(now=bench.clock.now(), share=Share(leases=OURS)).put_off == 1
    assert bench.states() == {"msg_1": ("queued", "not_handed_over")}
    bench.clock.advance(HOUR)
    assert delivery.deliver_due(now=bench.clock.now(), share=Share(leases=OURS)).sent == 1
    assert len(provider.calls) == 1


def test_what_another_process_is_sending_by_now_is_not_put_back(bench: Bench) -> None:
    bench.ask(a_send())
    store = FailingStore(bench.store)
    delivery = Delivery(store, {"email": Scripted()}, SETTINGS)
    store.is_full = True
    with pytest.raises(DiskFull):
        delivery.deliver_due(now=bench.clock.now(), share=Share(leases=OURS))
    store.is_full = False
    store.lost = set(OURS.values())

    def try_again() -> None:
        assert delivery.write_down().put_off == 0

    successor = Meanwhile(try_again, [receipt("1")])
    done = bench.delivery(successor).deliver_due(now=bench.clock.now())
    assert (done.sent, bench.states()) == (1, {"msg_1": ("sent", "")})


def test_an_answer_that_was_written_after_all_is_not_written_over_a_later_attempt(bench: Bench) -> None:
    bench.ask(a_send(to=ANNA))
    store = FailingStore(bench.store)
    refused = Meanwhile(lambda: setattr(store, "is_cut_off", True), [receipt("1", "temporary")])
    delivery = Delivery(store, {"email": refused}, SETTINGS)
    with pytest.raises(Unavailable):
        delivery.deliver_due(now=bench.clock.now())
    assert bench.states() == {"msg_1": ("queued", "")}, "it was put off, and the answer to that was lost"
    bench.clock.advance(HOUR)
    store.is_cut_off = False

    def try_again() -> None:
        assert delivery.write_down().put_off == 0

    successor = Meanwhile(try_again, [receipt("1")])
    assert bench.delivery(successor).deliver_due(now=bench.clock.now()).sent == 1


class NotedLeases(SoleLeases):
    """Leases that note whether they are renewed while some of them are in use."""

    def __init__(self) -> None:
        self.busy: list[bool] = []

    def renew(
        self, names: Sequence[str], *, divided: Sequence[str] = (), is_busy: bool = False
    ) -> Mapping[str, Lease]:
        self.busy.append(is_busy)
        return super().renew(names, divided=divided)


def turning_of(bench: Bench, delivery: Delivery, log: Path, holdings: Holdings | None = None) -> Turning:
    """The loops of the bench's workspace; none of them runs."""
    intake = Intake(SqlIntakeLog(open_store(f"sqlite:///{log}", "intake")), new_id=lambda: "never")
    stages = Stages(
        intake=intake,
        state=bench.store,
        events=RememberedEvents(),
        population=MemoryPopulation(),
        segments=Segments(),
        tags=Tags(),
        delivery=delivery,
        clock=bench.clock,
        zone=Zone(),
        seed="s",
    )
    holdings = holdings or Holdings(bench.store.leases)
    processor = Processor(replace(stages, state=UnderstandingState(bench.store, holdings)))
    return Turning("default", stages, processor, holdings, is_rehearsal=False)


@pytest.mark.parametrize("ending", [Turning.turn, Turning.stop])
def test_the_loop_writes_down_what_it_owes_as_soon_as_it_can_and_at_the_latest_as_it_stops(
    bench: Bench, tmp_path: Path, ending: Callable[[Turning], None]
) -> None:
    bench.ask(a_send())
    store = FailingStore(bench.store)
    provider = Meanwhile(lambda: setattr(store, "is_full", True), [receipt("1")])
    turning = turning_of(bench, Delivery(store, {"email": provider}, SETTINGS), tmp_path / "intake.db")
    with pytest.raises(DiskFull):
        turning.turn()
    assert bench.states() == {"msg_1": ("sending", "")}
    store.is_full = False
    ending(turning)
    assert bench.states() == {"msg_1": ("sent", "")}
    assert len(provider.calls) == 1


def test_no_shard_is_given_back_while_its_mail_is_handed_over(bench: Bench, tmp_path: Path) -> None:
    bench.ask(a_send())
    leases = NotedLeases()
    holdings = Holdings(leases)
    provider = Meanwhile(holdings.renew, [receipt("1")])
    turning = turning_of(bench, bench.delivery(provider), tmp_path / "intake.db", holdings)
    turning.turn()
    assert leases.busy == [False, True]
    turning.turn()
    assert leases.busy[2:] == [False], "now it may be"
