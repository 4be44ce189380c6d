"""What is kept within questions: whoever is on a list is looked up, everything else is asked of the engines.

A list, a frozen and a scheduled segment have the members that are stored, whatever a condition would say by
now; some tags have the values that are stored. `resolve` leaves them in a condition (`InSegment`, `is_kept`;
`TagIs`, `is_stored`); no engine ever sees one. A condition that has one is taken apart: its largest parts
without any are asked of everyone, all in one pass as ever, and what they answer is put together with what is
kept as sets.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import reduce
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from perennial.compute.profiles import EVERYONE, Population, Quantities, Quantity
from perennial.compute.profiles.ports import Cut
from perennial.compute.profiles.ranking import KeptCuts
from perennial.compute.tags.model import Scalar, TagColumn
from perennial.compute.tags.stored import passing, takes_missing, value_passes
from perennial.kernel.conditions.model import (
    Aggregate,
    All,
    AnyOf,
    Condition,
    EventPattern,
    InSegment,
    Not,
    PropertyTest,
    Rank,
    TagIs,
    Test,
)
from perennial.kernel.conditions.moment import Ask, Moment
from perennial.kernel.conditions.walk import parts
from perennial.kernel.ids import ProfileId, SegmentId, TagId
from perennial.kernel.windows import LATEST

Ids = NDArray[np.uint64]
Kept = InSegment | TagIs
"""What is looked up rather than asked."""
_LAST = Aggregate(kind="last_ago")
_NEVER: dict[tuple[SegmentId, ProfileId], datetime] = {}


class KeptMembers(Protocol):
    """What is stored of kept segments, and of tags; each call reads a snapshot of its own."""

    def kept(self, segment_id: SegmentId) -> tuple[Ids, datetime | None]:
        """Who is in it, ascending, and when that last changed."""
        ...

    def kept_since(
        self, segment_ids: Sequence[SegmentId], profile_ids: Sequence[ProfileId]
    ) -> Mapping[tuple[SegmentId, ProfileId], datetime]:
        """Which of these people are in which of them, and since when."""
        ...

    def values(self, tag_id: TagId, instant: datetime) -> TagColumn:
        """Everyone's value of a tag as it was stored by an instant, ascending ids."""
        ...

    def values_by(self, tag_id: TagId, asks: Sequence[Ask]) -> Sequence[Scalar | None]:
        """A value of each ask's person as it was stored by the ask's instant."""
        ...


class WithKeptMembers:
    """A `Population` that knows kept members besides what the engines answer."""

    def __init__(self, population: Population, members: KeptMembers) -> None:
        self._population = population
        self._members = members
        self._cuts = KeptCuts()

    def count(self, condition: Condition, *, at: Moment) -> int:
        """How many people meet the condition, exactly."""
        if not has_kept(condition):
            return self._population.count(condition, at=at)
        return len(self.members([condition], at=at)[0])

    def members(self, conditions: Sequence[Condition], *, at: Moment) -> list[Ids]:
        """Who meets each condition, ascending ids; all are answered in one pass."""
        pieces = _Pieces(conditions, needs_everyone=True)
        answers = self._population.members(pieces.asked, at=at) if pieces.asked else []
        found = dict(zip(pieces.asked, answers, strict=True))
        tags = {TagId(kept.tag) for kept in pieces.kept if isinstance(kept, TagIs)}
        columns = {tag_id: self._members.values(tag_id, at.as_of) for tag_id in tags}
        for kept in pieces.kept:
            if isinstance(kept, TagIs):
                found[kept] = passing(kept, columns[TagId(kept.tag)], found.get(EVERYONE))
            else:
                found[kept] = self._kept_at(SegmentId(kept.segment), at)
        return [_united(condition, found) for condition in conditions]

    def verdicts(
        self, conditions: Sequence[Condition], asks: Sequence[Ask], *, at: Moment
    ) -> list[tuple[bool, ...]]:
        """Each ask's verdict on each condition.

        In a kept segment is who is in it now, and was by the ask's own instant; who was taken off is not.
        """
        pieces = _Pieces(conditions, needs_everyone=False)
        if not pieces.kept:
            return self._population.verdicts(conditions, asks, at=at)
        answers = self._population.verdicts(pieces.asked, asks, at=at) if pieces.asked else [()] * len(asks)
        looked_up = self._looked_up(pieces.kept, asks)
        verdicts: list[tuple[bool, ...]] = []
        for place, answer in enumerate(answers):
            known = dict(zip(pieces.asked, answer, strict=True))
            known.update((one, holding[place]) for one, holding in looked_up.items())
            verdicts.append(tuple(_holds(condition, known) for condition in conditions))
        return verdicts

    def _looked_up(self, kept: Sequence[Kept], asks: Sequence[Ask]) -> Mapping[Condition, Sequence[bool]]:
        """Of each ask whether what is kept says so."""
        found: dict[Condition, Sequence[bool]] = {}
        segments = [one for one in kept if isinstance(one, InSegment)]
        people = sorted({ask.profile_id for ask in asks})
        names = [SegmentId(one.segment) for one in segments]
        since = dict(self._members.kept_since(names, people)) if names else _NEVER
        for one in segments:
            name = SegmentId(one.segment)
            found[one] = [since.get((name, ask.profile_id), LATEST) <= ask.as_of for ask in asks]
        tags = [one for one in kept if isinstance(one, TagIs)]
        stored = {tag: self._members.values_by(TagId(tag), asks) for tag in {one.tag for one in tags}}
        for one in tags:
            found[one] = [value_passes(one.test, value) for value in stored[one.tag]]
        return found

    def promote(self, paths: Sequence[str]) -> None:
        """Make these paths cheap to ask everyone about."""
        self._population.promote(paths)

    def quantities(self, wanted: Sequence[Quantity], *, at: Moment) -> Quantities:
        """The numbers of everyone known by the moment."""
        return self._population.quantities(wanted, at=at)

    def cut(self, rank: Rank, *, at: Moment) -> float | None:
        """The border of a share of everyone, at most an hour old."""
        return self.cut_of(rank, at=at).aged(rank, at.as_of)

    def cut_of(self, rank: Rank, *, at: Moment) -> Cut:
        """The border as it was found, and when, of how many people."""
        return self._cuts.cut(rank, self, at=at)

    def numbers_of(
        self, profile_id: ProfileId, wanted: Sequence[Quantity], *, at: Moment
    ) -> Sequence[float | None]:
        """One person's numbers."""
        return self._population.numbers_of(profile_id, wanted, at=at)

    def _kept_at(self, segment_id: SegmentId, at: Moment) -> Ids:
        """Who was in it at a moment: as it is stored, or, before its last change, by what the log says."""
        members, changed_at = self._members.kept(segment_id)
        if changed_at is None or at.as_of >= changed_at:
            return members
        entered, left = (
            Quantity(aggregate=_LAST, pattern=_told(f"segment_{direction}", segment_id))
            for direction in ("entered", "left")
        )
        found = self._population.quantities([entered, left], at=at)
        came, went = found.values[:, 0], found.values[:, 1]
        # Missing numbers compare as false: who never entered is out, who never left stays in.
        return found.profile_ids[~np.isnan(came) & ~(went <= came)]


