"""Which rows an insight is about, and in which interval and part of a breakdown a row lies, as SQL."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from perennial.backends.clickhouse.aggregates import Plan, matching
from perennial.backends.clickhouse.leaves import TRUE
from perennial.backends.clickhouse.parameters import Binder, Sql, joined, sql
from perennial.backends.clickhouse.paths import Path
from perennial.backends.clickhouse.scope import EVER, OneMoment
from perennial.evaluate.insights.periods import Period, instant_at
from perennial.evaluate.insights.ports import Ids
from perennial.kernel.conditions.model import EventPattern
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.windows import LATEST

_QUARTER = 900_000_000
_WORD = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A statement about rows in the making."""

    binder: Binder
    plan: Plan
    rows: Sql
    """Which rows are read, by what needs no map."""
    matches: tuple[Sql, ...]
    """Of each pattern, whether a row is an event of it."""

    @classmethod
    def of(
        cls,
        patterns: Sequence[EventPattern],
        start: int | None,
        until: int,
        *,
        promoted: Collection[str],
        within: Ids | None = None,
    ) -> Self:
        """Rows of these events in a half-open span, of some profiles only where those are named."""
        binder = Binder()
        plan = asked_of(binder, promoted, LATEST)
        matches = tuple(matching(pattern, EVER, plan) for pattern in patterns)
        rows = [sql("occurred_at < <<until>>", until=binder.instant(instant_at(until)))]
        if start is not None:
            rows.append(sql("occurred_at >= <<start>>", start=binder.instant(instant_at(start))))
        if patterns:
            rows.insert(0, plan.relevant)
        if within is not None:
            profiles = binder.bind("Array(UInt64)", within.tolist())
            rows.insert(0, sql("profile_id IN <<profiles>>", profiles=profiles))
        return cls(binder=binder, plan=plan, rows=joined(" AND ", rows), matches=matches)

    @property
    def chosen(self) -> Sql:
        """Whether a row is an event of any of the patterns."""
        return sql("(<<any>>)", any=joined(" OR ", self.matches)) if self.matches else TRUE

    @property
    def bits(self) -> Sql:
        """Of which patterns a row is an event, a bit each."""
        return joined(
            " + ",
            [
                sql("bitShiftLeft(toUInt32(<<m>>), <<bit>>)", m=match, bit=Sql(str(bit)))
                for bit, match in enumerate(self.matches)
            ],
        )

    @property
    def slots(self) -> dict[str, Sql]:
        """What every statement needs: taken when all else was asked of the plan."""
        return {"row_columns": self.plan.row_columns, "rows": self.rows, "chosen": self.chosen}


def asked_of(binder: Binder, promoted: Collection[str], as_of: datetime) -> Plan:
    """A plan whose rows are told apart by their own columns only."""
    return Plan(scope=OneMoment(at=Moment(as_of=as_of), binder=binder), binder=binder, promoted=promoted)


def place_of(period: Period, binder: Binder) -> Sql:
    """The interval a row lies in: looked up by its quarter of an hour, where every zone's units begin."""
    return _looked_up(sql("toUnixTimestamp64Micro(occurred_at)"), period, binder)


def cell_place(period: Period, binder: Binder) -> Sql:
    """The same for a cell of the rollup."""
    return _looked_up(sql("toInt64(toUnixTimestamp64Second(quarter)) * 1000000"), period, binder)


def _looked_up(micros: Sql, period: Period, binder: Binder) -> Sql:
    if len(period) == 1:
        return sql("toUInt16(0)")
    first = period.start // _QUARTER
    places: list[int] = []
    for place, (begin, end) in enumerate(zip(period.borders, period.borders[1:], strict=False)):
        begun = first if place == 0 else begin // _QUARTER
        places += [place] * (-(-end // _QUARTER) - begun)
    return sql(
        "<<places>>[intDiv(<<micros>>, 900000000) - <<before>>]",
        places=binder.bind("Array(UInt16)", places),
        micros=micros,
        before=binder.bind("Int64", first - 1),
    )


def words_of_places(intervals: int) -> Sql:
    """The bits of the intervals that rows lie in, in words of 64."""
    words: list[Sql] = []
    for word in range(-(-intervals // _WORD)):
        bit = sql("bitShiftLeft(toUInt64(1), place)")
        if intervals > _WORD:
            bit = sql(
                "if(intDiv(place, 64) = <<word>>, bitShiftLeft(toUInt64(1), place % 64), toUInt64(0))",
                word=Sql(str(word)),
            )
        words.append(sql(", groupBitOr(<<bit>>) AS <<name>>", bit=bit, name=Sql(f"w{word}")))
    return joined("", words)


def part_of(text: Sql, is_set: Sql, shown: Sequence[str], parts: int, binder: Binder) -> Sql:
    """Which part of a breakdown a row is of: a value shown by itself, the others, or none."""
    last = Sql(str(parts - 1))
    if not shown:
        return sql("toUInt8(<<none>>)", none=last)
    # Where all values are shown nothing is left over, and the last part but one is never given.
    other = Sql(str(len(shown)))
    return sql(
        "toUInt8(if(<<is_set>>, transform(<<text>>, <<values>>, <<places>>, <<other>>), <<none>>))",
        is_set=is_set,
        text=text,
        values=binder.bind("Array(String)", list(shown)),
        places=binder.bind("Array(UInt8)", list(range(len(shown)))),
        other=sql("toUInt8(<<other>>)", other=other),
        none=last,
    )


def text_of_path(at: Path) -> Sql:
    """What a row holds at a path, as one text; the elements of a list with commas between."""
    if at.is_scalar:
        return at.scalar_text
    return sql(
        "if(<<none>>, <<scalar>>, arrayStringConcat(<<elements>>, ', '))",
        none=at.has_no_element,
        scalar=at.scalar_text,
        elements=at.elements,
    )
