"""Who comes in: pure rules from an occurrence to an enrollment, or to the reason why not."""

from collections.abc import Sequence
from datetime import datetime

from perennial.decide.assignment import CONTROL, TREATED, Arm, assign
from perennial.decide.journeys import trail
from perennial.decide.journeys.model import (
    ENTRY,
    Decision,
    Effect,
    Enrollment,
    Entry,
    EventEntry,
    Facts,
    Journey,
    NotAdmitted,
    NotAdmittedReason,
    Occurrence,
    PublishedJourney,
    Question,
    Reentry,
    Step,
    Zones,
)
from perennial.decide.journeys.rules import arrive
from perennial.kernel.conditions.rules import event_matches
from perennial.kernel.ids import EnrollmentId, MessageId, ProfileId, SegmentId, derive_text, profile_text
from perennial.kernel.values import leaves, text_of
from perennial.kernel.windows import Zone

CURRENT_MEMBER = "current"
"""The cause of a made-up `segment_entered` that takes a present member in (`include_current`)."""
_FILLS = ("initial", "definition")
"""Causes of a segment's first fill: what we know changed, not the person."""


def admit(
    published: PublishedJourney,
    occurrence: Occurrence,
    *,
    previous: Sequence[Enrollment],
    now: datetime,
    zones: Zones,
    facts: Facts,
    is_held_out: bool = False,
) -> Step | NotAdmitted | Question:
    """Let a person in, say why not, or ask the entry's condition first.

    `previous` are all of this person's runs through this journey, in the order of entry. The condition
    is asked as of the occurrence; its verdict stands in `facts` under `ENTRY`. An admitted run stands
    at the start node, due at once or at the end of its first wait: `advance` takes it from there. Whoever
    is held out comes in all the same, marked.
    """
    entry = published.journey.entry
    reason = _mismatch(published, occurrence, zones.workspace) or _staleness(published, occurrence, now)
    if reason is not None:
        return NotAdmitted(reason=reason)
    key = key_of(entry, occurrence)
    if key is None:
        return NotAdmitted(reason="no_key")
    reason = _barrier(published, occurrence, key, previous)
    if reason is not None:
        is_recorded = reason != "repeated"
        record = (trail.ignored(published, occurrence, key=key, reason=reason),) if is_recorded else ()
        return NotAdmitted(reason=reason, effects=record)
    if entry.condition is not None:
        if ENTRY not in facts:
            return Question(node=ENTRY, conditions=(entry.condition,), as_of=occurrence.occurred_at)
        if not facts[ENTRY][0]:
            return NotAdmitted(reason="condition")
    return _enroll(published, occurrence, key=key, previous=previous, zones=zones, is_held_out=is_held_out)


def current_member(
    segment: SegmentId, profile_id: ProfileId, published: PublishedJourney, *, at: datetime
) -> Occurrence:
    """The occurrence that takes a present member of the entry's segment in, once per published version."""
    cause = derive_text(
        "cur_", published.journey.journey_id, str(published.version), profile_text(profile_id)
    )
    return Occurrence(
        profile_id=profile_id,
        name="segment_entered",
        kind="perennial",
        occurred_at=at,
        message_id=cause,
        properties={"segment": segment, "cause": CURRENT_MEMBER},
    )


def key_of(entry: Entry, occurrence: Occurrence) -> str | None:
    """The key a person comes in under: the property's first value as text; None if it is missing."""
    if entry.key is None:
        return ""
    found = leaves(occurrence.properties, entry.key)
    return text_of(found[0]) if found else None