def has_kept(condition: Condition) -> bool:
    """Whether a condition asks for kept members or stored values anywhere."""
    return any(_is_kept(part) for part in parts(condition))


def _is_kept(part: Condition) -> bool:
    match part:
        case InSegment():
            return part.is_kept
        case TagIs():
            return part.is_stored
        case _:
            return False


class _Pieces:
    """What to ask the engines, and which kept members to look up, so that conditions can be put together."""

    def __init__(self, conditions: Sequence[Condition], *, needs_everyone: bool) -> None:
        self.asked: list[Condition] = []
        self.kept: list[Kept] = []
        self._needs_everyone = needs_everyone
        self._seen: set[Condition] = set()
        for condition in conditions:
            self._take(condition)

    def _take(self, condition: Condition) -> None:
        if not has_kept(condition):
            self._ask(condition)
            return
        match condition:
            case InSegment() | TagIs():
                self._keep(condition)
            case Not():
                if self._needs_everyone:
                    self._ask(EVERYONE)
                self._take(condition.of)
            case All() | AnyOf():
                for part in _grouped(condition):
                    self._take(part)
            case _:
                raise TypeError(f"{type(condition).__name__} holds no kept members")

    def _keep(self, condition: Kept) -> None:
        if self._needs_everyone and isinstance(condition, TagIs) and takes_missing(condition):
            self._ask(EVERYONE)
        if condition not in self._seen:
            self._seen.add(condition)
            self.kept.append(condition)

    def _ask(self, condition: Condition) -> None:
        if condition not in self._seen:
            self._seen.add(condition)
            self.asked.append(condition)


def _grouped(condition: All | AnyOf) -> Iterator[Condition]:
    """Its parts, those without kept members as one."""
    plain = tuple(part for part in condition.of if not has_kept(part))
    if plain:
        yield plain[0] if len(plain) == 1 else type(condition)(of=plain)
    yield from (part for part in condition.of if has_kept(part))


def _united(condition: Condition, found: Mapping[Condition, Ids]) -> Ids:
    if condition in found:
        return found[condition]
    match condition:
        case Not():
            return np.setdiff1d(found[EVERYONE], _united(condition.of, found), assume_unique=True)
        case All():
            each = sorted((_united(part, found) for part in _grouped(condition)), key=len)
            return reduce(lambda one, other: np.intersect1d(one, other, assume_unique=True), each)
        case AnyOf():
            return reduce(np.union1d, (_united(part, found) for part in _grouped(condition)))
        case _:
            raise TypeError(f"{type(condition).__name__} was not asked")


def _holds(condition: Condition, known: Mapping[Condition, bool]) -> bool:
    if condition in known:
        return known[condition]
    match condition:
        case Not():
            return not _holds(condition.of, known)
        case All():
            return all(_holds(part, known) for part in _grouped(condition))
        case AnyOf():
            return any(_holds(part, known) for part in _grouped(condition))
        case _:
            raise TypeError(f"{type(condition).__name__} was not asked")


def _told(event: str, segment_id: SegmentId) -> EventPattern:
    return EventPattern(
        event=event, where=(PropertyTest(property="segment", test=Test(operator="=", literal=segment_id)),)
    )
