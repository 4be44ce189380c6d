"""How a run moves: pure rules from where it stands, the instant and the answers to a step.

At one instant the order is exit, goal, event, timer: `observe` settles the first two, the caller offers
events before it advances runs that are due at that same instant.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from perennial.decide.assignment import CONTROL, Assignment, assign
from perennial.decide.journeys import trail
from perennial.decide.journeys.clocks import over_at
from perennial.decide.journeys.model import (
    EXITS,
    MAX_STEPS,
    Branch,
    Decision,
    Effect,
    Enrollment,
    EventMatch,
    Exit,
    Facts,
    Join,
    Journey,
    Node,
    Occurrence,
    PublishedJourney,
    Question,
    Send,
    SendMessage,
    Split,
    Step,
    Wait,
    WaitClock,
    Waiting,
    WaitUntil,
    Zones,
)
from perennial.kernel.conditions.rules import event_matches
from perennial.kernel.ids import MessageId, NodeId, derive_text, profile_text
from perennial.kernel.values import leaves, text_of
from perennial.kernel.windows import Zone

TOO_MANY_STEPS = "too_many_steps"
EXIT_RULE = "exit_rule"
ENDED = "ended"
QUARANTINED = "quarantined"
MESSAGE_EVENTS = "message_"
"""How the names of what becomes of messages begin."""


@dataclass(slots=True)
class _Walk:
    """A run in motion: where it stands, and what its steps brought about so far."""

    journey: Journey
    enrollment: Enrollment
    zones: Zones
    effects: list[Effect] = field(default_factory=list[Effect])

    def follow(self, edge: str, to: NodeId, at: datetime) -> None:
        """Pass the current node by an edge and arrive at the next."""
        self.effects.append(trail.passed(self.enrollment, edge=edge, to=to, at=at))
        self.enrollment = arrive(self.journey, self.enrollment, to, at, zones=self.zones)

    def leave(self, *, outcome: str, cause: str, at: datetime) -> None:
        """End the run where it stands."""
        self.effects.append(trail.left(self.enrollment, outcome=outcome, cause=cause, at=at))
        self.enrollment = replace(self.enrollment, status="left", due_at=None, outcome=outcome, left_at=at)

    def step(self, question: Question | None = None) -> Step:
        """What came of it."""
        return Step(enrollment=self.enrollment, effects=tuple(self.effects), question=question)


def advance(
    published: PublishedJourney, enrollment: Enrollment, *, now: datetime, facts: Facts, zones: Zones
) -> Step:
    """Walk a run on until it waits, ends, or stands at a branch whose conditions are not in `facts`.

    Everything on the way happens at `now`; a caller that works through timers late passes each one's
    due time. A step with a question is asked (as of `now`) and offered again with the answer.
    Asking twice with the same input gives the same step; a run that is not due does not move.
    """
    walk = _Walk(published.journey, enrollment, zones)
    for _ in range(MAX_STEPS):
        current = walk.enrollment
        if current.status != "active" or (current.due_at is not None and current.due_at > now):
            return walk.step()
        leaving = published.journey.leaving
        if leaving and EXITS not in facts:
            return walk.step(Question(node=EXITS, conditions=leaving, as_of=now))
        if leaving and any(facts[EXITS]):
            place = len(published.journey.exits) + facts[EXITS].index(True) + 1
            walk.leave(outcome=EXIT_RULE, cause=f"{EXIT_RULE}:{place}", at=max(now, current.arrived_at))
            return walk.step()
        node = published.journey.nodes[current.node]
        if isinstance(node, Branch) and current.node not in facts:
            conditions = tuple(arm.condition for arm in node.arms)
            return walk.step(Question(node=current.node, conditions=conditions, as_of=now))
        _pass(walk, node, now=now, facts=facts)
    return quarantine(enrollment, TOO_MANY_STEPS, at=now)


def observe(
    published: PublishedJourney, enrollment: Enrollment, occurrence: Occurrence, *, zones: Zones
) -> Step:
    """Let a run see an event of its person: it may end the run, and it may be its goal, in that order.

    Only events after entry (by `occurred_at`) are seen. An event that arrives late still ends the run,
    though what was already passed stays passed. The goal counts once, until its window's last instant,
    also after the run has ended.
    """
    walk = _Walk(published.journey, enrollment, zones)
    if occurrence.occurred_at <= enrollment.entered_at:
        return walk.step()
    zone = zones.workspace
    rule = _exit_rule(published.journey, enrollment, occurrence, zone)
    if enrollment.status == "active" and rule is not None:
        at = max(occurrence.occurred_at, enrollment.arrived_at)
        walk.leave(outcome=EXIT_RULE, cause=f"{EXIT_RULE}:{rule}:{occurrence.message_id}", at=at)
    if _is_goal(published.journey, enrollment, occurrence, zone):
        walk.effects.append(trail.reached_goal(enrollment, occurrence))
        walk.enrollment = replace(walk.enrollment, goal_at=occurrence.occurred_at)
    if walk.enrollment.status == "active":
        _hear(walk, occurrence, zone)
    return walk.step()


def _hear(walk: _Walk, occurrence: Occurrence, zone: Zone) -> None:
    """Let a waiting run go on, or wait anew, at an event after its arrival and before its time is up."""
    run, node = walk.enrollment, walk.journey.nodes[walk.enrollment.node]
    at = occurrence.occurred_at
    if not isinstance(node, Waiting) or at <= run.arrived_at:
        return
    if run.due_at is not None and at > run.due_at:
        return
    if isinstance(node, WaitUntil) and _matches(node.match, run, occurrence, zone, walk.journey):
        walk.follow("then", node.then, at)
    elif node.restart_on is not None and _matches(node.restart_on, run, occurrence, zone, walk.journey):
        walk.enrollment = replace(run, due_at=due_after(node, at, walk.zones))


def end_run(published: PublishedJourney, enrollment: Enrollment, *, at: datetime) -> Step:
    """Take an active run out because an operator ended its journey."""
    walk = _Walk(published.journey, enrollment, Zones())
    if enrollment.status == "active":
        walk.leave(outcome=ENDED, cause=ENDED, at=max(at, enrollment.arrived_at))
    return walk.step()


def quarantine(enrollment: Enrollment, error: str, *, at: datetime) -> Step:
    """Set a run aside where it stood, with its error; others go on. Its goal still counts."""
    effects = (trail.left(enrollment, outcome=QUARANTINED, cause=error, at=at),)
    aside = replace(enrollment, status="quarantined", due_at=None, outcome=error, left_at=at)
    return Step(enrollment=aside, effects=effects)


def arrive(
    journey: Journey, enrollment: Enrollment, node_id: NodeId, at: datetime, *, zones: Zones
) -> Enrollment:
    """Put a run at a node: one more visit there, due at once or when the wait is over."""
    node = journey.nodes[node_id]
    # In the order of the last visits: which message was sent last is read from it.
    others = {one: count for one, count in enrollment.visits.items() if one != node_id}
    visits = {**others, node_id: enrollment.visits.get(node_id, 0) + 1}
    due_at = due_after(node, at, zones) if isinstance(node, Waiting) else at
    return replace(enrollment, node=node_id, arrived_at=at, due_at=due_at, visits=visits)


def due_after(node: Waiting, at: datetime, zones: Zones) -> datetime:
    """When a wait that begins at an instant is over, unless something ends it sooner."""
    match node:
        case Wait():
            return at + node.duration
        case WaitClock():
            return over_at(node, at, zone=zones.of(node.clock))
        case WaitUntil():
            return at + node.at_most
        case _:
            assert_never(node)


def edges_of(node: Node) -> Iterator[tuple[str, NodeId]]:
    """Every way out of a node: its name and where it leads. A branch has `if_1`, `if_2` … and `else`."""
    match node:
        case Wait() | WaitClock() | Send() | Join():
            yield "then", node.then
        case WaitUntil():
            yield "then", node.then
            yield "on_timeout", node.on_timeout
        case Branch():
            yield from ((f"if_{place}", arm.then) for place, arm in enumerate(node.arms, start=1))
            yield "else", node.otherwise
        case Split():
            yield from ((arm.arm_id, arm.then) for arm in node.arms)
        case Exit():
            return
        case _:
            assert_never(node)


def _pass(walk: _Walk, node: Node, *, now: datetime, facts: Facts) -> None:
    match node:
        case Wait() | WaitClock() | Join():
            walk.follow("then", node.then, now)
        case WaitUntil():
            walk.follow("on_timeout", node.on_timeout, now)
        case Branch():
            verdicts = (*facts[walk.enrollment.node], True)  # the last way out, `else`, always holds
            ways = zip(edges_of(node), verdicts, strict=True)
            edge, to = next(way for way, holds in ways if holds)
            walk.follow(edge, to, now)
        case Split():
            _divide(walk, node, now)
        case Send():
            walk.effects.append(_message(walk.enrollment, node, now))
            walk.follow("then", node.then, now)
        case Exit():
            walk.effects.append(trail.passed(walk.enrollment, edge="exit", to=None, at=now))
            walk.leave(outcome=node.outcome, cause="exit_node", at=now)
        case _:
            assert_never(node)


def _divide(walk: _Walk, node: Split, now: datetime) -> None:
    enrollment = walk.enrollment
    assigned = assign(
        profile_text(enrollment.profile_id),
        salt=trail.split_salt(walk.journey, enrollment.node),
        weights=[(arm.arm_id, arm.weight) for arm in node.arms],
    )
    walk.effects.append(_decision(enrollment, assigned, now))
    to = next(arm.then for arm in node.arms if arm.arm_id == assigned.arm)
    walk.follow(assigned.arm, to, now)


def _decision(enrollment: Enrollment, assigned: Assignment, now: datetime) -> Decision:
    return Decision(
        decision_id=derive_text("dec_", trail.cause_of(enrollment)),
        enrollment_id=enrollment.enrollment_id,
        node=enrollment.node,
        arm=assigned.arm,
        probability=assigned.probability,
        decided_at=now,
        salt=assigned.salt,
    )


def _message(enrollment: Enrollment, node: Send, now: datetime) -> SendMessage:
    cause = trail.cause_of(enrollment)
    return SendMessage(
        message_id=MessageId(derive_text("msg_", cause, node.channel)),
        cause=cause,
        enrollment_id=enrollment.enrollment_id,
        journey_id=enrollment.journey_id,
        version=enrollment.version,
        node=enrollment.node,
        arm=enrollment.arm,
        profile_id=enrollment.profile_id,
        channel=node.channel,
        template_id=node.template,
        topic=node.topic,
        priority=node.priority,
        value=node.value,
        at=node.at,
        created_at=now,
        expires_at=None if node.expires is None else now + node.expires,
        over_cap=node.over_cap,
        withheld=enrollment.arm == CONTROL,
    )


def _exit_rule(journey: Journey, enrollment: Enrollment, occurrence: Occurrence, zone: Zone) -> int | None:
    """The place (from 1) of the first exit rule an event meets; None where it meets none."""
    places = enumerate(journey.exits, start=1)
    return next(
        (place for place, rule in places if _matches(rule, enrollment, occurrence, zone, journey)), None
    )


def _is_goal(journey: Journey, enrollment: Enrollment, occurrence: Occurrence, zone: Zone) -> bool:
    if journey.goal is None or enrollment.goal_at is not None or enrollment.goal_until is None:
        return False
    is_in_time = occurrence.occurred_at <= enrollment.goal_until
    return is_in_time and _matches(journey.goal.match, enrollment, occurrence, zone, journey)


def _matches(
    match: EventMatch, enrollment: Enrollment, occurrence: Occurrence, zone: Zone, journey: Journey
) -> bool:
    if match.pattern.event.startswith(MESSAGE_EVENTS) and not _is_of_message(
        match, enrollment, occurrence, journey
    ):
        return False
    if match.same is not None:
        found = leaves(occurrence.properties, match.same)
        if enrollment.key not in [text_of(leaf) for leaf in found]:
            return False
    return event_matches(
        match.pattern,
        name=occurrence.name,
        kind=occurrence.kind,
        properties=occurrence.properties,
        as_of=occurrence.occurred_at,
        zone=zone,
    )


def _is_of_message(
    match: EventMatch, enrollment: Enrollment, occurrence: Occurrence, journey: Journey
) -> bool:
    """Whether an event is about a message of this run: that of a node, or the last one it sent."""
    if occurrence.properties.get("enrollment") != enrollment.enrollment_id:
        return False
    sent = [node for node in enrollment.visits if isinstance(journey.nodes.get(node), Send)]
    wanted = match.message or (sent[-1] if sent else None)
    return occurrence.properties.get("node") == wanted
