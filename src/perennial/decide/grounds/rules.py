"""From a run, an arm or an occurrence that was not let in to the rule that decided. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from perennial.decide.assignment import TREATED, Holdout, holdout_salt
from perennial.decide.grounds.model import Ground
from perennial.decide.journeys.clocks import clock_text
from perennial.decide.journeys.model import (
    Enrollment,
    EventEntry,
    EventMatch,
    Journey,
    JourneyState,
    NotAdmitted,
    Occurrence,
    PublishedJourney,
    Reentry,
    Wait,
    WaitClock,
    WaitUntil,
)
from perennial.decide.journeys.trail import control_salt
from perennial.kernel.conditions import explain
from perennial.kernel.conditions.model import EventPattern
from perennial.kernel.conditions.write import comparison_document
from perennial.kernel.ids import ProfileId, bucket, profile_text
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone, format_duration


def refusal(
    published: PublishedJourney, occurrence: Occurrence, refused: NotAdmitted, *, now: datetime
) -> Ground:
    """Why an occurrence let nobody in; `now` is when it was heard of."""
    entry, at, name = published.journey.entry, occurrence.occurred_at, occurrence.name
    match refused.reason:
        case "too_old":
            age = _span(now - at)
            return Ground(rule="too_old", at=at, subject=name, value=age, threshold=_span(entry.max_age))
        case "no_key":
            return Ground(rule="no_key", at=at, subject=name, threshold=entry.key)
        case "no_match":
            asked = pattern_text(entry.on.pattern) if isinstance(entry.on, EventEntry) else ""
            return Ground(rule="no_match", at=at, subject=name, detail=asked)
        case "before_publication":
            since = published.published_at.isoformat()
            return Ground(rule="before_publication", at=at, subject=name, threshold=since)
        case reason:
            return Ground(rule=reason, at=at, subject=name)


def ignored(published: PublishedJourney, *, reason: str, key: str, at: datetime, name: str) -> Ground:
    """Why somebody who met the entry again was not let in again."""
    if reason == "already_enrolled":
        return Ground(rule="already_enrolled", at=at, subject=name, value=key)
    return Ground(
        rule="reentry", at=at, subject=name, value=key, threshold=reentry_text(published.journey.reentry)
    )


def standing(published: PublishedJourney, run: Enrollment, state: JourneyState, *, now: datetime) -> Ground:
    """Why a run is where it is: it waits, it moves on, or it has left."""
    if run.status == "active":
        return _present(published.journey, run, state, now=now)
    at = run.left_at
    if run.status == "quarantined":
        return Ground(rule="left_quarantined", at=at, subject=run.node, value=run.outcome)
    if run.outcome == "ended":
        return Ground(rule="left_ended", at=at, subject=run.node)
    if run.outcome == "exit_rule":
        return Ground(rule="left_exit_rule", at=at, subject=run.node)
    return Ground(rule="left_exit_node", at=at, subject=run.node, value=run.outcome)


def with_exit_rule(ground: Ground, journey: Journey, cause: str) -> Ground:
    """The exit rule that a run's `journey_left` names (`exit_rule:PLACE:EVENT`), beside the ground."""
    parts = cause.split(":")
    place = int(parts[1]) if len(parts) > 1 and parts[1].isdecimal() else 0
    rule = journey.exits[place - 1] if 0 < place <= len(journey.exits) else None
    detail = "" if rule is None else match_text(rule)
    if len(journey.exits) < place <= len(journey.exits) + len(journey.leaving):
        detail = explain(journey.leaving[place - len(journey.exits) - 1], "en")
    return Ground(rule=ground.rule, at=ground.at, subject=ground.subject, value=place or None, detail=detail)


def goal(run: Enrollment, *, now: datetime) -> Ground | None:
    """Where a run's goal stands; None where the journey has none."""
    if run.goal_until is None:
        return None
    until = run.goal_until.isoformat()
    if run.goal_at is not None:
        return Ground(rule="goal_reached", at=run.goal_at, threshold=until)
    return Ground(rule="goal_open" if now <= run.goal_until else "goal_missed", threshold=until)


def arm(journey: Journey, profile_id: ProfileId, runs: Sequence[Enrollment]) -> Ground:
    """Why a person is treated or control."""
    if journey.control is None and not any(run.arm != TREATED for run in runs):
        return Ground(rule="arm_without_control", subject=TREATED)
    place, share = bucket(profile_text(profile_id), salt=control_salt(journey)), journey.control or 0.0
    by_hash = "control" if place < share else TREATED
    has = runs[0].arm if runs else by_hash
    rule = "arm_by_hash" if has == by_hash else "arm_kept"
    return Ground(rule=rule, subject=has, value=place, threshold=share)


def held_out(profile_id: ProfileId, holdout: Holdout | None, *, now: datetime, zone: Zone) -> Ground | None:
    """That a person is in the global holdout of this quarter; None where they are not."""
    if holdout is None:
        return None
    place = bucket(profile_text(profile_id), salt=holdout_salt(now, zone))
    return Ground(rule="held_out", value=place, threshold=holdout.share) if place < holdout.share else None


def reentry_text(reentry: Reentry) -> str:
    """A rule of re-entry as its author writes it."""
    return f"after {format_duration(reentry)}" if isinstance(reentry, timedelta) else reentry


def pattern_text(pattern: EventPattern) -> str:
    """An event and its tests, in short."""
    tests = (f"{it.property} {_said(comparison_document(it.test))}" for it in pattern.where)
    return ", ".join([pattern.event, *tests])


def match_text(match: EventMatch) -> str:
    """An event match, in short."""
    same = "" if match.same is None else f", same {match.same}"
    return pattern_text(match.pattern) + same


def _present(journey: Journey, run: Enrollment, state: JourneyState, *, now: datetime) -> Ground:
    since, node = run.arrived_at.isoformat(), journey.nodes[run.node]
    if state == "paused":
        return Ground(rule="paused", at=run.due_at, subject=run.node, value=since)
    if run.due_at is None or run.due_at <= now:
        return Ground(rule="moving", at=run.due_at, subject=run.node, value=since)
    span = node.kind
    if isinstance(node, Wait):
        span = f"wait {format_duration(node.duration)}"
    if isinstance(node, WaitClock):
        span = f"wait {clock_text(node)}"
    if isinstance(node, WaitUntil):
        span = f"wait_until {match_text(node.match)}, at most {format_duration(node.at_most)}"
    until = run.due_at.isoformat()
    return Ground(rule="waiting", at=run.due_at, subject=run.node, value=since, threshold=until, detail=span)


def _said(document: dict[str, Json]) -> str:
    return " ".join(str(value) for value in document.values())


def _span(span: timedelta) -> str:
    whole = timedelta(seconds=max(int(span.total_seconds()), 1))
    if whole >= timedelta(days=2):
        return f"{whole.days}d"
    return f"{int(whole.total_seconds()) // 3600}h" if whole >= timedelta(hours=2) else format_duration(whole)
