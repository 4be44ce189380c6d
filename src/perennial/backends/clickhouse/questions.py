"""One group of leaves as a statement: quick under assumptions, and exact for whom those do not hold.

What is rare is dear to be ready for: a list where there are only scalars, two calls of one instant that say
different things. The quick form leaves both out of account and tells of whom that may be wrong; of those
the exact form is asked. So an answer never rests on an assumption.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from perennial.backends.clickhouse.absence import leaf_over_nothing
from perennial.backends.clickhouse.aggregates import Plan
from perennial.backends.clickhouse.arrow import as_array
from perennial.backends.clickhouse.compiler import compile_leaf
from perennial.backends.clickhouse.groups import Group
from perennial.backends.clickhouse.leaves import TRUE
from perennial.backends.clickhouse.overrides import Merged
from perennial.backends.clickhouse.parameters import Binder, Parameter, Sql, joined, sql
from perennial.backends.clickhouse.promotion import PromotedPaths
from perennial.backends.clickhouse.scope import OneMoment
from perennial.backends.clickhouse.slices import IN_SLICE, Slice
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.told import Ids, Told, by_person, one_after_the_other, told_by
from perennial.kernel.conditions.moment import Moment

Answerer = Callable[[Sql, Mapping[str, Parameter]], pa.Table]
"""What answers a statement: every shard for its own people, or the whole log."""

_BITS = np.dtype(np.uint64)
_NOBODY: NDArray[np.int64] = np.empty(0, dtype=np.int64)
_AT_ONCE = 10_000
"""People that a statement asks again by their ids."""


class Question:
    """The leaves of a group, asked of the people of a slice, or of those whose profiles were merged."""

    def __init__(self, group: Group, *, at: Moment, columns: PromotedPaths) -> None:
        self.group = group
        self._at = at
        self._columns = columns
        self._exact = _Form.of(group, at=at, promoted=columns.known)
        self._quick = self._assuming()
        self._others: list[NDArray[np.int64]] = []
        """Which profiles of those who have several there are, as places in order of person."""

    @property
    def width(self) -> int:
        """How many numbers are kept about a person while it is answered."""
        return max(self._exact.plan.width, self._quick.plan.width)

    def of_slice(self, ask: Answerer, people: Slice, merged: Merged) -> Told:
        """The verdicts about the people of a slice whose profiles were not merged."""
        if merged and not self.group.leaves:
            return self._existing(ask, people, merged)
        frame = "people_apart" if merged else "people"
        answer, doubts = self._quick_answer(ask, frame, [IN_SLICE], people)
        found = told_by(answer, self.group.leaves)
        if not doubts.any():
            return found
        doubts = as_array(by_person(answer), "doubt", _BITS) > 0
        return found.corrected(doubts, self.exact(ask, people, found.people[doubts]), self.group.leaves)

    def _existing(self, ask: Answerer, people: Slice, merged: Merged) -> Told:
        """Who of a slice exists; those with several profiles are kept for the end."""
        told = told_by(self._quick_answer(ask, "people", [IN_SLICE], people)[0], self.group.leaves)
        at, is_there = merged.among(told.people)
        has_several = np.zeros(len(told.people), dtype=np.bool_)
        has_several[at[is_there]] = True
        self._others.append(merged.places[is_there])
        return Told(people=told.people[~has_several], verdicts=[])

    def exact(self, ask: Answerer, people: Slice, doubted: Ids) -> Told:
        """The verdicts about some people of a slice with one profile each, without any assumption."""
        told: list[Told] = []
        for start in range(0, len(doubted), _AT_ONCE):
            ids = doubted[start : start + _AT_ONCE].tolist()
            again = {**people, "doubted": Parameter(type="Array(UInt64)", value=ids)}
            within = [sql("profile_id IN {doubted:Array(UInt64)}"), IN_SLICE]
            told.append(told_by(self._exact.ask(ask, "people", within, again), self.group.leaves))
        return one_after_the_other(told)

    def exact_merged(self, ask: Answerer, doubted: Ids, merged: Merged) -> Told:
        """The verdicts about some people with several profiles, without any assumption."""
        told: list[Told] = []
        for start in range(0, len(doubted), _AT_ONCE):
            ids = merged.profiles_of(doubted[start : start + _AT_ONCE]).tolist()
            again = {"doubted": Parameter(type="Array(UInt64)", value=ids)}
            within = [sql("events.profile_id IN {doubted:Array(UInt64)}")]
            told.append(told_by(self._exact.ask(ask, "people_merged", within, again), self.group.leaves))
        return one_after_the_other(told)

    def of_merged(self, ask: Answerer, merged: Merged) -> Told:
        """The verdicts about merged people."""
        if not self.group.leaves:
            found, self._others = self._others, []
            return Told(people=merged.owners[merged.owning(np.concatenate([_NOBODY, *found]))], verdicts=[])
        return told_by(self._exact.ask(ask, "people_merged", [], {}), self.group.leaves)

    def _quick_answer(
        self, ask: Answerer, frame: str, within: Sequence[Sql], values: Mapping[str, Parameter]
    ) -> tuple[pa.Table, NDArray[np.bool_]]:
        """The quick form's answer, and whom it may be wrong of; it learns at which paths there are lists."""
        while True:
            found = self._quick.ask(ask, frame, within, values)
            doubts = as_array(found, "doubt", _BITS)
            all_doubts = int(np.bitwise_or.reduce(doubts)) if len(doubts) else 0
            listed = [path for bit, path in enumerate(self._quick.plan.scalar) if all_doubts >> bit & 1]
            if not listed:
                return found, doubts > 0
            self._columns.note_lists(listed)
            self._quick = self._assuming()

    def _assuming(self) -> "_Form":
        known = self._columns
        return _Form.of(self.group, at=self._at, promoted=known.known, assumes=True, listed=known.listed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """A statement in the making: its columns, the tests of its rows, what it says of a person."""

    plan: Plan
    rows: Sequence[Sql]
    verdicts: Sequence[Sql]
    doubt: Sql
    put_off: Sql
    """Whether expressions are computed where they are needed only; those over maps are shared too often."""
    some: Sql
    """Whether a person has to be told of: one verdict is another than it is over nothing."""

    @classmethod
    def of(
        cls,
        group: Group,
        *,
        at: Moment,
        promoted: Collection[str],
        assumes: bool = False,
        listed: Collection[str] = (),
    ) -> "_Form":
        """A group's leaves compiled."""
        binder, subjects = Binder(), group.subjects
        plan = Plan(
            scope=OneMoment(at=at, binder=binder),
            binder=binder,
            promoted=promoted,
            only=next(iter(subjects)) if len(subjects) == 1 and not group.is_about_everyone else None,
            assumes=assumes,
            listed=listed,
        )
        verdicts = [compile_leaf(leaf, plan) for leaf in group.leaves]
        rows = rows_known(at, binder)
        if not group.is_about_everyone:
            rows.append(plan.relevant)
        doubt = plan.settle_doubts()
        put_off = Sql("'disable'") if group.reads_maps else Sql("'enable'")
        return cls(plan=plan, rows=rows, verdicts=verdicts, doubt=doubt, put_off=put_off, some=_some(group))

    def ask(
        self, ask: Answerer, frame: str, within: Sequence[Sql], values: Mapping[str, Parameter]
    ) -> pa.Table:
        """The verdicts about the people of a frame."""
        people = people_over(self.plan, frame, [*within, *self.rows])
        asked = statement(
            "leaf_verdicts",
            verdicts=named(self.verdicts),
            doubt=self.doubt,
            some=self.some,
            put_off=self.put_off,
            people=people,
        )
        return ask(asked, {**self.plan.binder.parameters, **values})


def rows_known(at: Moment, binder: Binder) -> list[Sql]:
    """The rows that exist by a moment, as far as they could have been known."""
    return [sql("occurred_at <= <<now>>", now=binder.instant(at.as_of)), *known_by(at, binder)]


def known_by(at: Moment, binder: Binder) -> list[Sql]:
    """What could have been known by then."""
    return [] if at.known_by is None else [sql("received_at <= <<known>>", known=binder.instant(at.known_by))]


def people_over(plan: Plan, frame: str, rows: Sequence[Sql]) -> Sql:
    """A plan's numbers about each person whose rows are read in a frame (`population.sql`)."""
    return statement(frame, columns=plan.columns, row_columns=plan.row_columns, rows=joined(" AND ", rows))


def named(expressions: Sequence[Sql]) -> Sql:
    """Answers under the names `v0`, `v1` …; equal ones stand twice, each has its place."""
    answers = [sql(",\n    <<e>> AS <<n>>", e=e, n=Sql(f"v{place}")) for place, e in enumerate(expressions)]
    return joined("", answers)


def _some(group: Group) -> Sql:
    if group.is_about_everyone:
        return TRUE
    others = [
        sql("NOT <<v>>" if leaf_over_nothing(leaf) else "<<v>>", v=Sql(f"v{place}"))
        for place, leaf in enumerate(group.leaves)
    ]
    return joined(" OR ", others)
