from dataclasses import replace

import pytest
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

from perennial.decide.journeys import Decision, NotAdmitted, Question, Step, current_member
from perennial.decide.journeys.model import ENTRY
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import ProfileId, SegmentId
from perennial.kernel.values import Json

LAPSED: dict[str, Json] = {"on": {"segment": "lapsed", "change": "entered"}}


def without_key(**changes: Json) -> dict[str, Json]:
    return winback(goal={"event": "order_paid", "for": "3d"}, exit=[{"event": "order_paid"}], **changes)


def reason(outcome: object) -> str:
    assert isinstance(outcome, NotAdmitted)
    return outcome.reason


def test_an_event_takes_a_person_in_at_the_start_waiting_under_their_key() -> None:
    step = try_entry(published())
    assert isinstance(step, Step)
    run = step.enrollment
    assert (run.key, run.node, run.due_at, run.visits) == ("c1", "pause", NOON + DAY, {"pause": 1})
    assert run.goal_until == NOON + 3 * DAY
    [event] = step.effects
    assert isinstance(event, EmittedEvent)
    assert event.name == "journey_entered"
    assert event.properties["node"] == "pause"
    assert event.properties["probability"] == 1.0


def test_the_same_occurrence_gives_the_same_run_and_enters_once() -> None:
    first = enrolled(published())
    assert enrolled(published()) == first
    assert reason(try_entry(published(), previous=(first,))) == "repeated"


def test_events_older_than_max_age_start_nothing_and_the_last_instant_still_does() -> None:
    assert isinstance(try_entry(published(), now=NOON + DAY), Step)
    assert reason(try_entry(published(), now=NOON + DAY + HOUR)) == "too_old"


def test_another_event_and_one_without_the_key_start_nothing() -> None:
    assert reason(try_entry(published(), an_occurrence("page"))) == "no_match"
    assert reason(try_entry(published(), an_occurrence(properties={}))) == "no_key"


def test_an_entry_while_enrolled_under_the_same_key_is_ignored_and_recorded() -> None:
    run = enrolled(published(winback(reentry="always")))
    later = an_occurrence(at=NOON + HOUR)
    outcome = try_entry(published(winback(reentry="always")), later, previous=(run,))
    assert isinstance(outcome, NotAdmitted)
    assert outcome.reason == "already_enrolled"
    [record] = outcome.effects
    assert isinstance(record, EmittedEvent)
    assert record.name == "journey_entry_ignored"


@pytest.mark.parametrize(
    ("reentry", "cart", "days_later", "comes_in"),
    [
        ("never", "c2", 90, False),
        ("per_key", "c1", 90, False),
        ("per_key", "c2", 1, True),
        ("always", "c1", 1, True),
        ({"after": "30d"}, "c2", 29, False),
        ({"after": "30d"}, "c2", 30, True),
    ],
)
def test_reentry_decides_who_may_return(reentry: Json, cart: str, days_later: int, comes_in: bool) -> None:
    journey = published(winback(reentry=reentry))
    ended = replace(enrolled(journey), status="left", due_at=None)
    again = an_occurrence(at=NOON + days_later * DAY, properties={"cart_id": cart})
    outcome = try_entry(journey, again, previous=(ended,))
    assert isinstance(outcome, Step) is comes_in
    if isinstance(outcome, Step):
        assert outcome.enrollment.ordinal == 2
    else:
        assert reason(outcome) == "reentry"


def test_the_entry_condition_is_asked_as_of_the_event_and_its_answer_decides() -> None:
    entry: Json = {"on": {"event": "add_to_cart"}, "key": "cart_id", "if": {"trait": "city", "is": "上海"}}
    journey = published(winback(entry=entry))
    question = try_entry(journey, now=NOON + HOUR)
    assert isinstance(question, Question)
    assert (question.node, question.as_of) == (ENTRY, NOON)
    assert isinstance(try_entry(journey, facts={ENTRY: (True,)}), Step)
    assert reason(try_entry(journey, facts={ENTRY: (False,)})) == "condition"


@pytest.mark.parametrize(
    ("cause", "expected"),
    [("initial", "first_fill"), ("definition", "first_fill"), ("refresh", None), ("event", None)],
)
def test_a_segments_first_fill_starts_nothing_and_a_change_does(cause: str, expected: str | None) -> None:
    journey = published(without_key(entry=LAPSED, reentry="never"))
    change = an_occurrence("segment_entered", {"segment": "lapsed", "cause": cause})
    outcome = try_entry(journey, change)
    assert (reason(outcome) if isinstance(outcome, NotAdmitted) else None) == expected


def test_a_change_of_a_segment_before_publication_starts_nothing() -> None:
    journey = published(without_key(entry=LAPSED, reentry="never"))
    change = an_occurrence("segment_entered", {"segment": "lapsed", "cause": "refresh"}, at=NOON - DAY)
    assert reason(try_entry(journey, change)) == "before_publication"


def test_present_members_come_in_only_where_the_journey_says_so_and_once_per_version() -> None:
    entry: Json = {"on": {"segment": "lapsed", "change": "entered", "include_current": True}}
    for document, comes_in in (
        (without_key(entry=entry, reentry="never"), True),
        (without_key(entry=LAPSED, reentry="never"), False),
    ):
        journey = published(document)
        member = current_member(SegmentId("lapsed"), ANNA, journey, at=journey.published_at)
        assert isinstance(try_entry(journey, member), Step) is comes_in
        assert member == current_member(SegmentId("lapsed"), ANNA, journey, at=journey.published_at)


def test_half_are_control_the_decision_is_logged_first_and_the_arm_stays() -> None:
    journey = published(winback(control="50%"))
    arms = [enrolled(journey, an_occurrence(profile_id=ProfileId(number))).arm for number in range(1, 2001)]
    assert 900 < arms.count("control") < 1100
    step = try_entry(journey)
    assert isinstance(step, Step)
    decision, entered = step.effects
    assert isinstance(decision, Decision)
    assert (decision.arm, decision.probability) == (step.enrollment.arm, 0.5)
    assert isinstance(entered, EmittedEvent)


def test_an_earlier_arm_is_kept_even_where_the_hash_says_otherwise() -> None:
    journey = published(winback(control="50%"))
    first = enrolled(journey)
    other = replace(first, arm="control" if first.arm == "treated" else "treated", status="left")
    again = try_entry(journey, an_occurrence(properties={"cart_id": "c2"}), previous=(other,))
    assert isinstance(again, Step)
    assert again.enrollment.arm == other.arm
