from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection
from tests.services.state import OpenStore
from tests.unit.decide.journey_builders import (
    ANNA,
    DAY,
    HOUR,
    NOON,
    an_occurrence,
    enrolled,
    published,
    try_entry,
    winback,
)

from perennial.backends.sql.engine import writing
from perennial.backends.sql.journeys import SqlEnrollments, SqlJourneys
from perennial.backends.sql.tables import decisions
from perennial.decide.journeys import (
    Decision,
    Enrollment,
    JourneyEnded,
    JourneyNotFound,
    PublishedJourney,
    Step,
    end,
    get_journey,
    list_journeys,
    observe,
    parse_journey,
    pause,
    publish,
    resume,
)
from perennial.decide.journeys.model import Zones
from perennial.decide.journeys.plans import Leave, Move, Plan, Standing
from perennial.decide.journeys.service import carry_over
from perennial.kernel.ids import EnrollmentId, JourneyId, NodeId, ProfileId

WINBACK = JourneyId("cart_winback")


@pytest.fixture
def connection(open_new: OpenStore) -> Iterator[Connection]:
    with writing(open_new("state")) as open_connection:
        yield open_connection


@pytest.fixture
def shelf(connection: Connection) -> SqlJourneys:
    return SqlJourneys(connection)


@pytest.fixture
def runs(connection: Connection) -> SqlEnrollments:
    return SqlEnrollments(connection)


def live(shelf: SqlJourneys, **changes: str) -> PublishedJourney:
    return publish(shelf, parse_journey(winback(**changes)), now=NOON - DAY)


def a_run(number: int = ANNA, **changes: object) -> Enrollment:
    run = enrolled(published(), an_occurrence(profile_id=ProfileId(number)))
    return replace(run, **changes)


def test_a_published_version_never_changes_and_the_same_document_is_the_same_version(
    shelf: SqlJourneys,
) -> None:
    first = live(shelf)
    assert live(shelf) == first
    second = live(shelf, control="50%")
    assert (first.version, second.version) == (1, 2)
    assert shelf.find(WINBACK) == second
    assert shelf.find(WINBACK, 1) == first
    assert shelf.find(WINBACK, 3) is None
    assert shelf.versions([(WINBACK, 1), (WINBACK, 2), (WINBACK, 9)]) == {
        (WINBACK, 1): first,
        (WINBACK, 2): second,
    }
    assert list(shelf.live()) == [second]


def test_a_paused_journey_takes_nobody_in_and_stays_paused_when_published_over(shelf: SqlJourneys) -> None:
    live(shelf)
    pause(shelf, WINBACK, now=NOON)
    live(shelf, control="50%")
    [status] = list_journeys(shelf)
    assert (status.state, status.version, list(shelf.live())) == ("paused", 2, [])
    resume(shelf, WINBACK, now=NOON)
    assert [one.version for one in shelf.live()] == [2]


def test_an_unknown_journey_is_refused_with_the_nearest_id(shelf: SqlJourneys) -> None:
    live(shelf)
    with pytest.raises(JourneyNotFound) as refused:
        get_journey(shelf, JourneyId("cart_winbak"))
    assert "cart_winback" in refused.value.hint


def test_the_history_of_a_journey_comes_by_pages_with_its_plans(shelf: SqlJourneys) -> None:
    for number in range(1, 5):
        changed = parse_journey(winback(name=f"No. {number}"))
        publish(shelf, changed, now=NOON + number * HOUR, plan={NodeId("pause"): Move(to=NodeId("offer"))})
    newest = shelf.history(WINBACK, limit=2, before=None)
    assert [one.version for one in newest] == [4, 3]
    assert [one.version for one in shelf.history(WINBACK, limit=9, before=3)] == [2, 1]
    assert newest[0].plan == {"pause": {"move": "offer"}}
    assert shelf.history(JourneyId("nowhere"), limit=2, before=None) == []


def test_who_stands_in_earlier_versions_is_counted_by_node_and_read_by_pages(
    shelf: SqlJourneys, runs: SqlEnrollments
) -> None:
    live(shelf)
    first = [a_run(number) for number in range(1, 4)]
    second = [a_run(number, version=2, node=NodeId("offer")) for number in range(4, 6)]
    runs.save([*first, *second, a_run(6, status="left", due_at=None), a_run(7, version=3)])
    assert list(runs.standing_before(WINBACK, 3)) == [
        Standing(version=1, node=NodeId("pause"), people=3),
        Standing(version=2, node=NodeId("offer"), people=2),
    ]
    assert list(runs.standing_before(WINBACK, 1)) == []
    expected = sorted((*first, *second), key=lambda run: run.enrollment_id)
    assert list(runs.active_before(WINBACK, 3, limit=3, after=None)) == expected[:3]
    rest = runs.active_before(WINBACK, 3, limit=3, after=expected[2].enrollment_id)
    assert list(rest) == expected[3:]


def own_clocks(people: Sequence[ProfileId]) -> dict[ProfileId, Zones]:
    return dict.fromkeys(people, Zones())


