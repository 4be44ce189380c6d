"""The use case of support and operators: why a condition holds for a person or does not."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from perennial.collect.events import EventStore
from perennial.compute.definitions.service import LiveDefinitions, vocabulary
from perennial.compute.profiles import Population, Quantity
from perennial.compute.profiles.ports import Cut
from perennial.compute.reasons import LastTold, Reason, tell, why
from perennial.compute.tags.model import Scalar
from perennial.kernel.conditions import (
    LANGUAGES,
    All,
    AnyOf,
    Condition,
    InSegment,
    Moment,
    Not,
    TagIs,
    Test,
    explain,
    parse_condition,
    to_document,
)
from perennial.kernel.conditions.model import ASSIGNING_EVENT, AssignedIs, ConsentIs, Rank, Told, Trait
from perennial.kernel.conditions.moment import Ask
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.events import RowKind
from perennial.kernel.ids import ProfileId, SegmentId, TagId
from perennial.kernel.values import Json, flatten, leaves, path_and_parents
from perennial.runtime.asking import Asking
from perennial.runtime.consequences import Stages
from perennial.runtime.kept import StoredMembers
from perennial.runtime.persons import profile_named
from perennial.runtime.ports import StateTransaction

_CALLS = 200
"""Calls that are read at once while it is looked for what was last told."""
_IDENTIFY: RowKind = "identify"
_CONSENT: RowKind = "consent"
_OURS: RowKind = "perennial"
_HAS_A_VALUE = Test(operator="set", literal=True)


class Reasoning(Asking):
    """A workspace as far as it says why."""

    def why_person(
        self,
        user_id: str,
        *,
        condition: Json = None,
        segment: str | None = None,
        tag: str | None = None,
        as_of: datetime | None = None,
    ) -> Mapping[str, object]:
        """Each part of a condition, a segment or a tag: whether it holds for a person, and what was seen.

        Exactly one of the three is asked about. Raises NobodyKnown, SegmentNotFound, TagNotFound,
        InvalidDocument.
        """
        at = self._at(as_of)
        with self._stages.state.read() as transaction:
            profile_id = profile_named(user_id, transaction)
            asked = self._asked_about(transaction, condition=condition, segment=segment, tag=tag)
            definitions = LiveDefinitions(transaction, at=at, population=self._stages.population)
            found = why(
                asked, profile_id, at=at, definitions=definitions, witnesses=_Stored(self._stages, at)
            )
        return {
            "profile_id": profile_id,
            "as_of": at.as_of,
            "holds": found.holds,
            "reading": {language: tell(found, language, zone=at.zone) for language in LANGUAGES},
            "reason": _shown(found),
        }

    def _asked_about(
        self, transaction: StateTransaction, *, condition: Json, segment: str | None, tag: str | None
    ) -> Condition:
        if sum(one is not None for one in (condition, segment, tag)) != 1:
            message = "Ask about exactly one of a condition, a segment and a tag."
            raise InvalidDocument([Problem(path="$", code="one_of", message=message)])
        if segment is not None:
            self._stages.segments.get(SegmentId(segment), state=transaction)
            return InSegment(segment=segment)
        if tag is not None:
            self._stages.tags.get(TagId(tag), state=transaction)
            return TagIs(tag=tag, test=_HAS_A_VALUE)
        return parse_condition(condition, known=vocabulary(transaction), path="$.condition")


@dataclass(frozen=True, slots=True)
class _Stored:
    """`Witnesses` of one workspace's stores."""

    stages: Stages
    at: Moment

    def verdicts(
        self, conditions: Sequence[Condition], asks: Sequence[Ask], *, at: Moment
    ) -> list[tuple[bool, ...]]:
        return self._population.verdicts(conditions, asks, at=at)

    def numbers_of(
        self, profile_id: ProfileId, wanted: Sequence[Quantity], *, at: Moment
    ) -> Sequence[float | None]:
        return self._population.numbers_of(profile_id, wanted, at=at)

    def cut_of(self, rank: Rank, *, at: Moment) -> Cut:
        return self._population.cut_of(rank, at=at)

    def told_of(
        self, profile_id: ProfileId, wanted: Collection[Told], *, at: Moment
    ) -> Mapping[Told, LastTold]:
        return last_told(self.stages.events, profile_id, wanted, until=at.as_of)

    def kept_of(
        self, profile_id: ProfileId, segments: Collection[SegmentId], *, at: Moment
    ) -> Mapping[SegmentId, datetime]:
        if not segments:
            return {}
        since = StoredMembers(self.stages.state).kept_since([*segments], [profile_id])
        return {segment: entered for (segment, _), entered in since.items() if entered <= at.as_of}

    def stored_of(
        self, profile_id: ProfileId, tags: Collection[TagId], *, at: Moment
    ) -> Mapping[TagId, Scalar]:
        ask, stored = Ask(profile_id=profile_id, as_of=at.as_of), StoredMembers(self.stages.state)
        found = {tag_id: stored.values_by(tag_id, [ask])[0] for tag_id in tags}
        return {tag_id: value for tag_id, value in found.items() if value is not None}

    @property
    def _population(self) -> Population:
        return self.stages.population


