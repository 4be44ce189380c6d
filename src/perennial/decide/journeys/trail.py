"""The trail of a run: every step as an event under an id derived from the run, so that a replay adds nothing.

Texts: journey, version, enrollment, arm, key, node, edge, next, outcome, cause, reason.
Numbers: visit, probability, ordinal, goal_seconds.
"""

from datetime import datetime

from perennial.decide.journeys.model import (
    Enrollment,
    Journey,
    NotAdmittedReason,
    Occurrence,
    PublishedJourney,
)
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import NodeId, derive_text
from perennial.kernel.values import Json

CONTROL_SALT = "control"
PLAN_EDGE = "plan"
"""How people leave a node when a version is published over theirs."""


def control_salt(journey: Journey) -> str:
    """The salt that divides a journey's people into arms: the journey's own id, never its name or version."""
    return f"{journey.journey_id}:{CONTROL_SALT}"


def split_salt(journey: Journey, node: NodeId) -> str:
    """The salt of one split; independent of the control and of other splits."""
    return f"{journey.journey_id}:split:{node}"


def cause_of(enrollment: Enrollment) -> str:
    """What a run is doing now, as `enrollment:node:visit`: equal on every retry, new on every visit."""
    return f"{enrollment.enrollment_id}:{enrollment.node}:{enrollment.visits[enrollment.node]}"


def entered(
    journey: Journey, enrollment: Enrollment, *, probability: float, trigger: str, is_held_out: bool = False
) -> EmittedEvent:
    """`journey_entered`: who came in, in which arm, with what probability; `node` is where they start.

    Who is in the global holdout is marked, and left out of the journey's read-out.
    """
    properties: dict[str, Json] = {
        **_place(enrollment),
        "key": enrollment.key,
        "node": enrollment.node,
        "ordinal": enrollment.ordinal,
        "probability": probability,
        "cause": trigger,
    }
    if is_held_out:
        properties["holdout"] = True
    if journey.goal is not None:
        properties["goal_seconds"] = journey.goal.within.total_seconds()
    return _event("journey_entered", enrollment, enrollment.entered_at, "entered", properties)


def passed(enrollment: Enrollment, *, edge: str, to: NodeId | None, at: datetime) -> EmittedEvent:
    """`journey_step`: a run leaves a node by an edge; `next` is where it arrives (absent at the end)."""
    properties: dict[str, Json] = {
        **_place(enrollment),
        "node": enrollment.node,
        "edge": edge,
        "visit": enrollment.visits[enrollment.node],
        "cause": cause_of(enrollment),
    }
    if to is not None:
        properties["next"] = to
    suffix = f"{enrollment.node}:{enrollment.visits[enrollment.node]}:step"
    return _event("journey_step", enrollment, at, suffix, properties)


def moved(enrollment: Enrollment, *, to: NodeId, cause: str, at: datetime) -> EmittedEvent:
    """`journey_step` by the edge `plan`: a version was published over the run's, and it goes on in that."""
    properties: dict[str, Json] = {
        **_place(enrollment),
        "node": enrollment.node,
        "edge": PLAN_EDGE,
        "visit": enrollment.visits[enrollment.node],
        "cause": cause,
        "next": to,
    }
    return _event("journey_step", enrollment, at, f"{cause}:moved", properties)


def left(enrollment: Enrollment, *, outcome: str, cause: str, at: datetime) -> EmittedEvent:
    """`journey_left`: a run ended at `node`; `cause` is `exit_node`, or the rule or error that ended it."""
    properties: dict[str, Json] = {
        **_place(enrollment),
        "node": enrollment.node,
        "outcome": outcome,
        "cause": cause,
    }
    return _event("journey_left", enrollment, at, "left", properties)


def reached_goal(enrollment: Enrollment, occurrence: Occurrence) -> EmittedEvent:
    """`journey_goal_reached`: the goal's event happened within its window."""
    properties: dict[str, Json] = {
        **_place(enrollment),
        "key": enrollment.key,
        "cause": occurrence.message_id,
    }
    return _event("journey_goal_reached", enrollment, occurrence.occurred_at, "goal", properties)


def ignored(
    published: PublishedJourney, occurrence: Occurrence, *, key: str, reason: NotAdmittedReason
) -> EmittedEvent:
    """`journey_entry_ignored`: somebody who is in, or may not come again, met the entry rule."""
    journey_id = published.journey.journey_id
    return EmittedEvent(
        name="journey_entry_ignored",
        profile_id=occurrence.profile_id,
        occurred_at=occurrence.occurred_at,
        message_id=derive_text("ign_", journey_id, key, occurrence.message_id),
        properties={
            "journey": journey_id,
            "version": str(published.version),
            "key": key,
            "reason": reason,
            "cause": occurrence.message_id,
        },
    )


def _place(enrollment: Enrollment) -> dict[str, Json]:
    return {
        "journey": enrollment.journey_id,
        "version": str(enrollment.version),
        "enrollment": enrollment.enrollment_id,
        "arm": enrollment.arm,
    }


def _event(
    name: str, enrollment: Enrollment, at: datetime, suffix: str, properties: dict[str, Json]
) -> EmittedEvent:
    return EmittedEvent(
        name=name,
        profile_id=enrollment.profile_id,
        occurred_at=at,
        message_id=f"{enrollment.enrollment_id}:{suffix}",
        properties=properties,
    )
