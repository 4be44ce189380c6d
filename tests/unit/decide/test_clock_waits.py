"""Waits until a clock shows a time: whose clock, which days, and days on which clocks are changed."""

from datetime import UTC, datetime, time

import pytest
from tests.unit.decide.journey_builders import DAY, NOON, an_occurrence, published, winback

from perennial.decide.journeys import Step, admit, journey_document, observe, parse_journey
from perennial.decide.journeys.clocks import clock_text, over_at
from perennial.decide.journeys.model import PublishedJourney, WaitClock, Zones
from perennial.kernel.ids import NodeId
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

DONE = NodeId("done")
NEW_YORK, SHANGHAI = Zone(name="America/New_York"), Zone(name="Asia/Shanghai")


def clock(wall: str, *days: int) -> WaitClock:
    return WaitClock(until=time.fromisoformat(wall), days=days, then=DONE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("wait", "arrived", "zone", "over"),
    [
        (clock("09:00"), "2026-03-31 12:00", Zone(), "2026-04-01 09:00"),
        (clock("09:00"), "2026-03-31 08:59", Zone(), "2026-03-31 09:00"),
        # Whoever comes at nine waits for tomorrow's.
        (clock("09:00"), "2026-03-31 09:00", Zone(), "2026-04-01 09:00"),
        # Nine in Shanghai is one in London's winter; it is Wednesday there already.
        (clock("09:00"), "2026-03-31 16:30", SHANGHAI, "2026-04-01 01:00"),
        # 2026-03-31 is a Tuesday.
        (clock("09:00", 0, 3), "2026-03-31 12:00", Zone(), "2026-04-02 09:00"),
        (clock("09:00", 1), "2026-03-31 12:00", Zone(), "2026-04-07 09:00"),
        (clock("09:00", 1), "2026-03-31 08:00", Zone(), "2026-03-31 09:00"),
        # New York's clocks jump from two to three on 8 March: half past two comes as half past three.
        (clock("02:30"), "2026-03-08 05:00", NEW_YORK, "2026-03-08 07:30"),
        (clock("02:30"), "2026-03-08 07:30", NEW_YORK, "2026-03-09 06:30"),
        # On 1 November they show half past one twice: the first counts, the second is passed over.
        (clock("01:30"), "2026-11-01 04:00", NEW_YORK, "2026-11-01 05:30"),
        (clock("01:30"), "2026-11-01 05:45", NEW_YORK, "2026-11-02 06:30"),
        (clock("09:00"), "2026-03-07 20:00", NEW_YORK, "2026-03-08 13:00"),
    ],
)
def test_a_wait_is_over_when_the_clock_next_shows_its_time(
    wait: WaitClock, arrived: str, zone: Zone, over: str
) -> None:
    assert over_at(wait, at(arrived), zone=zone) == at(over)


def waiting(wait: Json, **more: Json) -> PublishedJourney:
    nodes: dict[str, Json] = {
        "pause": {"wait": wait, **more, "then": "done"},
        "done": {"exit": {"outcome": "x"}},
    }
    return published(winback(nodes=nodes))


@pytest.mark.parametrize(
    ("whose", "own", "hour"),
    [("person", SHANGHAI, 1), ("person", None, 13), ("workspace", SHANGHAI, 13)],
)
def test_it_is_the_person_s_own_clock_where_that_is_asked_for_and_known(
    whose: str, own: Zone | None, hour: int
) -> None:
    step = admit(
        waiting({"until": "09:00", "zone": whose}),
        an_occurrence(),
        previous=(),
        now=NOON,
        zones=Zones(workspace=NEW_YORK, person=own),
        facts={},
    )
    assert isinstance(step, Step)
    assert step.enrollment.due_at is not None
    assert step.enrollment.due_at.hour == hour


def test_what_begins_it_anew_makes_it_wait_for_the_next_such_day() -> None:
    journey = waiting({"until": "18:00", "on": ["tue"]}, restart_on={"event": "visit"})
    step = admit(journey, an_occurrence(), previous=(), now=NOON, zones=Zones(), facts={})
    assert isinstance(step, Step)
    first = step.enrollment.due_at
    assert first is not None
    assert first == at("2026-03-31 18:00")
    again = observe(journey, step.enrollment, an_occurrence("visit", at=first), zones=Zones())
    assert again.enrollment.due_at == first + 7 * DAY


@pytest.mark.parametrize(
    "written",
    [
        {"until": "09:00"},
        {"until": "09:00", "zone": "person"},
        {"until": "23:59", "zone": "person", "on": ["mon", "thu"]},
    ],
)
def test_it_is_written_as_it_was_read(written: Json) -> None:
    document = journey_document(waiting(written).journey)
    assert document == journey_document(parse_journey(document))
    nodes = document["nodes"]
    assert isinstance(nodes, dict)
    assert nodes["pause"] == {"wait": written, "then": "done"}


def test_days_are_written_in_the_order_of_the_week_and_once() -> None:
    node = waiting({"until": "09:00", "on": ["thu", "mon", "thu"]}).journey.nodes[NodeId("pause")]
    assert isinstance(node, WaitClock)
    assert (node.days, clock_text(node)) == ((0, 3), "until 09:00 mon thu")