def _mismatch(published: PublishedJourney, occurrence: Occurrence, zone: Zone) -> NotAdmittedReason | None:
    on = published.journey.entry.on
    if isinstance(on, EventEntry):
        is_meant = event_matches(
            on.pattern,
            name=occurrence.name,
            kind=occurrence.kind,
            properties=occurrence.properties,
            as_of=occurrence.occurred_at,
            zone=zone,
        )
        return None if is_meant else "no_match"
    if occurrence.name != f"segment_{on.change}" or occurrence.properties.get("segment") != on.segment:
        return "no_match"
    cause = occurrence.properties.get("cause")
    if cause == CURRENT_MEMBER:
        return None if on.include_current else "first_fill"
    if cause in _FILLS:
        return "first_fill"
    return "before_publication" if occurrence.occurred_at <= published.published_at else None


def _staleness(
    published: PublishedJourney, occurrence: Occurrence, now: datetime
) -> NotAdmittedReason | None:
    return "too_old" if now - occurrence.occurred_at > published.journey.entry.max_age else None


def _barrier(
    published: PublishedJourney, occurrence: Occurrence, key: str, previous: Sequence[Enrollment]
) -> NotAdmittedReason | None:
    own_id = _enrollment_id(published.journey, occurrence, key)
    if any(one.enrollment_id == own_id for one in previous):
        return "repeated"
    if any(one.status == "active" and one.key == key for one in previous):
        return "already_enrolled"
    may_return = _may_return(published.journey.reentry, occurrence.occurred_at, key, previous)
    return None if may_return else "reentry"


def _may_return(reentry: Reentry, at: datetime, key: str, previous: Sequence[Enrollment]) -> bool:
    if not previous or reentry == "always":
        return True
    if reentry == "never":
        return False
    if reentry == "per_key":
        return all(one.key != key for one in previous)
    return at >= max(one.entered_at for one in previous) + reentry


def _enrollment_id(journey: Journey, occurrence: Occurrence, key: str) -> EnrollmentId:
    person = profile_text(occurrence.profile_id)
    return EnrollmentId(
        derive_text("enr_", journey.journey_id, person, key, MessageId(occurrence.message_id))
    )


def _enroll(
    published: PublishedJourney,
    occurrence: Occurrence,
    *,
    key: str,
    previous: Sequence[Enrollment],
    zones: Zones,
    is_held_out: bool,
) -> Step:
    journey, at = published.journey, occurrence.occurred_at
    arm, probability = _arm(journey, occurrence.profile_id, previous)
    unplaced = Enrollment(
        enrollment_id=_enrollment_id(journey, occurrence, key),
        journey_id=journey.journey_id,
        version=published.version,
        profile_id=occurrence.profile_id,
        key=key,
        ordinal=len(previous) + 1,
        arm=arm,
        entered_at=at,
        node=journey.start,
        arrived_at=at,
        due_at=at,
        visits={},
        goal_until=None if journey.goal is None else at + journey.goal.within,
    )
    enrollment = arrive(journey, unplaced, journey.start, at, zones=zones)
    effects: list[Effect] = []
    if journey.control is not None:
        effects.append(
            Decision(
                decision_id=derive_text("dec_", enrollment.enrollment_id, ENTRY),
                enrollment_id=enrollment.enrollment_id,
                node=ENTRY,
                arm=arm,
                probability=probability,
                decided_at=at,
                salt=trail.control_salt(journey),
            )
        )
    mark = trail.entered(
        journey,
        enrollment,
        probability=probability,
        trigger=occurrence.message_id,
        is_held_out=is_held_out,
    )
    effects.append(mark)
    return Step(enrollment=enrollment, effects=tuple(effects))


def _arm(journey: Journey, profile_id: ProfileId, previous: Sequence[Enrollment]) -> tuple[Arm, float]:
    """The arm and its probability; whoever had an arm keeps it, also across a merge of two profiles."""
    if journey.control is None:
        return TREATED, 1.0
    shares: dict[Arm, float] = {CONTROL: journey.control, TREATED: 1 - journey.control}
    if previous:
        return previous[0].arm, shares[previous[0].arm]
    assigned = assign(
        profile_text(profile_id), salt=trail.control_salt(journey), weights=tuple(shares.items())
    )
    arm = CONTROL if assigned.arm == CONTROL else TREATED
    return arm, shares[arm]
