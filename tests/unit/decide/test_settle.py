from collections.abc import Sequence

from tests.unit.decide.journey_builders import DAY, NOON, an_occurrence, enrolled, published, winback

from perennial.decide.journeys import Arrival, Due, NotAdmitted, SendMessage, Step, settle, settle_entries
from perennial.kernel.conditions.model import Condition, Trait
from perennial.kernel.conditions.moment import Ask
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone


class EvenPeopleMeetEverything:
    """Answers every condition by the person's number, and counts its passes."""

    def __init__(self) -> None:
        self.passes: list[tuple[int, int]] = []

    def verdicts(self, conditions: Sequence[Condition], asks: Sequence[Ask]) -> Sequence[tuple[bool, ...]]:
        self.passes.append((len(conditions), len(asks)))
        assert all(isinstance(condition, Trait) for condition in conditions)
        return [tuple(ask.profile_id % 2 == 0 for _ in conditions) for ask in asks]


def test_questions_of_all_runs_are_one_pass_and_each_gets_its_own_answer() -> None:
    journey, ask = published(), EvenPeopleMeetEverything()
    runs = [enrolled(journey, an_occurrence(profile_id=ProfileId(number))) for number in range(1, 7)]
    steps = settle([Due(published=journey, enrollment=run, now=NOON + DAY) for run in runs], ask=ask)
    assert ask.passes == [(1, 6)]
    sent = [next(one for one in step.effects if isinstance(one, SendMessage)).template_id for step in steps]
    assert sent == ["remind", "offer"] * 3
    assert all(step.enrollment.status == "left" and step.question is None for step in steps)


def test_entry_conditions_of_all_arrivals_are_one_pass() -> None:
    entry: Json = {"on": {"event": "add_to_cart"}, "key": "cart_id", "if": {"trait": "city", "is": "上海"}}
    journey, ask = published(winback(entry=entry)), EvenPeopleMeetEverything()
    seen = [an_occurrence(profile_id=ProfileId(number)) for number in range(1, 5)]
    arrivals = [Arrival(published=journey, occurrence=one) for one in (*seen, an_occurrence("page"))]
    outcomes = settle_entries(arrivals, now=NOON, zone=Zone(), ask=ask)
    assert ask.passes == [(1, 4)]
    assert [isinstance(outcome, Step) for outcome in outcomes] == [False, True, False, True, False]
    reasons = [outcome.reason for outcome in outcomes if isinstance(outcome, NotAdmitted)]
    assert reasons == ["condition", "condition", "no_match"]


def test_without_questions_nothing_is_asked() -> None:
    ask = EvenPeopleMeetEverything()
    run = enrolled(published())
    [step] = settle([Due(published=published(), enrollment=run, now=NOON)], ask=ask)
    assert (step.enrollment, ask.passes) == (run, [])
