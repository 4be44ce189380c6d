"""Judgement on a journey that could be published: what is allowed and probably not meant. Pure."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from perennial.decide.journeys.model import EXITS, Branch, EventEntry, Journey, Send, Wait, WaitUntil
from perennial.decide.journeys.rules import edges_of
from perennial.decide.journeys.words import conditions_in
from perennial.decide.policies import TRANSACTIONAL
from perennial.kernel.conditions.model import Condition, Did, EventPattern, Not
from perennial.kernel.conditions.walk import parts, patterns_in
from perennial.kernel.errors import Problem, nearest
from perennial.kernel.events import ANY_EVENT, is_reserved
from perennial.kernel.ids import NodeId, TemplateId
from perennial.kernel.windows import format_duration

LEAST_CONTROL = 100
"""Fewer controls a month than these show no effect of a size that journeys have."""
MONTH = timedelta(days=30)
_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a workspace knows that a journey can be judged by."""

    events: Collection[str]
    """Names of events that were ever sent."""
    entries_a_month: int | None = None
    """How often in the last 30 days what starts the journey happened; None where that is not known."""
    topics: Collection[str] = ()
    """Those the policy names; empty where it names none."""
    locales: Mapping[TemplateId, frozenset[str]] = field(default_factory=dict[TemplateId, frozenset[str]])
    """The languages that templates have wordings for, beside the one for everyone."""


def lint(journey: Journey, around: Surroundings) -> list[Problem]:
    """Warnings, each with its path, its code and a hint; what is plainly wrong is refused elsewhere."""
    rules: tuple[Callable[[Journey, Surroundings], Iterator[Problem]], ...] = (
        _unseen_events,
        _implied_goal,
        _unmeasured,
        _small_control,
        _dead_arms,
        _late_sends,
        _outliving_waits,
        _topics,
        _locales,
    )
    return [problem for rule in rules for problem in rule(journey, around)]


def _unseen_events(journey: Journey, around: Surroundings) -> Iterator[Problem]:
    told: set[str] = set()
    for path, name in _named_events(journey):
        is_known = name in around.events or name == ANY_EVENT or is_reserved(name)
        if is_known or name in told:
            continue
        told.add(name)
        message = f"The event {name!r} was never sent."
        yield _warning(path, "event_never_seen", message, nearest(name, around.events))


def _implied_goal(journey: Journey, around: Surroundings) -> Iterator[Problem]:
    """What everybody who comes in does, or has just done, says nothing about the journey."""
    goal, on = journey.goal, journey.entry.on
    if goal is None:
        return
    entry = on.pattern if isinstance(on, EventEntry) else None
    wanted = goal.match.pattern
    is_same = entry is not None and entry.event == wanted.event and _tests(wanted) <= _tests(entry)
    # The next one, whatever its key, is a second time: a goal as good as any.
    if is_same and goal.match.same is not None:
        message = f"The goal is the event that lets people in: {goal.match.pattern.event!r}."
        hint = "Take what only somebody whom the journey moved does, or what comes after it."
        yield _warning("$.goal", "goal_implied", message, hint)
        return
    condition = journey.entry.condition
    if condition is not None and goal.match.pattern.event in _demanded(condition):
        message = f"Whoever comes in has done {wanted.event!r}: the entry's condition asks for it."
        yield _warning("$.goal", "goal_implied", message, "See that the goal is not met without the journey.")


def _unmeasured(journey: Journey, around: Surroundings) -> Iterator[Problem]:
    sends = any(isinstance(node, Send) for node in journey.nodes.values())
    if sends and journey.goal is None:
        message = "The journey has no goal, so nobody will know whether it helps."
        yield _warning("$", "no_goal", message, "Add a `goal`.")
    elif sends and journey.control is None:
        message = "The journey has no control, so its effect cannot be measured."
        yield _warning("$.control", "no_control", message, 'Add `control: "10%"`.')


def _small_control(journey: Journey, around: Surroundings) -> Iterator[Problem]:
    if journey.control is None or around.entries_a_month is None:
        return
    month = around.entries_a_month * journey.control
    if month < LEAST_CONTROL:
        message = (
            f"About {month:.0f} people a month would be control: too few to show an effect "
            f"({around.entries_a_month} entries in the last 30 days)."
        )
        hint = "A larger share shows it sooner; `perennial journey backtest` says how many are needed."
        yield _warning("$.control", "control_too_small", message, hint)


def _dead_arms(journey: Journey, around: Surroundings) -> Iterator[Problem]:
    """An arm behind one that asks the same is never taken, nor what only it leads to."""
    for node_id, node in journey.nodes.items():
        if not isinstance(node, Branch):
            continue
        seen: set[str] = set()
        for place, arm in enumerate(node.arms):
            path = f"$.nodes.{node_id}.branch[{place}]"
            if repr(arm.condition) in seen:
                message = "An arm before this one asks the same, so nobody ever comes here."
                yield _warning(path, "arm_never_taken", message, "Remove it, or ask something else.")
            seen.add(repr(arm.condition))
        ways = {arm.then for arm in node.arms} | {node.otherwise}
        if len(ways) == 1:
            message = f"Every way out of {node_id!r} leads to {node.otherwise!r}."
            yield _warning(f"$.nodes.{node_id}", "branch_without_effect", message, "Leave the branch out.")


