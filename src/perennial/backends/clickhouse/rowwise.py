"""A group of leaves answered by the array kernel: its rows are read, and nothing is aggregated by the engine.

As in `questions.py`, what is rare is left out of account and found out: where there is a list after all, the
rows are read again by another statement; of whom a verdict rests on a rounding, the exact statement is asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import compress
from threading import Lock

import numpy as np
import pyarrow as pa

from perennial.backends.clickhouse.aggregates import Plan
from perennial.backends.clickhouse.arrays import Asked, Judge, Judged, Rows
from perennial.backends.clickhouse.arrow import stacked, viewed
from perennial.backends.clickhouse.aside import Aside
from perennial.backends.clickhouse.asking import Reading, kinds_of
from perennial.backends.clickhouse.groups import Group
from perennial.backends.clickhouse.overrides import Merged
from perennial.backends.clickhouse.parameters import Binder, Sql, joined, micros
from perennial.backends.clickhouse.promotion import PromotedPaths
from perennial.backends.clickhouse.questions import Answerer, Question, rows_known
from perennial.backends.clickhouse.scope import OneMoment
from perennial.backends.clickhouse.slices import IN_SLICE, Slice
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.told import Ids, Told, nobody
from perennial.kernel.conditions.moment import Moment

_IDS = np.dtype(np.uint64)
_INSTANTS = np.dtype(np.int64)
_DAYS = np.dtype(np.int32)
_BYTES = np.dtype(np.uint8)
_NUMBERS = np.dtype(np.float64)
_HASHES = np.dtype(np.uint64)
_EPOCH = date(1970, 1, 1)


class RowQuestion:
    """The leaves of a group, asked of the people of a slice by way of their rows."""

    def __init__(self, group: Group, *, at: Moment, columns: PromotedPaths) -> None:
        self.group = group
        self._at = at
        self._columns = columns
        self._form = self._assuming()
        self._aside: list[tuple[_Form, Aside]] = []
        self._aside_lock = Lock()

    @cached_property
    def _exactly(self) -> Question:
        """The same asked of a few people, without any assumption."""
        return Question(self.group, at=self._at, columns=self._columns)

    @property
    def width(self) -> int:
        """How many numbers are kept about a person: the verdicts."""
        return max(1, len(self.group.leaves) // 8)

    @property
    def bytes_of_row(self) -> int:
        """How many bytes are read of a row."""
        return self._form.reading.width

    def of_slice(self, ask: Answerer, people: Slice, merged: Merged) -> Told:
        """The verdicts about the people of a slice who have one profile; others' rows are set aside."""
        form, rows = self._rows(ask, people)
        judged, others = form.judge(self._at).judged_apart(rows, merged.profiles)
        if len(others.profiles):
            self._aside_in(form, merged).add(others)
        return self._told(judged, lambda doubted: self._exactly.exact(ask, people, doubted))

    def of_merged(self, ask: Answerer, merged: Merged) -> Told:
        """The verdicts about those with several, once all slices were asked."""
        with self._aside_lock:
            aside, self._aside = self._aside, []
        if not aside:
            return nobody(self.group.leaves)
        form, kept = aside[0]
        if len(aside) > 1 or not kept.is_complete:
            # Rows of two forms, as what was expected of them turned out wrong on the way; or too many.
            return self._exactly.of_merged(ask, merged).about(merged.people)

        judged = form.judge(self._at).judged_together(kept.gathered())
        return self._told(judged, lambda doubted: self._exactly.exact_merged(ask, doubted, merged))

    def _told(self, judged: Judged, exactly: Callable[[Ids], Told]) -> Told:
        found = Told(people=judged.people, verdicts=list(judged.holds))
        if not judged.doubts.any():
            return found
        return found.corrected(judged.doubts, exactly(found.people[judged.doubts]), self.group.leaves)

    def _aside_in(self, form: "_Form", merged: Merged) -> Aside:
        """What rows of a form are set aside in."""
        with self._aside_lock:
            for one, kept in self._aside:
                if one.reads_as(form):
                    return kept
            kept = Aside(merged, rows=self.group.rows)
            self._aside.append((form, kept))
            return kept

    def _rows(self, ask: Answerer, people: Slice) -> "tuple[_Form, Rows]":
        """The rows, and the form they were read in; it learns at which paths there are lists."""
        while True:
            form = self._form
            rows = form.read(ask, people)
            if not form.is_wrong(rows):
                return form, rows
            each = self._assuming(each=True)
            each.learn(self._columns, each.read(ask, people))
            self._form = self._assuming()

    def _assuming(self, *, each: bool = False) -> "_Form":
        return _Form.of(self.group, at=self._at, columns=self._columns, each=each)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """What is read of a row, and what is asked of those."""

    reading: Reading
    asked: Sequence[Asked]
    rows: Sequence[Sql]
    order: str
    """The order by name that is to be read, empty for the log as it lies."""
    unexpected: Sequence[str]
    """The flags that say that there is a list or number where none is expected, of each path or of any."""

    @classmethod
    def of(cls, group: Group, *, at: Moment, columns: PromotedPaths, each: bool = False) -> "_Form":
        """A group's leaves as questions over rows."""
        binder, subjects = Binder(), group.subjects
        scope = OneMoment(at=at, binder=binder)
        plan = Plan(
            scope=scope,
            binder=binder,
            promoted=columns.known,
            only=next(iter(subjects)) if len(subjects) == 1 and not group.is_about_everyone else None,
            assumes=True,
            listed=columns.listed,
            expects_words=True,
            numbered=columns.numbered,
        )
        reading = Reading(plan=plan, scope=scope)
        asked = [reading.ask(leaf) for leaf in group.leaves]
        rows = rows_known(at, binder)
        if not group.is_about_everyone:
            rows.append(plan.relevant)
        order = columns.by_name.name if group.is_by_name and columns.by_name else ""
        unexpected = reading.settle(each=each)
        return cls(reading=reading, asked=asked, rows=rows, order=order, unexpected=unexpected)

    def reads_as(self, other: "_Form") -> bool:
        """Whether it is the same form: slices that are asked at the same time learn the same thing."""
        return self.reading.columns == other.reading.columns and self.asked == other.asked

    def judge(self, at: Moment) -> Judge:
        """What judges the rows."""
        reading = self.reading
        local = at.as_of.astimezone(at.zone.rules)
        return Judge(
            asked=self.asked,
            flags=reading.flags,
            numbers=reading.numbers,
            texts=reading.texts,
            kinds=reading.highest_kind,
            now=micros(at.as_of),
            today=(local.date() - _EPOCH).days,
        )

    def is_wrong(self, rows: Rows) -> bool:
        """Whether there is something that was not expected."""
        return any(rows.has_any(self.reading.flags[flag]) for flag in self.unexpected)

    def learn(self, known: PromotedPaths, rows: Rows) -> None:
        """Note at which paths that is; flags are of each path."""
        found = [rows.has_any(self.reading.flags[flag]) for flag in self.unexpected]
        scalar, worded = self.reading.plan.scalar, self.reading.plan.worded
        known.note_lists(list(compress(scalar, found)))
        known.note_numbers(list(compress(worded, found[len(scalar) :])))

    def read(self, ask: Answerer, people: Slice) -> Rows:
        """The rows of the people of a slice."""
        reading = self.reading
        columns = reading.columns
        asked = statement(
            "rows",
            columns=columns,
            row_columns=reading.plan.row_columns,
            rows=joined(" AND ", [IN_SLICE, *self.rows]),
            is_by_name=Sql("1" if self.order else "0"),
            order=Sql(f"'{self.order}'"),
        )
        return self._rows(ask(asked, {**reading.plan.binder.parameters, **people}))

    def _rows(self, found: pa.Table) -> Rows:
        reading = self.reading
        kinds = {name: viewed(found, name, _BYTES) for name in reading.of_kinds}
        return Rows(
            ids=viewed(found, "profile_id", _IDS),
            at=viewed(found, "at", _INSTANTS),
            kinds=kinds_of(kinds, found.num_rows),
            flags=stacked(found, reading.bytes_of_flags, _BYTES),
            numbers=stacked(found, reading.numbers, _NUMBERS),
            texts=stacked(found, reading.texts, _HASHES),
            days=viewed(found, "day", _DAYS) if reading.reads_days else np.empty(0, dtype=_DAYS),
        )
