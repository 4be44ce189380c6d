"""What came of an example, beside what its author expected. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from perennial.decide.assignment import CONTROL, TREATED, assign
from perennial.decide.journeys.model import Enrollment, Split
from perennial.decide.journeys.model import Journey as Chart
from perennial.decide.journeys.trail import control_salt, split_salt
from perennial.decide.rehearsals.examples import Example, Expected, WishedMessage
from perennial.decide.rehearsals.model import Fate
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import NodeId, ProfileId, profile_text
from perennial.kernel.values import Json

_MOST_TRIED = 100_000


@dataclass(slots=True)
class Story:
    """What happened to the one person of an example, in order."""

    steps: list[EmittedEvent] = field(default_factory=list[EmittedEvent])
    fates: list[Fate] = field(default_factory=list[Fate])

    def see(self, events: Sequence[EmittedEvent]) -> None:
        """Keep the trail."""
        self.steps += events

    def judge(self, fates: Sequence[Fate]) -> None:
        """Keep what became of messages."""
        self.fates += fates

    def path(self, run: Enrollment) -> list[str]:
        """The nodes a run came to, in order."""
        own = [one for one in self.steps if one.properties.get("enrollment") == run.enrollment_id]
        began = [str(one.properties["node"]) for one in own if one.name == "journey_entered"]
        went = (one.properties.get("next") for one in own if one.name == "journey_step")
        return [*began, *(str(node) for node in went if node is not None)]

    def last_fates(self, run: Enrollment) -> list[Fate]:
        """What became of each of a run's messages in the end, in the order they were asked for."""
        last = {
            one.message.message_id: one
            for one in self.fates
            if one.message.enrollment_id == run.enrollment_id
        }
        return list(last.values())


def person_for(chart: Chart, example: Example) -> ProfileId | None:
    """Somebody whom chance gives the arms that an example is about; None where there is nobody."""
    return next(
        (ProfileId(number) for number in range(1, _MOST_TRIED) if _falls(chart, example, ProfileId(number))),
        None,
    )


def run_of(example: Example, runs: Sequence[Enrollment]) -> Enrollment | None:
    """The run that an example is about; None where nobody came in."""
    meant = [run for run in runs if example.key is None or run.key == example.key]
    return min(meant, key=lambda run: (run.entered_at, run.ordinal), default=None)


def mismatches(expected: Expected, story: Story, run: Enrollment | None) -> list[dict[str, Json]]:
    """Where what came is not what was expected: what, expected, and found."""
    return [
        {"what": what, "expected": wanted, "found": found}
        for what, wanted, found in _compared(expected, story, run)
        if wanted != found
    ]


def shown_fate(fate: Fate) -> dict[str, Json]:
    """A message as the answer shows it."""
    shown: dict[str, Json] = {
        "node": fate.message.node,
        "channel": fate.message.channel,
        "template": fate.message.template_id,
        "topic": fate.message.topic,
        "state": fate.word,
        "at": fate.at.isoformat(),
    }
    return {**shown, "reason": fate.reason} if fate.reason else shown


def _compared(expected: Expected, story: Story, run: Enrollment | None) -> Iterator[tuple[str, Json, Json]]:
    if expected.entered is not None or run is None:
        yield "entered", expected.entered is not False, run is not None
    if run is None:
        return
    if expected.path is not None:
        yield "path", list(expected.path), list(story.path(run))
    if expected.messages is not None:
        yield from _messages(expected.messages, story.last_fates(run))
    if expected.outcome is not None:
        yield "outcome", expected.outcome, run.outcome
    if expected.goal is not None:
        yield "goal", _goal(is_reached=expected.goal), _goal(is_reached=run.goal_at is not None)
    if expected.waiting is not None:
        yield "waiting", expected.waiting, run.node if run.status == "active" else None


def _messages(wished: Sequence[WishedMessage], fates: Sequence[Fate]) -> Iterator[tuple[str, Json, Json]]:
    is_long_enough = len(wished) == len(fates)
    if is_long_enough and all(_is(one, fate) for one, fate in zip(wished, fates, strict=True)):
        return
    found = [shown_fate(one) for one in fates]
    yield "messages", [_shown_wish(one) for one in wished], list[Json](found)


def _is(wish: WishedMessage, fate: Fate) -> bool:
    message = fate.message
    pairs = (
        (wish.node, message.node),
        (wish.channel, message.channel),
        (wish.template, message.template_id),
        (wish.topic, message.topic),
        (wish.state, fate.word),
        (wish.reason, fate.reason),
        (wish.at, fate.at),
    )
    return all(wanted is None or wanted == found for wanted, found in pairs)


def _shown_wish(wish: WishedMessage) -> Json:
    shown: dict[str, Json] = {
        "node": wish.node,
        "channel": wish.channel,
        "template": wish.template,
        "topic": wish.topic,
        "state": wish.state,
        "reason": wish.reason,
        "at": None if wish.at is None else wish.at.isoformat(),
    }
    return {name: value for name, value in shown.items() if value is not None}


def _goal(*, is_reached: bool) -> str:
    return "reached" if is_reached else "missed"


def _falls(chart: Chart, example: Example, person: ProfileId) -> bool:
    unit = profile_text(person)
    if chart.control is not None:
        weights = [(CONTROL, chart.control), (TREATED, 1 - chart.control)]
        if assign(unit, salt=control_salt(chart), weights=weights).arm != example.arm:
            return False
    elif example.arm == CONTROL:
        return False
    return all(_takes(chart, node, arm, unit) for node, arm in example.arms.items())


def _takes(chart: Chart, node: NodeId, arm: str, unit: str) -> bool:
    split = chart.nodes.get(node)
    if not isinstance(split, Split):
        return False
    weights = [(one.arm_id, one.weight) for one in split.arms]
    return assign(unit, salt=split_salt(chart, node), weights=weights).arm == arm
