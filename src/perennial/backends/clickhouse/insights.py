"""The log as insights read it: narrow columns by person, put together over merged profiles."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import LiteralString

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from perennial.backends.clickhouse.aggregates import Plan
from perennial.backends.clickhouse.arrow import as_array
from perennial.backends.clickhouse.insight_rows import (
    Asking,
    asked_of,
    cell_place,
    part_of,
    place_of,
    text_of_path,
    words_of_places,
)
from perennial.backends.clickhouse.insight_uniting import by_key, united
from perennial.backends.clickhouse.overrides import KnownMerges
from perennial.backends.clickhouse.parameters import Binder, Parameter, Sql, joined, sql
from perennial.backends.clickhouse.promotion import PromotedPaths
from perennial.backends.clickhouse.rollup import QUARTER, quarter_of
from perennial.backends.clickhouse.shards import query_shards
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.subjects import subject_of
from perennial.backends.clickhouse.transport import Transport
from perennial.evaluate.insights.facts import presence_of
from perennial.evaluate.insights.model import MOST_VALUES, NONE, OTHER, Count
from perennial.evaluate.insights.periods import Period, instant_at
from perennial.evaluate.insights.ports import (
    NAME,
    Cells,
    Firsts,
    Ids,
    Labelled,
    Presence,
    Rows,
    Totals,
    Words,
)
from perennial.kernel.conditions.model import EventPattern
from perennial.kernel.events import ANY_EVENT

_IDS = np.dtype(np.uint64)
_INSTANTS = np.dtype(np.int64)
_PLACES = np.dtype(np.int32)
_NUMBERS = np.dtype(np.float64)
_BITS = np.dtype(np.uint32)
_SETTLED = 2
"""Quarters at the end that are counted in the log: the rollup's last ones may be on their way."""

_FUNCTIONS: Mapping[str, LiteralString] = {
    "total": "count()",
    "sum": "sumKahan(arraySum(x))",
    "avg": "sumKahan(arraySum(x)) / nullIf(sum(length(x)), 0)",
    "min": "if(sum(length(x)) > 0, minArray(x), nan)",
    "max": "if(sum(length(x)) > 0, maxArray(x), nan)",
    "median": "if(sum(length(x)) > 0, quantileExactInclusiveArray(0.5)(x), nan)",
    "p90": "if(sum(length(x)) > 0, quantileExactInclusiveArray(0.9)(x), nan)",
}


