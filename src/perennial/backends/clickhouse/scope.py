"""Where the borders of windows come from: one moment for everyone, or each ask's own.

Borders are computed by `kernel.windows.bounds` and reach SQL as values: parameters where everyone is
asked at one moment, columns where every ask brings its own. The compiler does not see the difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from perennial.backends.clickhouse.parameters import Binder, Sql, joined, micros, sql
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.windows import EARLIEST, LATEST, Bounds, LookBack, Window, Zone, bounds

NO_SHIFT = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """A window as seen some time before the moment of asking (`back`; negative is after it)."""

    window: Window | None
    back: timedelta = NO_SHIFT

    def bounds(self, as_of: datetime, zone: Zone) -> Bounds:
        """The instants it covers when asked at a moment."""
        return bounds(self.window, as_of=as_of - self.back, zone=zone)

    @property
    def ends_now(self) -> bool:
        """Whether it runs up to the moment of asking, so that only its start needs to be compared."""
        return self.back == NO_SHIFT and (self.window is None or isinstance(self.window, LookBack))


EVER = Lens(window=None)


class Scope(Protocol):
    """What the compiler asks about time."""

    @property
    def zone(self) -> Zone:
        """The calendar of local days."""
        ...

    @property
    def as_of(self) -> Sql:
        """The moment of asking, beside the aggregates."""
        ...

    def after(self, lens: Lens) -> Sql | None:
        """The instant a lens begins after, on a row; None where it has no beginning."""
        ...

    def until(self, lens: Lens) -> Sql:
        """The last instant of a lens, on a row."""
        ...

    def beside(self, border: Sql) -> Sql:
        """A border of a lens, beside the aggregates."""
        ...

    def earliest(self, lenses: Sequence[Lens]) -> Sql | None:
        """An instant before which no row matters to these lenses; None where there is no such instant."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OneMoment:
    """Everyone is asked at the same moment."""

    at: Moment
    binder: Binder

    @property
    def zone(self) -> Zone:
        """The calendar of local days."""
        return self.at.zone

    @property
    def as_of(self) -> Sql:
        """The moment of asking, as a parameter."""
        return self.binder.instant(self.at.as_of)

    def after(self, lens: Lens) -> Sql | None:
        """The instant a lens begins after, as a parameter."""
        after = lens.bounds(self.at.as_of, self.zone).after
        return None if after is None else self.binder.instant(after)

    def until(self, lens: Lens) -> Sql:
        """The last instant of a lens, as a parameter."""
        return self.binder.instant(lens.bounds(self.at.as_of, self.zone).until or LATEST)

    def beside(self, border: Sql) -> Sql:
        """The same parameter."""
        return border

    def earliest(self, lenses: Sequence[Lens]) -> Sql | None:
        """The earliest beginning of all, where each has one."""
        starts = [lens.bounds(self.at.as_of, self.zone).after for lens in lenses]
        begun = [start for start in starts if start is not None]
        return self.binder.instant(min(begun)) if begun and len(begun) == len(starts) else None


@dataclass(slots=True, kw_only=True)
class OwnMoments:
    """Every ask has its own moment; each border used becomes a column of the asks."""

    zone: Zone
    moments: Sequence[datetime]
    binder: Binder
    _borders: dict[Sql, list[int]] = field(default_factory=dict[Sql, list[int]])
    _bounds: dict[Lens, list[Bounds]] = field(default_factory=dict[Lens, list[Bounds]])
    _names: dict[tuple[Lens, str], Sql] = field(default_factory=dict[tuple[Lens, str], Sql])

    @property
    def as_of(self) -> Sql:
        """The moment of asking; every row of an ask carries the same one."""
        return self.beside(self.until(EVER))

    def after(self, lens: Lens) -> Sql | None:
        """The column with the instants a lens begins after."""
        starts = [span.after for span in self._spans(lens)]
        if all(start is None for start in starts):
            return None
        return self._column(lens, "after", [start or EARLIEST for start in starts])

    def until(self, lens: Lens) -> Sql:
        """The column with the last instants of a lens."""
        return self._column(lens, "until", [span.until or LATEST for span in self._spans(lens)])

    def beside(self, border: Sql) -> Sql:
        """The one value of all rows of an ask."""
        return sql("any(<<border>>)", border=border)

    def earliest(self, lenses: Sequence[Lens]) -> Sql | None:
        """None: a few people's rows are found by person, their time is not worth a bound."""
        del lenses
        return None

    @property
    def borders(self) -> Sql:
        """The borders' columns, to stand behind others."""
        return joined("", [sql(", asks.<<border>> AS <<border>>", border=border) for border in self._borders])

    @property
    def instants(self) -> Sql:
        """The borders as columns of the asks."""
        return joined(
            "",
            [
                sql(", fromUnixTimestamp64Micro(<<border>>_micros, 'UTC') AS <<border>>", border=border)
                for border in self._borders
            ],
        )

    def arrays(self, places: Sequence[int]) -> Sql:
        """The borders as arrays: for each place given, the border of the moment at that place."""
        return joined(
            "",
            [
                sql(
                    ", <<values>> AS <<border>>_micros",
                    border=border,
                    values=self.binder.bind("Array(Int64)", [values[place] for place in places]),
                )
                for border, values in self._borders.items()
            ],
        )

    def _spans(self, lens: Lens) -> list[Bounds]:
        if lens not in self._bounds:
            self._bounds[lens] = [lens.bounds(moment, self.zone) for moment in self.moments]
        return self._bounds[lens]

    def _column(self, lens: Lens, edge: str, instants: Sequence[datetime]) -> Sql:
        border = self._names.setdefault((lens, edge), Sql(f"border_{len(self._names)}"))
        if border not in self._borders:
            self._borders[border] = [micros(instant) for instant in instants]
        return border
