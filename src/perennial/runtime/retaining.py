"""The use cases of a workspace about events it keeps for so long and no longer."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import structlog

from perennial.collect.retention import (
    Cutoffs,
    Overreach,
    PastEvents,
    Removal,
    RetentionRules,
    cutoffs,
    parse_retention,
)
from perennial.collect.screening import Declaration
from perennial.compute.definitions.reach import Reach, reach_of, tag_reach
from perennial.compute.segments.parse import parse_segment
from perennial.compute.tags.parse import parse_tag
from perennial.decide.journeys.words import conditions_in
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.events import ANY_EVENT
from perennial.runtime.documents import with_lines
from perennial.runtime.ports import StateTransaction
from perennial.runtime.schema import Knowing, NothingDeclared
from perennial.runtime.shown import Page, Shown, read_position

_log = structlog.get_logger(__name__)

LOOK_EVERY = timedelta(minutes=1)
"""How often it is looked whether a day began."""
_DAY = timedelta(days=1)
_KIND = "retention"


class Retaining(Knowing):
    """A workspace as far as it lets go of events that are past their period."""

    _past: PastEvents

    def validate_retention(self, text: str) -> Sequence[Problem]:
        """Every mistake in rules of retention."""
        try:
            with_lines(text, _KIND, parse_retention)
        except InvalidDocument as error:
            return error.problems
        return ()

    def publish_retention(self, text: str) -> Shown:
        """Make rules of retention the live ones: what is past by them goes with the next removal."""
        document = with_lines(text, _KIND, lambda found: parse_retention(found).document)
        return self._publish(_KIND, document)

    def show_retention(self) -> Shown:
        """The live rules of retention. Raises NothingDeclared."""
        return self._live(_KIND)

    def preview_retention(self) -> Mapping[str, object]:
        """What would be removed now, and which definitions look further back than events are kept.

        Raises NothingDeclared.
        """
        now = self._now()
        with self._stages.state.read() as transaction:
            rules, live = self._rules(transaction)
            overreaching = [asdict(one) for one in self._overreaching(transaction, rules, now)]
        found = cutoffs(rules, now=now, zone=self.zone)
        counts = self._past.count(found)
        return {
            "version": live.version,
            "cutoffs": _shown_cutoffs(found),
            "events": counts,
            "total": sum(counts.values()),
            "overreaching": overreaching,
        }

    def run_retention(self) -> Mapping[str, object]:
        """Remove what is past now. Broken off, it is ended before the next one. Raises NothingDeclared."""
        return self._shown_removal(self._remove(self._now()))

    def list_removals(self, *, limit: int = 100, after: str | None = None) -> Page:
        """What was removed, newest first."""
        before = None if after is None else read_position(after)
        with self._stages.state.read() as transaction:
            found = transaction.removals.list(limit=limit + 1, before=before)
        page = found[:limit]
        following = str(page[-1].number) if len(found) > limit else None
        return Page([self._shown_removal(one) for one in page], following)

    def remove_daily(self) -> bool:
        """Remove what is past, where nothing was removed yet today by the live rules; whether it was."""
        now = self._now()
        with self._stages.state.read() as transaction:
            live, last = transaction.declarations.latest(_KIND), transaction.removals.latest()
        if live is None or (last is not None and not self._is_due(last, live.version, now)):
            return False
        self._remove(now)
        return True

    def _is_due(self, last: Removal, version: int, now: datetime) -> bool:
        day = now.astimezone(self.zone.rules).date()
        is_of_today = last.started_at.astimezone(self.zone.rules).date() == day
        return not is_of_today or last.version != version or last.finished_at is None

    def _remove(self, now: datetime) -> Removal:
        with self._stages.state.read() as transaction:
            rules, live = self._rules(transaction)
            last = transaction.removals.latest()
        if last is not None and last.finished_at is None:
            self._end(last)  # what it counted would else be counted again
        found = cutoffs(rules, now=now, zone=self.zone)
        counts = _noted(self._past.count(found), rules)
        with self._stages.state.begin() as transaction:
            removal = transaction.removals.begin(version=live.version, cutoffs=found, removed=counts, now=now)
        return self._end(removal)

    def _end(self, removal: Removal) -> Removal:
        self._past.remove(removal.cutoffs)
        finished = replace(removal, finished_at=self._now())
        with self._stages.state.begin() as transaction:
            transaction.removals.finish(finished)
        _log.info("past_events_removed", version=removal.version, events=sum(removal.removed.values()))
        return finished

    def _rules(self, transaction: StateTransaction) -> tuple[RetentionRules, Declaration]:
        live = transaction.declarations.latest(_KIND)
        if live is None:
            raise NothingDeclared(hint="`perennial retention publish FILE` declares periods.")
        return parse_retention(live.document), live

    def _overreaching(
        self, transaction: StateTransaction, rules: RetentionRules, now: datetime
    ) -> Iterator[Overreach]:
        for kind, name, reaches in self._definitions(transaction, now):
            for event, span in dict.fromkeys(reaches):
                kept = _kept_days(rules, event)
                if kept is not None and (span is None or span > kept * _DAY):
                    asks = None if span is None else span / _DAY
                    yield Overreach(kind=kind, id=name, event=event, asks_days=asks, kept_days=kept)

    def _definitions(
        self, transaction: StateTransaction, now: datetime
    ) -> Iterator[tuple[str, str, Iterator[Reach]]]:
        for one in transaction.segments.definitions.live():
            condition = parse_segment(one.document).condition
            yield "segment", one.id, reach_of([condition], now=now, zone=self.zone)
        for one in transaction.tags.definitions.live():
            yield "tag", one.id, tag_reach(parse_tag(one.document).recipe, now=now, zone=self.zone)
        for one in transaction.journeys.live():
            conditions = (condition for _, condition in conditions_in(one.journey))
            yield "journey", one.journey.journey_id, reach_of(conditions, now=now, zone=self.zone)

    def _shown_removal(self, removal: Removal) -> Shown:
        return {
            "number": removal.number,
            "version": removal.version,
            "started_at": removal.started_at,
            "finished_at": removal.finished_at,
            "cutoffs": _shown_cutoffs(removal.cutoffs),
            "removed": dict(removal.removed),
            "total": sum(removal.removed.values()),
        }


def _noted(counts: Mapping[str, int], rules: RetentionRules) -> Mapping[str, int]:
    """What is kept of counts: those of names that the rules have; all others are one number.

    Other names are clients' texts, which may be about a person, and an erasure would not find them here.
    """
    noted = Counter[str]()
    for name, events in counts.items():
        noted[name if name in rules.events else ANY_EVENT] += events
    return dict(sorted(noted.items()))


def _kept_days(rules: RetentionRules, event: str) -> int | None:
    """For how long what a condition asks about is kept; of any event, for how long all of them are."""
    if event != ANY_EVENT:
        return rules.days_of(event)
    return min((one for one in (rules.default, *rules.events.values()) if one is not None), default=None)


def _shown_cutoffs(found: Cutoffs) -> dict[str, str | None]:
    """Before when events of each name are past; `*` stands for those that are not named."""
    named = {"*": found.default, **found.events}
    return {name: None if one is None else one.isoformat() for name, one in named.items()}