def last_told(
    events: EventStore, profile_id: ProfileId, wanted: Collection[Told], *, until: datetime
) -> Mapping[Told, LastTold]:
    """What was last told of each trait, consent or arm: the newest calls that can say it are read first."""
    found: dict[Told, LastTold] = {}
    for kind in (_IDENTIFY, _CONSENT, _OURS):
        event = ASSIGNING_EVENT if kind == _OURS else None
        missing = {one for one in wanted if _said_by(one) == kind}
        cursor: str | None = None
        while missing:
            calls, cursor = events.timeline(
                profile_id, until=until, limit=_CALLS, before=cursor, kind=kind, event=event
            )
            for call in calls:
                said = [one for one in missing if _says(call, one)]
                found |= {one: _told(call, one) for one in said}
                missing.difference_update(said)
            if cursor is None:
                break
    return found


def _said_by(told: Told) -> RowKind:
    match told:
        case Trait():
            return _IDENTIFY
        case ConsentIs():
            return _CONSENT
        case AssignedIs():
            return _OURS


def _says(call: Mapping[str, object], told: Told) -> bool:
    """Whether a call says anything of it: of a trait at its path, be it null, or at a path above it."""
    said = cast("Mapping[str, Json]", call["properties"])  # as sent
    match told:
        case Trait():
            flat = flatten(said, marks_objects=True)
            paths = flat.numbers.keys() | flat.texts.keys() | flat.lists.keys()
            return not paths.isdisjoint(path_and_parents(told.trait))
        case ConsentIs():
            return (said.get("channel"), said.get("topic")) == (told.channel, told.topic)
        case AssignedIs():
            return said.get("journey") == told.journey


def _told(call: Mapping[str, object], told: Told) -> LastTold:
    occurred_at = call["occurred_at"]
    if not isinstance(occurred_at, datetime):
        raise TypeError("a row of the log has an instant")
    path = told.trait if isinstance(told, Trait) else "state" if isinstance(told, ConsentIs) else "arm"
    value = _as_read(leaves(cast("Mapping[str, Json]", call["properties"]), path))
    return LastTold(value=value, told_at=occurred_at, source=str(call["source"]))


def _as_read(found: Sequence[bool | int | float | str]) -> Json:
    """What conditions read at a path: nothing, one value, or the values of a list."""
    if not found:
        return None
    return found[0] if len(found) == 1 else [*found]


def _shown(reason: Reason) -> dict[str, object]:
    condition = reason.condition
    is_group = isinstance(condition, All | AnyOf | Not)
    shown: dict[str, object] = {
        "path": reason.path,
        "holds": reason.holds,
        "form": _form(condition),
        "seen": dict(reason.seen),
        "parts": [_shown(part) for part in reason.parts],
    }
    if reason.value is not None:
        shown["value"] = reason.value
    if not is_group:
        shown["condition"] = to_document(condition)
        shown["sentence"] = {language: explain(condition, language) for language in LANGUAGES}
    return shown


def _form(condition: Condition) -> str:
    """The word a condition's document begins with."""
    return next(iter(to_document(condition)))
