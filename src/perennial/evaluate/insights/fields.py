"""Reading the fields of a specification: each mistake is noted with its path, and reading goes on."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from perennial.evaluate.insights.model import (
    COUNTS,
    Breakdown,
    BreakdownBy,
    Count,
    CountKind,
    FromTo,
    Last,
    LastUnit,
    Range,
)
from perennial.kernel.conditions import (
    Condition,
    EventPattern,
    PropertyTest,
    Vocabulary,
    parse_condition,
    parse_event_pattern,
)
from perennial.kernel.conditions.problems import Problems
from perennial.kernel.conditions.spans import read_moment, read_span
from perennial.kernel.errors import InvalidDocument, nearest
from perennial.kernel.events import ANY_EVENT
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

_Word = TypeVar("_Word", bound=str)
_Part = TypeVar("_Part")
_LAST = re.compile(r"([1-9][0-9]{0,3})(h|d|w|mo|y)")
_UNITS: Mapping[str, LastUnit] = {"h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year"}
_COUNT = re.compile(r"([a-z0-9_]+)(?:\((.+)\))?", re.DOTALL)
_WITHOUT_PROPERTY = ("total", "people", "per_person_avg")
WEEK_DAYS = ("monday", "sunday", "saturday")
_WEEK_STARTS = {"monday": 0, "sunday": 6, "saturday": 5}
ANYTHING = EventPattern(event=ANY_EVENT)


@dataclass(slots=True, kw_only=True)
class Fields:
    """The fields of one object of a specification, and the mistakes of the whole."""

    document: Mapping[str, Json]
    path: str
    problems: Problems
    known: Vocabulary
    where: tuple[PropertyTest, ...] = field(default=())
    """Tests that every event of the specification has to pass besides its own."""

    def has(self, key: str) -> bool:
        """Whether a field is given."""
        return self.document.get(key) is not None

    def at(self, key: str) -> str:
        """The path of a field."""
        return f"{self.path}.{key}"

    def wrong(self, key: str, code: str, message: str, hint: str = "") -> None:
        """Note a mistake in a field."""
        self.problems.add(self.at(key), code, message, hint)

    def missing(self, key: str, hint: str) -> None:
        """Note that a field is not there."""
        self.problems.add(self.at(key), "missing_key", f"{key!r} is missing.", hint)

    def word(self, key: str, words: Sequence[_Word], default: _Word) -> _Word:
        """One of a few words."""
        if not self.has(key):
            return default
        said = self.document[key]
        for word in words:
            if word == said:
                return word
        self.wrong(key, "unknown_word", f"{said!r} is not known here.", nearest(str(said), words))
        return default

    def whole(self, key: str, default: int, *, least: int = 1, most: int = 1_000_000) -> int:
        """A whole number within limits."""
        if not self.has(key):
            return default
        number = self.document[key]
        if isinstance(number, int) and not isinstance(number, bool) and least <= number <= most:
            return number
        self.wrong(key, "bad_number", f"`{key}` is a whole number from {least} to {most}, not {number!r}.")
        return default

    def number(self, key: str, default: float, *, least: float, most: float) -> float:
        """A number within limits."""
        if not self.has(key):
            return default
        number = self.problems.number(self.document[key], self.at(key), what=f"`{key}`")
        if number is None or least <= number <= most:
            return default if number is None else number
        self.wrong(key, "bad_number", f"`{key}` is a number from {least:g} to {most:g}, not {number:g}.")
        return default

    def truth(self, key: str, *, default: bool) -> bool:
        """Yes or no."""
        value = self.document.get(key, default)
        if isinstance(value, bool):
            return value
        self.wrong(key, "wrong_type", f"`{key}` is true or false, not {value!r}.")
        return default

    def text(self, key: str, default: str | None = None) -> str | None:
        """A name."""
        if not self.has(key):
            return default
        return self.problems.name(self.document[key], self.at(key), what=f"`{key}`")

    def span(self, key: str, default: timedelta) -> timedelta:
        """A duration."""
        if not self.has(key):
            return default
        return read_span(self.document[key], self.at(key), self.problems, what=f"`{key}`") or default

    def pattern(self, key: str, default: EventPattern | None = None) -> EventPattern:
        """An event under a key; without a default it has to be there."""
        if not self.has(key):
            if default is None:
                self.missing(key, f'Name an event: "{key}": "order_paid"; \'*\' is any activity.')
            return self.narrowed(default or ANYTHING)
        return self.event(self.document[key], self.at(key))

    def event(self, document: Json, path: str) -> EventPattern:
        """An event, narrowed by what all events have to pass."""
        found = self._attempt(lambda: parse_event_pattern(document, path=path))
        return self.narrowed(found or ANYTHING)

    def narrowed(self, pattern: EventPattern) -> EventPattern:
        """The event with the shared tests."""
        return EventPattern(event=pattern.event, where=(*pattern.where, *self.where))

    def events(self, key: str, *, default: tuple[EventPattern, ...] = ()) -> tuple[EventPattern, ...]:
        """A list of events."""
        if not self.has(key) and default:
            return tuple(self.narrowed(one) for one in default)
        return tuple(self.event(one, path) for one, path in self.items(key, what="the list of events"))

    def items(self, key: str, *, what: str) -> Sequence[tuple[Json, str]]:
        """The elements of a list that is not empty, each with its path."""
        if not self.has(key):
            self.missing(key, f"Add {what}.")
            return ()
        listed = self.problems.sequence(self.document[key], self.at(key), what=f"`{key}`") or ()
        return [(one, f"{self.at(key)}[{place}]") for place, one in enumerate(listed)]

    def objects(self, key: str, keys: Sequence[str], *, what: str) -> "Sequence[Fields]":
        """The objects of a list, each to be read in its turn."""
        read = [self.inner(one, path, keys, what=what) for one, path in self.items(key, what=what)]
        return [one for one in read if one is not None]

    def inner(self, document: Json, path: str, keys: Sequence[str], *, what: str) -> "Fields | None":
        """An object inside this one."""
        found = self.problems.mapping(document, path, what=what.capitalize())
        if found is None:
            return None
        self.problems.unknown_keys(found, keys, path)
        return Fields(document=found, path=path, problems=self.problems, known=self.known, where=self.where)

    def condition(self, key: str) -> Condition | None:
        """Any condition, or a segment by its id."""
        if not self.has(key):
            return None
        document = self.document[key]
        asked: Json = {"segment": document} if isinstance(document, str) else document
        return self._attempt(lambda: parse_condition(asked, path=self.at(key), known=self.known))

    def count(self, key: str, default: Count, allowed: Sequence[CountKind] = COUNTS) -> Count:
        """What is counted: `total`, `people`, `sum(amount)` …"""
        if not self.has(key):
            return default
        said = self.document[key]
        found = _COUNT.fullmatch(said) if isinstance(said, str) else None
        kind: CountKind | None = next((kind for kind in allowed if found and kind == found[1]), None)
        if found is None or kind is None:
            self.wrong(key, "unknown_count", f"{said!r} counts nothing here.", nearest(str(said), allowed))
            return default
        if kind in _WITHOUT_PROPERTY:
            if found[2] is not None:
                self.wrong(key, "no_property", f"{kind!r} takes no property.", f"Write {kind!r}.")
            return Count(kind=kind)
        if found[2] is None:
            self.wrong(key, "no_property", f"{kind!r} of what?", f"Name a property: '{kind}(amount)'.")
            return default
        return Count(kind=kind, property=found[2])

    def range(self, key: str, default: Range | None) -> Range:
        """A range: `{"last": "30d"}`, or from and to."""
        fallback = default or Last(count=30, unit="day")
        if not self.has(key):
            if default is None:
                self.missing(key, 'Add for example "range": {"last": "30d"}.')
            return fallback
        found = self.inner(self.document[key], self.at(key), ("last", "from", "to"), what="a range")
        if found is None:
            return fallback
        return found.last() if found.has("last") else found.from_to(fallback)

    def last(self) -> Range:
        """So many units up to now."""
        said = self.document["last"]
        found = _LAST.fullmatch(said) if isinstance(said, str) else None
        if found is None:
            hint = "Write a whole number and h, d, w, mo or y: '24h', '30d', '12w', '6mo'."
            self.wrong("last", "bad_range", f"`last` is so many units, not {said!r}.", hint)
            return Last(count=30, unit="day")
        for key in ("from", "to"):
            if self.has(key):
                self.wrong(key, "several_ranges", f"`{key}` stands beside `last`.", "Keep one of them.")
        return Last(count=int(found[1]), unit=_UNITS[found[2]])

    def from_to(self, fallback: Range) -> Range:
        """From one moment to another."""
        ends: list[date | datetime] = []
        for key in ("from", "to"):
            if not self.has(key):
                self.missing(key, "A range has both ends, or `last`.")
                continue
            moment = read_moment(self.document[key], self.at(key), self.problems, what=f"`{key}`")
            if moment is not None:
                ends.append(moment)
        return FromTo(start=ends[0], end=ends[1]) if len(ends) == 2 else fallback

    def instant(self, key: str) -> datetime | None:
        """An instant with its offset."""
        if not self.has(key):
            return None
        moment = read_moment(self.document[key], self.at(key), self.problems, what=f"`{key}`")
        if moment is None or isinstance(moment, datetime):
            return moment
        self.wrong(key, "no_instant", f"`{key}` is an instant, not a day.", "Write '2026-03-01T09:00:00Z'.")
        return None

    def zone(self, default: Zone) -> Zone:
        """The calendar of the insight: the workspace's unless told."""
        name = self.text("timezone", default.name) or default.name
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.wrong(
                "timezone", "unknown_zone", f"There is no time zone {name!r}.", "Such as 'Asia/Shanghai'."
            )
            name = default.name
        if not self.has("week_start"):
            return Zone(name=name, week_start=default.week_start)
        word = self.word("week_start", WEEK_DAYS, "monday")
        return Zone(name=name, week_start=_WEEK_STARTS[word])

    def breakdown(self) -> Breakdown | None:
        """What numbers are divided by: a property's name, or a property, trait or tag by its kind."""
        said = self.document.get("breakdown")
        if said is None:
            return None
        path = self.at("breakdown")
        if isinstance(said, str):
            name = self.problems.name(said, path, what="`breakdown`")
            return None if name is None else Breakdown(by="property", name=name)
        found = self.inner(said, path, ("property", "trait", "tag", "first_touch"), what="a breakdown")
        if found is None:
            return None
        kinds: tuple[BreakdownBy, ...] = ("property", "trait", "tag")
        present: list[BreakdownBy] = [kind for kind in kinds if found.has(kind)]
        if len(present) != 1:
            self.wrong("breakdown", "one_of", "Say one of `property`, `trait` and `tag`.")
            return None
        name = found.text(present[0])
        first_touch = found.truth("first_touch", default=False)
        if name is None:
            return None
        return Breakdown(by=present[0], name=name, first_touch=first_touch)

    def _attempt(self, read: Callable[[], _Part]) -> _Part | None:
        try:
            return read()
        except InvalidDocument as wrong:
            self.problems.found += wrong.problems
            return None
