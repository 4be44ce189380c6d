"""A rehearsal: journeys run over the past with the same code as live, on a clock of their own.

The clock moves in steps to where something happens next: something came in, a run is due, a message may go.
Of each step everything is asked at once, of many people, and nothing is written but memory.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, cast

from perennial.decide.journeys import Enrollment, Occurrence, PublishedJourney, current_member
from perennial.decide.journeys.model import SegmentEntry
from perennial.decide.policies import Taken
from perennial.decide.rehearsals import (
    Earlier,
    Fate,
    Heard,
    RehearsedGate,
    ScratchRuns,
    ScratchShelf,
    Setting,
    event_of,
)
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Ask
from perennial.kernel.events import ANY_EVENT, EmittedEvent
from perennial.kernel.ids import ProfileId, SegmentId, derive_text, profile_text
from perennial.kernel.windows import MICROSECOND, Zone
from perennial.runtime.consequences import occurrence_of
from perennial.runtime.journey_turn import JourneyTurn, TurnEffects, names_listened_to
from perennial.runtime.rehearsing.ports import Facts, Past

DUE_RUNS = 20_000
SEGMENT_STEP = timedelta(days=1)
"""How often a segment that did not exist in the past is counted over it."""
_TELL_EVERY = 1_000


class Witness(Protocol):
    """Whoever is told what a rehearsal brings about."""

    def see(self, events: Sequence[EmittedEvent]) -> None:
        """Events of the trail."""
        ...

    def judge(self, fates: Sequence[Fate]) -> None:
        """What became of messages."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who follows a rehearsal, and may stop it."""

    advance: Callable[[int], None]
    """Hears how many events were taken so far."""
    is_cancelled: Callable[[], bool]


UNWATCHED = Watch(advance=lambda _: None, is_cancelled=lambda: False)


@dataclass(frozen=True, slots=True)
class _Known:
    """`Verdicts` by what was known at an instant."""

    facts: Facts
    known_by: datetime

    def verdicts(self, conditions: Sequence[Condition], asks: Sequence[Ask]) -> Sequence[tuple[bool, ...]]:
        return self.facts.verdicts(conditions, asks, known_by=self.known_by)

    def zones(self, profile_ids: Sequence[ProfileId]) -> Mapping[ProfileId, Zone]:
        return self.facts.zones(profile_ids, known_by=self.known_by)


@dataclass(slots=True)
class _Members:
    """Who was in the segments that journeys begin with, followed in steps."""

    facts: Facts
    segments: Sequence[SegmentId]
    next_at: datetime
    now: dict[SegmentId, frozenset[ProfileId]] = field(default_factory=dict[SegmentId, frozenset[ProfileId]])

    def changes(self, at: datetime) -> Iterator[Occurrence]:
        """Who came and went since the last look."""
        for segment in self.segments:
            before, after = self.now.get(segment), self.facts.members(segment, at=at)
            self.now[segment] = after
            if before is not None:
                yield from (_changed(segment, one, "entered", at) for one in sorted(after - before))
                yield from (_changed(segment, one, "left", at) for one in sorted(before - after))
        self.next_at = at + SEGMENT_STEP