def _late_sends(journey: Journey, around: Surroundings) -> Iterator[Problem]:
    """A message that can only come when the goal no longer counts."""
    if journey.goal is None:
        return
    for node_id, waited in _shortest_waits(journey).items():
        if isinstance(journey.nodes[node_id], Send) and waited >= journey.goal.within:
            window = format_duration(journey.goal.within)
            message = (
                f"The message of {node_id!r} comes {format_duration(waited)} after entry at the earliest; "
                f"the goal counts for {window}."
            )
            hint = "Let the goal count for longer, or write earlier."
            yield _warning(f"$.nodes.{node_id}", "send_after_goal", message, hint)


def _outliving_waits(journey: Journey, around: Surroundings) -> Iterator[Problem]:
    """A wait behind a message that is over before the wait is, though the same is said again behind."""
    for node_id, node in journey.nodes.items():
        if not isinstance(node, Send) or node.expires is None:
            continue
        after = journey.nodes[node.then]
        if isinstance(after, Wait) and after.duration > node.expires and _repeats(journey, after.then, node):
            message = (
                f"{node.then!r} waits {format_duration(after.duration)} after the message of {node_id!r}, "
                f"which is only good for {format_duration(node.expires)}; and then says the same again."
            )
            hint = "Wait no longer than what was offered holds, or let it hold longer."
            yield _warning(f"$.nodes.{node.then}.wait", "wait_outlives_offer", message, hint)


def _topics(journey: Journey, around: Surroundings) -> Iterator[Problem]:
    for node_id, node in journey.nodes.items():
        if not isinstance(node, Send):
            continue
        path = f"$.nodes.{node_id}.send.topic"
        if node.topic == TRANSACTIONAL:
            message = f"The message of {node_id!r} asks for no consent, and no cap holds for it."
            hint = "Only for what people need, such as a receipt; name a topic otherwise."
            yield _warning(path, "no_consent_topic", message, hint)
        elif around.topics and node.topic not in around.topics:
            message = f"The policy names no topic {node.topic!r}, so nobody can choose it."
            yield _warning(path, "unknown_topic", message, nearest(node.topic, around.topics))


def _locales(journey: Journey, around: Surroundings) -> Iterator[Problem]:
    """Of several templates one that lacks a language which another has."""
    used = {node_id: node for node_id, node in journey.nodes.items() if isinstance(node, Send)}
    spoken = frozenset[str]().union(*(around.locales.get(one.template, ()) for one in used.values()))
    for node_id, node in used.items():
        missing = sorted(spoken - around.locales.get(node.template, frozenset()))
        if missing:
            message = f"The template {node.template!r} has no wording in {', '.join(missing)}; others have."
            hint = "Add it under `locales`: its readers get the wording for everyone."
            yield _warning(f"$.nodes.{node_id}.send.template", "missing_locale", message, hint)


def _named_events(journey: Journey) -> Iterator[tuple[str, str]]:
    on = journey.entry.on
    if isinstance(on, EventEntry):
        yield "$.entry.on.event", on.pattern.event
    if journey.goal is not None:
        yield "$.goal.event", journey.goal.match.pattern.event
    yield from ((f"$.exit[{place}].event", rule.pattern.event) for place, rule in enumerate(journey.exits))
    for node_id, node in journey.nodes.items():
        if isinstance(node, WaitUntil):
            yield f"$.nodes.{node_id}.wait_until.event", node.match.pattern.event
    for place, condition in conditions_in(journey):
        for pattern in patterns_in(condition):
            yield _path_of(place), pattern.event


def _path_of(place: str) -> str:
    """The path of a condition's place: `entry`, an exit rule, or `NODE.i` for an arm of a branch."""
    if place == "entry":
        return "$.entry.if"
    node, _, arm = place.rpartition(".")
    if node == EXITS:
        return "$.exit"
    return f"$.nodes.{node}.branch[{arm}].if"


def _tests(pattern: EventPattern) -> set[str]:
    return {repr(test) for test in pattern.where}


def _demanded(condition: Condition) -> set[str]:
    """Events that a condition asks to have happened, outside of `not`."""
    excluded = {id(inner) for part in parts(condition) if isinstance(part, Not) for inner in parts(part)}
    return {
        part.pattern.event for part in parts(condition) if isinstance(part, Did) and id(part) not in excluded
    }


def _shortest_waits(journey: Journey) -> Mapping[NodeId, timedelta]:
    """How long after entry a run comes to each node at the earliest."""
    found: dict[NodeId, timedelta] = {}
    waiting = [(journey.start, _NOTHING)]
    while waiting:
        node_id, waited = waiting.pop()
        if node_id in found and found[node_id] <= waited:
            continue
        found[node_id] = waited
        node = journey.nodes[node_id]
        spent = node.duration if isinstance(node, Wait) else _NOTHING
        spent = node.at_most if isinstance(node, WaitUntil) else spent
        waiting += [(target, waited + spent) for _, target in edges_of(node)]
    return found


def _repeats(journey: Journey, start: NodeId, said: Send) -> bool:
    """Whether a message with the same template follows."""
    seen: set[NodeId] = set()
    waiting = [start]
    while waiting:
        node_id = waiting.pop()
        node = journey.nodes[node_id]
        if isinstance(node, Send) and node.template == said.template:
            return True
        if node_id not in seen:
            seen.add(node_id)
            waiting += [target for _, target in edges_of(node)]
    return False


def _warning(path: str, code: str, message: str, hint: str) -> Problem:
    return Problem(path=path, code=code, message=message, hint=hint)