class ClickHouseInsightLog:
    """`evaluate.insights.ports.InsightLog` on a ClickHouse of any kind."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._promoted = PromotedPaths(transport)
        self._merges = KnownMerges(transport)

    def version(self) -> Hashable:
        """What is equal only while the log is the same."""
        found = self._transport.query(statement("log_version"))
        return tuple(tuple(column) for column in found.to_pydict().values())

    def presence(self, pattern: EventPattern, period: Period, *, at_least: int = 1) -> Presence:
        """In which intervals people had so many such events."""
        if at_least > 1 and self._merges.now():
            # What is enough of one person may lie under several profiles.
            cells = self.cells(pattern, period)
            enough = cells.events >= at_least
            counted = int(cells.events[enough].sum())
            return presence_of(cells.people[enough], cells.place[enough], len(period), counted)
        asking = self._asking([pattern], period.start, period.until)
        words = words_of_places(len(period))
        slots = {"words": words, "place": place_of(period, asking.binder)}
        if at_least > 1:
            asking.binder.parameters["at_least"] = Parameter(type="UInt64", value=at_least)
        name = "insight_presence" if at_least > 1 else "insight_presence_once"
        found = self._of_people(statement(name, **slots, **asking.slots), asking.binder)
        people = as_array(found, "profile_id", _IDS)
        columns = [as_array(found, f"w{place}", _IDS) for place in range(-(-len(period) // 64))]
        people, columns = united(people, columns, [np.bitwise_or] * len(columns), self._merges.now())
        events = int(as_array(found, "events", _INSTANTS).sum()) if found.num_rows else 0
        stacked = np.column_stack(columns) if len(people) else np.empty((0, len(columns)), dtype=_IDS)
        return Presence(people=people, words=stacked, events=events)

    def cells(
        self, pattern: EventPattern, period: Period, *, value: str | None = None, by: str | None = None
    ) -> Cells:
        """Such events of each person by interval, with sums of a property, divided by another."""
        asking = self._asking([pattern], period.start, period.until)
        labels, part = self._parts(asking, by)
        slots = {"place": place_of(period, asking.binder), "part": part, **_numbers(asking, value)}
        found = self._of_people(statement("insight_cells", **slots, **asking.slots), asking.binder)
        keys = [as_array(found, name, _PLACES) for name in ("place", "part")]
        columns = [as_array(found, name, _INSTANTS) for name in ("events", "numbers")]
        amounts = [as_array(found, name, _NUMBERS) for name in ("total", "low", "high")]
        people, keys, values = by_key(
            as_array(found, "profile_id", _IDS),
            keys,
            [*columns, *amounts],
            [np.add, np.add, np.add, np.fmin, np.fmax],
            self._merges.now(),
        )
        return Cells(
            people=people,
            place=keys[0],
            group=keys[1],
            events=values[0],
            numbers=values[1],
            total=values[2],
            low=values[3],
            high=values[4],
            labels=labels,
        )

    def totals(
        self, pattern: EventPattern, period: Period, count: Count, *, by: str | None = None, raw: bool = False
    ) -> Totals:
        """A number of each interval that no person matters to."""
        asking = self._asking([pattern], period.start, period.until)
        labels, part = self._parts(asking, by)
        is_kept = count.kind == "total" and by is None and not pattern.where and not raw
        place = place_of(period, asking.binder)
        if is_kept:
            text = self._kept_totals(pattern, period, asking, place)
        else:
            function = sql(_FUNCTIONS[count.kind])
            path = None if count.property is None else asking.plan.at(count.property)
            values = sql("0") if path is None else asking.plan.row(path.numbers)
            text = statement(
                "insight_totals", place=place, part=part, total=function, values=values, **asking.slots
            )
        found = self._transport.query(text, asking.binder.parameters)
        return Totals(
            place=as_array(found, "place", _PLACES),
            group=as_array(found, "part", _PLACES),
            value=as_array(found, "value", _NUMBERS),
            events=as_array(found, "events", _INSTANTS),
            labels=labels,
        )

    def rows(
        self,
        patterns: Sequence[EventPattern],
        *,
        start: int,
        until: int,
        words: Sequence[str] = (),
        numbers: Sequence[str] = (),
        within: Ids | None = None,
    ) -> Rows:
        """Rows that match any of at most 32 patterns, of some people only where those are named."""
        asking = self._asking(patterns, start, until, within=self._profiles(within))
        columns = [sql(", toUInt32(<<matches>>) AS matches", matches=asking.bits)]
        for place, name in enumerate(words):
            text = _text_column(asking.plan, name)
            columns.append(sql(", <<text>> AS <<name>>", text=text, name=Sql(f"t{place}")))
        for place, name in enumerate(numbers):
            at = asking.plan.at(name)
            number = asking.plan.row(
                sql("if(<<n>> > 0, <<x>>, nan)", n=at.how_many_numbers, x=at.reduced("arraySum"))
            )
            columns.append(sql(", <<number>> AS <<name>>", number=number, name=Sql(f"n{place}")))
        text = statement("insight_rows", columns=joined("", columns), **asking.slots)
        return self._read_rows(self._of_people(text, asking.binder), len(words), len(numbers))

    def firsts(self, pattern: EventPattern | None, *, until: int) -> Firsts:
        """When each person first did something, ever; None: anything that was told of them."""
        asking = self._asking([] if pattern is None else [pattern], None, until)
        found = self._of_people(statement("insight_firsts", **asking.slots), asking.binder)
        people, [at] = united(
            as_array(found, "profile_id", _IDS),
            [as_array(found, "at", _INSTANTS)],
            [np.minimum],
            self._merges.now(),
        )
        return Firsts(people=people, at=at)

    def traits(self, name: str, *, as_of: datetime) -> Labelled:
        """What everyone's trait was at a moment."""
        binder = Binder()
        plan = asked_of(binder, self._promoted.known, as_of)
        at = plan.at(name)
        text = statement(
            "insight_traits",
            value=text_of_path(at),
            is_set=at.is_set,
            named=at.is_named,
            rows=sql("kind = 'identify' AND occurred_at <= <<until>>", until=binder.instant(as_of)),
        )
        found = self._of_people(text, binder)
        people, told = as_array(found, "profile_id", _IDS), as_array(found, "at", _INSTANTS)
        people = self._kept(people)
        order = np.lexsort((told, people))
        is_last = np.append(people[order][1:] != people[order][:-1], [True] if len(order) else [])
        chosen = order[is_last.astype(np.bool_)]
        is_set = as_array(found, "is_set", np.dtype(np.bool_))[chosen]
        encoded = _encoded(found["value"].take(pa.array(chosen[is_set])))
        return Labelled(people=people[chosen][is_set], codes=encoded[0].astype(np.int32), labels=encoded[1])

    def late(self, start: int, until: int, *, after: datetime) -> int:
        """How many events of a span arrived after a moment."""
        span = {"start": instant_at(start), "until": instant_at(until), "after": after}
        asked = {name: Parameter(type="DateTime64(6, 'UTC')", value=one) for name, one in span.items()}
        found = self._transport.query(statement("insight_late"), asked)
        return int(as_array(found, "events", _INSTANTS)[0])

    def _asking(
        self, patterns: Sequence[EventPattern], start: int | None, until: int, *, within: Ids | None = None
    ) -> Asking:
        return Asking.of(patterns, start, until, promoted=self._promoted.known, within=within)

    def _of_people(self, text: Sql, binder: Binder) -> pa.Table:
        """Each shard about its own people."""
        return query_shards(self._transport, text, binder.parameters)

    def _parts(self, asking: Asking, by: str | None) -> tuple[tuple[str, ...], Sql]:
        """The names of a breakdown's parts, and which one a row is of."""
        if by is None:
            return ("",), sql("toUInt8(0)")
        at = asking.plan.at(by)
        text = asking.plan.row(text_of_path(at))
        is_set = asking.plan.row(at.is_set)
        asked = statement("insight_values", part=text, is_set=is_set, **asking.slots)
        most = {"most": Parameter(type="UInt64", value=MOST_VALUES + 1)}
        found = self._transport.query(asked, {**asking.binder.parameters, **most})
        values = [str(value) for value in found["value"].to_pylist()]
        shown = values if len(values) <= MOST_VALUES else values[:MOST_VALUES]
        labels = [*shown, *([OTHER] if len(values) > len(shown) else []), NONE]
        return tuple(labels), part_of(text, is_set, shown, len(labels), asking.binder)

    def _kept_totals(self, pattern: EventPattern, period: Period, asking: Asking, place: Sql) -> Sql:
        """Totals from the rollup: of whole quarters, but the last few before the present."""
        first = quarter_of(instant_at(period.start) + QUARTER - (instant_at(1) - instant_at(0)))
        last = quarter_of(instant_at(min(period.until, period.as_of - _SETTLED * 900_000_000)))
        last = max(first, last)
        for name, instant in (("first", first), ("last", last)):
            asking.binder.parameters[name] = Parameter(type="DateTime64(6, 'UTC')", value=instant)
        kept = sql("is_activity")
        if pattern.event != ANY_EVENT:
            kept = sql("name = <<name>>", name=asking.binder.text(pattern.event))
        return statement(
            "insight_totals_kept",
            cell_place=cell_place(period, asking.binder),
            place=place,
            kept=kept,
            rows=joined(" AND ", [asking.rows, subject_of(pattern).rows(asking.binder)]),
        )

    def _kept(self, people: Ids) -> Ids:
        """Whose each profile is."""
        merged = self._merges.now()
        several = merged.has(people)
        if several.any():
            people = people.copy()
            people[several] = merged.people_of(people[several])
        return people

    def _profiles(self, people: Ids | None) -> Ids | None:
        """Every profile of some people."""
        if people is None:
            return None
        return np.unique(np.concatenate([people, self._merges.now().profiles_of(people)]))

    def _read_rows(self, found: pa.Table, words: int, numbers: int) -> Rows:
        people = as_array(found, "profile_id", _IDS)
        at = as_array(found, "at", _INSTANTS)
        kept = self._kept(people)
        order = None
        if len(kept) > 1 and (kept is not people or len(self._transport.shards) > 1):
            order = np.lexsort((at, kept))

        def ordered(column: np.ndarray) -> np.ndarray:
            return column if order is None else column[order]

        coded = [_encoded(found[f"t{place}"]) for place in range(words)]
        return Rows(
            people=ordered(kept),
            at=ordered(at),
            matches=ordered(as_array(found, "matches", _BITS)),
            words=tuple(Words(codes=ordered(codes) + 1, labels=texts) for codes, texts in coded),
            numbers=tuple(ordered(as_array(found, f"n{place}", _NUMBERS)) for place in range(numbers)),
        )