class Rehearsal:
    """One run over a span of the past."""

    def __init__(
        self,
        setting: Setting,
        past: Past,
        facts: Facts,
        witnesses: Sequence[Witness],
        watch: Watch = UNWATCHED,
    ) -> None:
        self.runs = ScratchRuns()
        self._setting = setting
        self._facts = facts
        self._witnesses = witnesses
        self._watch = watch
        self._shelf = ScratchShelf(setting.journeys)
        self._own = [one.journey.journey_id for one in setting.journeys]
        since = setting.start - setting.policy.longest_look_back
        earlier = _by_person(past.sent(since=since, end=setting.end, besides=self._own))
        self.gate = RehearsedGate(setting.policy, zone=setting.zone, earlier=earlier)
        self._names = _names(setting.journeys)
        self._members = _Members(facts, sorted(setting.followed), setting.start)
        heard = past.heard(self._names, start=setting.start, end=setting.end, besides=self._own)
        self._heard = _Ahead(one for one in heard if not self._is_followed(one.occurrence))
        self._before = setting.start - MICROSECOND
        self._received: dict[str, datetime] = {}
        """When each event of the present step became known."""
        self.taken = 0

    def run(self) -> bool:
        """Go through the span; whether it came to its end."""
        self._begin()
        while (now := self._next()) is not None:
            if self._watch.is_cancelled():
                return False
            self._step(now)
        return True

    def _begin(self) -> None:
        """Members of the beginning were members before: only who asks for them takes them in."""
        start = self._setting.start
        if not self._members.segments:
            return
        list(self._members.changes(start))
        present = [
            current_member(on.segment, person, one, at=start)
            for one in self._setting.journeys
            if isinstance(on := one.journey.entry.on, SegmentEntry) and on.include_current
            for person in sorted(self._members.now.get(on.segment, ()))
        ]
        self._turn(present, start)
        self._settle(start)
        self._before = start

    def _next(self) -> datetime | None:
        """The end of the step in which something happens next; None where nothing does before the end."""
        members = self._members.next_at if self._members.segments else None
        moments = (self._heard.next_at(), self.runs.next_due(), self.gate.next_due(), members)
        first = min((one for one in moments if one is not None), default=None)
        setting = self._setting
        if first is None or first > setting.end:
            return None
        steps = -((setting.start - max(first, self._before + MICROSECOND)) // setting.step)
        return min(setting.start + steps * setting.step, setting.end)

    def _step(self, now: datetime) -> None:
        came_in = list(self._heard.upto(now))
        self._tell(len(came_in))
        heard = [one.occurrence for one in came_in]
        # A step may be hours long: how old an event was when it came in, is told by when that was.
        self._received = {one.occurrence.message_id: one.received_at for one in came_in}
        if self._members.segments and self._members.next_at <= now:
            heard += self._members.changes(now)
        self._turn(heard, now)
        self._settle(now)
        self._before = now

    def _turn(self, occurrences: Sequence[Occurrence], now: datetime) -> None:
        """Let journeys see what happened and what is due, then what that brought about, until it is quiet."""
        due = self.runs.due(now, limit=DUE_RUNS)
        while occurrences or due:
            effects = self._turned(occurrences, due, now)
            occurrences = [occurrence_of(one) for one in effects.events if self._hears(one.name)]
            self._received |= {one.message_id: one.occurred_at for one in occurrences}
            due = self.runs.due(now, limit=DUE_RUNS)

    def _turned(
        self, occurrences: Sequence[Occurrence], due: Sequence[Enrollment], now: datetime
    ) -> TurnEffects:
        turn = JourneyTurn(
            shelf=self._shelf,
            enrollments=self.runs,
            verdicts=_Known(self._facts, now),
            holdout=self._setting.policy.holdout,
            zone=self._setting.zone,
            now=now,
            heard=self._received,
        )
        effects = turn.run(occurrences, due=due, is_drained=True)
        self.runs.save(effects.runs)
        self.gate.ask(effects.sends, since=self._before, now=now)
        for witness in self._witnesses:
            witness.see(effects.events)
        return effects

    def _settle(self, now: datetime) -> None:
        """Put to the gate what has come to its time; journeys may listen to what came of it."""
        while wishes := self.gate.wishes(now):
            fates = self.gate.judge(now, self._facts.reach(wishes, known_by=now))
            for witness in self._witnesses:
                witness.judge(fates)
            told = [event_of(fate) for fate in fates]
            self._turn([occurrence_of(one) for one in told if self._hears(one.name)], now)

    def _hears(self, name: str) -> bool:
        return name in self._names or ANY_EVENT in self._names

    def _is_followed(self, occurrence: Occurrence) -> bool:
        """Whether it is about a segment that is counted anew here."""
        if not occurrence.name.startswith("segment_"):
            return False
        return occurrence.properties.get("segment") in self._setting.followed

    def _tell(self, more: int) -> None:
        before, self.taken = self.taken, self.taken + more
        if before // _TELL_EVERY != self.taken // _TELL_EVERY:
            self._watch.advance(self.taken)


class _Ahead:
    """What is heard, with a look at the next."""

    def __init__(self, heard: Iterator[Heard]) -> None:
        self._heard = heard
        self._next = next(heard, None)

    def next_at(self) -> datetime | None:
        return None if self._next is None else self._next.received_at

    def upto(self, now: datetime) -> Iterator[Heard]:
        while self._next is not None and self._next.received_at <= now:
            yield self._next
            self._next = next(self._heard, None)


def _names(journeys: Sequence[PublishedJourney]) -> frozenset[str]:
    """The names of events that journeys listen to; `*` where to everything."""
    heard = names_listened_to(ScratchShelf(journeys))
    # What contains every name cannot list them.
    return frozenset(cast("Collection[str]", heard) if isinstance(heard, Collection) else [ANY_EVENT])


def _by_person(sent: Iterable[tuple[ProfileId, Taken]]) -> Earlier:
    taken = defaultdict[ProfileId, tuple[Taken, ...]](tuple)
    for person, one in sent:
        taken[person] += (one,)
    return Earlier(taken=taken)


def _changed(segment: SegmentId, person: ProfileId, change: str, at: datetime) -> Occurrence:
    cause = derive_text("reh_", segment, profile_text(person), change, at.isoformat())
    return Occurrence(
        profile_id=person,
        name=f"segment_{change}",
        kind="perennial",
        occurred_at=at,
        message_id=cause,
        properties={"segment": segment, "cause": "refresh"},
    )