def test_a_plan_is_carried_out_with_everybody_in_earlier_versions(
    shelf: SqlJourneys, runs: SqlEnrollments
) -> None:
    live(shelf)
    runs.save([a_run(1), a_run(2, node=NodeId("offer")), a_run(3, node=NodeId("remind"))])
    plan: Plan = {NodeId("pause"): Move(to=NodeId("pause")), NodeId("offer"): Leave(outcome="changed")}
    second = publish(shelf, parse_journey(winback(name="Two")), now=NOON + HOUR, plan=plan)
    steps = carry_over(shelf, runs, second, plan, zones=own_clocks)
    assert len(steps) == 2
    assert [one.version for one in runs.active_of(WINBACK, limit=9)].count(2) == 1
    assert [one.node for one in runs.active_before(WINBACK, 2, limit=9, after=None)] == ["remind"]
    assert carry_over(shelf, runs, second, plan, zones=own_clocks) == []


def test_ending_takes_everyone_out_for_good(shelf: SqlJourneys, runs: SqlEnrollments) -> None:
    live(shelf)
    runs.save([a_run(number) for number in range(1, 8)])
    steps = end(shelf, runs, WINBACK, now=NOON + HOUR)
    assert len(steps) == 7
    assert {step.enrollment.outcome for step in steps} == {"ended"}
    assert runs.active_of(WINBACK, limit=10) == []
    with pytest.raises(JourneyEnded):
        resume(shelf, WINBACK, now=NOON)
    with pytest.raises(JourneyEnded):
        live(shelf, control="50%")


def test_a_run_is_read_back_as_it_was_written_and_the_last_write_counts(runs: SqlEnrollments) -> None:
    run = a_run()
    runs.save([run])
    assert runs.find(run.enrollment_id) == run
    left = replace(run, status="left", due_at=None, left_at=NOON, goal_at=NOON, visits={NodeId("pause"): 3})
    runs.save([run, left])
    assert runs.find(run.enrollment_id) == left
    assert runs.find(EnrollmentId("enr_none")) is None


def test_due_runs_come_in_the_order_of_their_time_and_only_of_live_journeys(
    shelf: SqlJourneys, runs: SqlEnrollments
) -> None:
    live(shelf)
    late, early = a_run(1, due_at=NOON + 2 * HOUR), a_run(2, due_at=NOON + HOUR)
    runs.save([late, early, a_run(3, due_at=NOON + DAY), a_run(4, status="left", due_at=None)])
    assert list(runs.due(NOON + 2 * HOUR, limit=10)) == [early, late]
    assert list(runs.due(NOON + 2 * HOUR, limit=1)) == [early]
    assert runs.next_due() == NOON + HOUR
    pause(shelf, WINBACK, now=NOON)
    assert (list(runs.due(NOON + 2 * HOUR, limit=10)), runs.next_due()) == ([], None)


def test_an_event_concerns_active_runs_and_ended_ones_with_an_open_goal(runs: SqlEnrollments) -> None:
    active = a_run(1)
    open_goal = a_run(2, status="left", due_at=None)
    reached = a_run(3, status="left", due_at=None, goal_at=NOON)
    over = a_run(4, status="left", due_at=None, goal_until=NOON)
    runs.save([active, open_goal, reached, over, a_run(5)])
    people = [ProfileId(number) for number in (4, 3, 2, 1)]
    assert list(runs.watching(people, since=NOON + HOUR)) == [active, open_goal]
    assert over in runs.watching(people, since=NOON)


def test_previous_runs_come_in_the_order_of_entry(runs: SqlEnrollments) -> None:
    first = a_run(1, status="left", due_at=None)
    step = try_entry(
        published(), an_occurrence(at=NOON + DAY, properties={"cart_id": "c2"}, profile_id=ProfileId(1))
    )
    assert isinstance(step, Step)
    runs.save([step.enrollment, first])
    found = runs.previous([WINBACK], [ProfileId(1), ProfileId(2)])
    assert found == {(WINBACK, ProfileId(1)): [first, step.enrollment]}


def test_a_decision_stays_as_it_was_first_made(connection: Connection, runs: SqlEnrollments) -> None:
    made = Decision(
        decision_id="dec_1",
        enrollment_id=a_run().enrollment_id,
        node=NodeId("$entry"),
        arm="control",
        probability=0.5,
        decided_at=NOON,
        salt="s",
    )
    runs.record([made])
    runs.record([replace(made, arm="treated")])
    assert [row.arm for row in connection.execute(decisions.select())] == ["control"]


def test_standing_counts_active_runs_per_node(runs: SqlEnrollments) -> None:
    runs.save([a_run(1), a_run(2), a_run(3, node=NodeId("worth")), a_run(4, status="left", due_at=None)])
    assert runs.standing(WINBACK) == {"pause": 2, "worth": 1}


def test_an_event_settles_through_the_store_once(runs: SqlEnrollments) -> None:
    runs.save([a_run()])
    order = an_occurrence("order_paid", at=NOON + timedelta(hours=1))
    for expected in (2, 0):
        [run] = runs.watching([ANNA], since=order.occurred_at) or [runs.find(a_run().enrollment_id)]
        assert run is not None
        step = observe(published(), run, order, zones=Zones())
        runs.save([step.enrollment])
        assert len(step.effects) == expected
