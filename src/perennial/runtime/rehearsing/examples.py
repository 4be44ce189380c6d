"""Running the examples of a journey's file, each on a clock and with a memory of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from perennial.decide.journeys import Journey, PublishedJourney
from perennial.decide.policies import GatePolicy
from perennial.decide.rehearsals import Setting
from perennial.decide.rehearsals.examples import Example
from perennial.decide.rehearsals.outcomes import Story, mismatches, person_for, run_of, shown_fate
from perennial.kernel.conditions.evaluator import PersonHistory
from perennial.kernel.conditions.model import Condition
from perennial.kernel.values import Json
from perennial.kernel.windows import MICROSECOND, Zone
from perennial.runtime.rehearsing.engine import Rehearsal
from perennial.runtime.rehearsing.recalled import Recalled

_LONG_BEFORE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an example meets besides its events: the workspace's policy, calendar and definitions."""

    policy: GatePolicy
    zone: Zone
    resolve: Callable[[Condition, datetime], Condition]
    """Puts tags and segments of a condition in their place."""


def run_examples(
    journey: Journey, examples: Sequence[Example], around: Surroundings
) -> Sequence[Mapping[str, Json]]:
    """What came of each example, and where that is not what was expected."""
    return [_run(journey, one, around) for one in examples]


def _run(journey: Journey, example: Example, around: Surroundings) -> Mapping[str, Json]:
    person = person_for(journey, example)
    if person is None:
        wrong: list[Json] = [{"what": "arm", "expected": example.arm, "found": None}]
        return {"name": example.name, "ok": False, "path": [], "messages": [], "mismatches": wrong}
    story = Story()
    begin = example.start - MICROSECOND
    published = PublishedJourney(journey=journey, version=1, published_at=begin - _LONG_BEFORE)
    setting = Setting(
        journeys=(published,),
        start=begin,
        end=example.until,
        step=MICROSECOND,
        # Whom chance keeps from marketing is not what an example is about.
        policy=replace(around.policy, holdout=None),
        zone=around.zone,
    )
    history = PersonHistory(profile_id=person, events=example.given)
    recalled = Recalled(history, zone=around.zone, resolve=around.resolve, is_reachable=example.is_reachable)
    rehearsal = Rehearsal(setting, recalled, recalled, [story])
    rehearsal.run()
    run = run_of(example, rehearsal.runs.all())
    wrong = list[Json](mismatches(example.expected, story, run))
    return {
        "name": example.name,
        "ok": not wrong,
        "entered": run is not None,
        "path": [] if run is None else list[Json](story.path(run)),
        "messages": [] if run is None else list[Json](shown_fate(one) for one in story.last_fates(run)),
        "outcome": None if run is None or run.status == "active" else run.outcome,
        "goal": None if run is None or run.goal_at is None else run.goal_at.isoformat(),
        "mismatches": wrong,
    }
