"""Publishing over a live journey: what becomes of everybody who stands in it, node by node. Pure.

A plan is written as `{"pause": "stay", "offer": {"move": "remind"}, "opened": {"exit": "changed"}}`; `"*"`
speaks for every node that is not named, and the text `stay` alone is the plan that leaves everybody where
they are, on the version they entered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from perennial.decide.journeys import trail
from perennial.decide.journeys.grammar import IDENTIFIER
from perennial.decide.journeys.model import (
    Enrollment,
    Journey,
    Node,
    PublishedJourney,
    Step,
    WaitClock,
    Waiting,
    Zones,
)
from perennial.decide.journeys.rules import arrive, due_after
from perennial.kernel.errors import InvalidDocument, Problem, Refused, nearest
from perennial.kernel.ids import NodeId
from perennial.kernel.values import Json

EVERYWHERE = NodeId("*")
STAY = "stay"
_PLAN = "$.plan"


class PlanNeeded(Refused):
    """People stand in the journey, and it is not said what becomes of them."""

    code = "plan_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Walk on through the version they entered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Go on at a node of the new version; at the same node the wait goes on from when it began."""

    to: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """End here, under this outcome."""

    outcome: str


Fate = Stay | Move | Leave
Plan = Mapping[NodeId, Fate]
"""What becomes of whoever stands at a node of an earlier version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """So many people stand at a node of a version."""

    version: int
    node: NodeId
    people: int


def read_plan(document: Json, draft: Journey) -> Plan:
    """A plan as it is written, for a version to come. Raises InvalidDocument with every mistake."""
    if document == STAY:
        return {EVERYWHERE: Stay()}
    if not isinstance(document, Mapping):
        message = "A plan says of each node what becomes of the people who stand there."
        hint = 'Write {"NODE": "stay"}, {"NODE": {"move": "NODE"}} or {"NODE": {"exit": "OUTCOME"}}.'
        raise InvalidDocument([Problem(path=_PLAN, code="bad_plan", message=message, hint=hint)])
    found: dict[NodeId, Fate] = {}
    problems: list[Problem] = []
    for node, written in document.items():
        fate = _read_fate(written, f"{_PLAN}.{node}", draft)
        if isinstance(fate, Problem):
            problems.append(fate)
        else:
            found[NodeId(node)] = fate
    if problems:
        raise InvalidDocument(problems)
    return found


def written_plan(plan: Plan) -> dict[str, Json]:
    """A plan as `read_plan` reads it."""
    return {node: _written(fate) for node, fate in plan.items()}


def fate_of(plan: Plan, node: NodeId) -> Fate | None:
    """What becomes of whoever stands at a node; None where the plan does not say."""
    return plan.get(node, plan.get(EVERYWHERE))


def check_covered(plan: Plan, standing: Sequence[Standing]) -> None:
    """Raise PlanNeeded unless a plan says of everybody what becomes of them."""
    open_ones = [one for one in standing if fate_of(plan, one.node) is None]
    if not open_ones:
        return
    heads: dict[NodeId, int] = {}
    for one in open_ones:
        heads[one.node] = heads.get(one.node, 0) + one.people
    places = ", ".join(f"{people:,} at {node!r}" for node, people in heads.items())
    raise PlanNeeded(
        f"{sum(heads.values()):,} people are in this journey now: {places}. Say what becomes of them.",
        hint="`--plan stay` leaves them on their version; `perennial journey plan FILE` shows the choices.",
        path=_PLAN,
    )


def suggested(node: NodeId, before: Journey | None, draft: Journey) -> Fate:
    """What a plan begins with: at a node that is still there people go on, elsewhere they stay."""
    old = None if before is None else before.nodes.get(node)
    new = draft.nodes.get(node)
    return Move(to=node) if new is not None and old is not None and old.kind == new.kind else Stay()


def carry(
    run: Enrollment, fate: Fate, before: Node | None, published: PublishedJourney, *, zones: Zones
) -> Step:
    """What becomes of an active run, which stands at node `before`, when a version is published over its own.

    Its arm stays, and the goal of the new version counts from the run's own entry. Everything happens at
    publication.
    """
    at = max(published.published_at, run.arrived_at)
    cause = f"plan:{published.version}"
    match fate:
        case Stay():
            return Step(enrollment=run)
        case Leave(outcome=outcome):
            gone = replace(run, status="left", due_at=None, outcome=outcome, left_at=at)
            told = trail.left(run, outcome=outcome, cause=cause, at=at)
            return Step(enrollment=gone, effects=(told,))
        case Move(to=to):
            goal = published.journey.goal
            until = None if goal is None else run.entered_at + goal.within
            there = replace(run, version=published.version, goal_until=until)
            node = published.journey.nodes[to]
            if to == run.node and before is not None and before.kind == node.kind:
                moved = replace(there, due_at=_kept(run, before, node, zones))
            else:
                moved = arrive(published.journey, there, to, at, zones=zones)
            return Step(enrollment=moved, effects=(trail.moved(run, to=to, cause=cause, at=at),))
        case _:
            assert_never(fate)


def _kept(run: Enrollment, before: Node, after: Node, zones: Zones) -> datetime | None:
    """When a wait that goes on is over: as much later or sooner as it is longer or shorter now.

    A span that began anew goes on from there; by a clock it is as if it had said so from the arrival.
    """
    if run.due_at is None or not isinstance(before, Waiting) or not isinstance(after, Waiting):
        return run.due_at
    over, was = (due_after(node, run.arrived_at, zones) for node in (after, before))
    by_clock = isinstance(before, WaitClock) or isinstance(after, WaitClock)
    return over if by_clock else run.due_at + (over - was)


def _read_fate(written: Json, path: str, draft: Journey) -> Fate | Problem:
    if written == STAY:
        return Stay()
    if isinstance(written, Mapping) and len(written) == 1:
        (verb, what), *_ = written.items()
        if verb == "move" and isinstance(what, str):
            return _move(what, f"{path}.move", draft)
        if verb == "exit" and isinstance(what, str) and IDENTIFIER.fullmatch(what):
            return Leave(outcome=what)
    message = "This says nothing of what becomes of the people who stand there."
    hint = 'Write "stay", {"move": "NODE"} or {"exit": "OUTCOME"}.'
    return Problem(path=path, code="bad_plan", message=message, hint=hint)


def _move(node: str, path: str, draft: Journey) -> Fate | Problem:
    if NodeId(node) in draft.nodes:
        return Move(to=NodeId(node))
    message = f"The new version has no node {node!r}."
    return Problem(path=path, code="unknown_node", message=message, hint=nearest(node, draft.nodes))


def _written(fate: Fate) -> Json:
    match fate:
        case Stay():
            return STAY
        case Move(to=to):
            return {"move": to}
        case Leave(outcome=outcome):
            return {"exit": outcome}
        case _:
            assert_never(fate)