def _numbers(asking: Asking, value: str | None) -> Mapping[str, Sql]:
    """The numbers of a row at a path: how many, their sum, the least and the greatest."""
    if value is None:
        nothing = sql("toFloat64(0)")
        return {"how_many": sql("0"), "amount": nothing, "low": nothing, "high": nothing}
    at = asking.plan.at(value)
    return {
        "how_many": asking.plan.row(at.how_many_numbers),
        "amount": asking.plan.row(at.reduced("arraySum")),
        "low": asking.plan.row(at.reduced("arrayMin")),
        "high": asking.plan.row(at.reduced("arrayMax")),
    }


def _text_column(plan: Plan, name: str) -> Sql:
    """What a row says in a text column: the event's name, its id, or a property."""
    if name == NAME:
        return plan.row(sql("toString(name)"))
    at = plan.at(name)
    return plan.row(sql("if(<<is_set>>, <<text>>, NULL)", is_set=at.is_set, text=text_of_path(at)))


def _encoded(column: pa.ChunkedArray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Texts as codes from 0, -1 where there is none, and what each means."""
    encoded = pc.dictionary_encode(column.combine_chunks())
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = np.from_dlpack(pc.fill_null(encoded.indices, -1)).astype(np.int64)
    return codes, tuple(str(text) for text in encoded.dictionary.to_pylist())
