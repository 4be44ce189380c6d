"""Questions about everyone, or about a few, answered from the log in one pass each."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from perennial.backends.clickhouse.absence import holds_over_nothing
from perennial.backends.clickhouse.aggregates import Plan, measure
from perennial.backends.clickhouse.arrow import as_array, integers
from perennial.backends.clickhouse.compiler import compile_condition
from perennial.backends.clickhouse.groups import Costs
from perennial.backends.clickhouse.overrides import KnownMerges, profiles_of
from perennial.backends.clickhouse.parameters import Binder, Parameter, Sql, joined, sql
from perennial.backends.clickhouse.passes import members_of
from perennial.backends.clickhouse.persons import numbers_of
from perennial.backends.clickhouse.promotion import PromotedPaths
from perennial.backends.clickhouse.questions import Answerer, known_by, named, people_over, rows_known
from perennial.backends.clickhouse.scope import EVER, Lens, OneMoment, OwnMoments, Scope
from perennial.backends.clickhouse.shards import query_shards
from perennial.backends.clickhouse.slices import IN_SLICE, size_of_log, slices_of
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.told import by_person
from perennial.backends.clickhouse.transport import Transport
from perennial.backends.clickhouse.uniting import are_put_together, of_people
from perennial.compute.profiles.ports import Cut, Quantities, Quantity
from perennial.compute.profiles.ranking import KeptCuts
from perennial.kernel.conditions.model import Condition, Rank
from perennial.kernel.conditions.moment import Ask, Moment
from perennial.kernel.ids import ProfileId

ASKS_AT_ONCE = 2_000
"""Asks of one statement: their borders travel as parameters, which a server takes in its request."""

_IDS = np.dtype(np.uint64)
_NUMBERS = np.dtype(np.float64)


class ClickHousePopulation:
    """`compute.profiles.ports.Population` on a ClickHouse of any kind."""

    def __init__(self, transport: Transport, costs: Costs | None = None) -> None:
        self._transport = transport
        self._costs = costs or Costs()
        self._cuts = KeptCuts()
        self._promoted = PromotedPaths(transport)
        self._merges = KnownMerges(transport)

    def promote(self, paths: Sequence[str], *, wait: bool = False) -> None:
        """Give these paths columns of their own, the first ones first, so that asking them gets cheap.

        Idempotent; nothing is done where the log is small. Events that are there follow in the background,
        or before this returns (`wait`).
        """
        if size_of_log(self._transport).rows >= self._costs.promotion:
            self._promoted.promote(paths, wait=wait)

    def count(self, condition: Condition, *, at: Moment) -> int:
        """How many people meet the condition, exactly."""
        return len(self.members([condition], at=at)[0])

    def members(self, conditions: Sequence[Condition], *, at: Moment) -> list[NDArray[np.uint64]]:
        """Who meets each condition, ascending ids; all conditions are answered in one pass."""
        if not conditions:
            return []
        return members_of(
            self._transport,
            conditions,
            at=at,
            columns=self._promoted,
            costs=self._costs,
            merged=self._merges.now(),
        )

    def verdicts(
        self, conditions: Sequence[Condition], asks: Sequence[Ask], *, at: Moment
    ) -> list[tuple[bool, ...]]:
        """Each ask's verdict on each condition, as of the ask's own instant (`at.as_of` is not used)."""
        if not conditions:
            return [() for _ in asks]
        if len({ask.as_of for ask in asks}) > 1:
            return self._judged_each(conditions, asks, at)
        merged = self._merges.now()
        people = np.array([ask.profile_id for ask in asks], dtype=_IDS)
        has_several = merged.has(people)
        people[has_several] = merged.people_of(people[has_several])
        at = replace(at, as_of=asks[0].as_of) if asks else at
        theirs = merged.profiles_of(people[has_several])
        apart = self._judged_together(conditions, people[~has_several], at, are_united=False)
        united = self._judged_together(conditions, theirs, at, are_united=True)
        absent = tuple(holds_over_nothing(condition) for condition in conditions)
        return [
            (united if is_merged else apart).get(person, absent)
            for person, is_merged in zip(people.tolist(), has_several.tolist(), strict=True)
        ]

    def quantities(self, wanted: Sequence[Quantity], *, at: Moment) -> Quantities:
        """The numbers of everyone known by the moment, in one pass."""
        binder = Binder()
        plan = self._plan(OneMoment(at=at, binder=binder), binder)
        values = [
            sql(
                "ifNull(toFloat64(<<value>>), nan)",
                value=measure(it.aggregate, it.pattern, Lens(window=it.window), plan),
            )
            for it in wanted
        ]
        merged = self._merges.now()
        aggregates = [it.aggregate for it in wanted]
        is_united = bool(merged) and are_put_together(aggregates)
        found = by_person(
            pa.concat_tables(list(self._everyone(values, plan, at, apart=bool(merged) and not is_united)))
        )
        columns = [as_array(found, f"v{place}", _NUMBERS) for place in range(len(wanted))]
        people = as_array(found, "profile_id", _IDS)
        numbers = np.column_stack(columns) if columns else np.empty((found.num_rows, 0))
        if is_united:
            people, numbers = of_people(people, numbers, merged, aggregates)
        return Quantities(profile_ids=people, values=numbers)

    def cut(self, rank: Rank, *, at: Moment) -> float | None:
        """The border of a share of everyone, at most an hour old."""
        return self.cut_of(rank, at=at).aged(rank, at.as_of)

    def cut_of(self, rank: Rank, *, at: Moment) -> Cut:
        """The border as it was found, and when, of how many people."""
        return self._cuts.cut(rank, self, at=at)

    def numbers_of(
        self, profile_id: ProfileId, wanted: Sequence[Quantity], *, at: Moment
    ) -> list[float | None]:
        """One person's numbers, from their rows only; None where a value is missing."""
        return numbers_of(self._transport, self._promoted, profile_id, wanted, at=at)

    def _everyone(self, values: Sequence[Sql], plan: Plan, at: Moment, *, apart: bool) -> Iterator[pa.Table]:
        """Numbers about everyone: every shard about its own people, slice by slice.

        Merged people are asked about `apart`; otherwise each of their profiles is somebody.
        """
        rows = rows_known(at, plan.binder)
        slices = slices_of(size_of_log(self._transport).people, columns=plan.width)

        def asked(frame: str, *within: Sql) -> Sql:
            people = people_over(plan, frame, [*within, *rows])
            return statement("quantities", values=named(values), people=people)

        if apart and len(slices) == len(self._transport.shards) == 1:
            yield self._transport.query(asked("people_united"), plan.binder.parameters)
            return
        text = asked("people_apart" if apart else "people", IN_SLICE)
        for part in slices:
            yield query_shards(self._transport, text, {**plan.binder.parameters, **part})
        if apart:
            yield self._transport.query(asked("people_merged"), plan.binder.parameters)

    def _plan(self, scope: Scope, binder: Binder) -> Plan:
        return Plan(scope=scope, binder=binder, promoted=self._promoted.known)

    def _judged_together(
        self,
        conditions: Sequence[Condition],
        profiles: NDArray[np.uint64],
        at: Moment,
        *,
        are_united: bool,
    ) -> dict[int, tuple[bool, ...]]:
        """A few people at one moment: the pass over everyone, over their rows only; those who have any."""
        if not len(profiles):
            return {}
        binder = Binder()
        plan = self._plan(OneMoment(at=at, binder=binder), binder)
        verdicts = [compile_condition(condition, plan) for condition in conditions]
        asked = binder.bind("Array(UInt64)", np.unique(profiles).tolist())
        theirs = sql("events.profile_id IN <<profiles>>", profiles=asked)
        frame = "people_merged" if are_united else "people"
        people = people_over(plan, frame, [*rows_known(at, binder), theirs, plan.relevant])
        text = statement("quantities", values=named(verdicts), people=people)
        # One profile's rows are on one shard; those of several may be on several.
        ask = self._transport.query if are_united else partial(query_shards, self._transport)
        found = ask(text, binder.parameters)
        columns = _verdict_columns(found, len(conditions))
        return dict(zip(integers(found, "profile_id"), zip(*columns, strict=True), strict=True))

    def _judged_each(
        self, conditions: Sequence[Condition], asks: Sequence[Ask], at: Moment
    ) -> list[tuple[bool, ...]]:
        """Asks of moments of their own."""
        judged: list[tuple[bool, ...]] = []
        for start in range(0, len(asks), ASKS_AT_ONCE):
            judged += self._judged(conditions, asks[start : start + ASKS_AT_ONCE], at)
        return judged

    def _judged(
        self, conditions: Sequence[Condition], asks: Sequence[Ask], at: Moment
    ) -> list[tuple[bool, ...]]:
        binder = Binder()
        scope = OwnMoments(zone=at.zone, moments=[ask.as_of for ask in asks], binder=binder)
        plan = self._plan(scope, binder)
        verdicts = [compile_condition(condition, plan) for condition in conditions]
        existing = sql("events.occurred_at <= <<now>>", now=scope.until(EVER))
        rows = joined(" AND ", [existing, *known_by(at, binder), plan.relevant])
        judged = [tuple(holds_over_nothing(condition) for condition in conditions)] * len(asks)
        for pairs, answered in self._where(asks):
            found = answered(_asked(pairs, scope, rows, plan, verdicts), binder.parameters)
            columns = _verdict_columns(found, len(conditions))
            for ask, *verdict in zip(integers(found, "ask"), *columns, strict=True):
                judged[ask] = tuple(verdict)
        return judged

    def _where(self, asks: Sequence[Ask]) -> list[tuple[list[tuple[int, ProfileId]], Answerer]]:
        """Who answers which asks, each as (its place, one of its person's profiles).

        A profile's rows are on one shard; those of several profiles may be on several.
        """
        profiles = profiles_of(self._transport, [ask.profile_id for ask in asks])
        apart: list[tuple[int, ProfileId]] = []
        merged: list[tuple[int, ProfileId]] = []
        for place, ask in enumerate(asks):
            rows = profiles[ask.profile_id]
            (merged if len(rows) > 1 else apart).extend((place, row) for row in rows)
        answerers: list[tuple[list[tuple[int, ProfileId]], Answerer]] = [
            (apart, partial(query_shards, self._transport)),
            (merged, self._transport.query),
        ]
        return [(pairs, answerer) for pairs, answerer in answerers if pairs]


def _asked(
    pairs: Sequence[tuple[int, ProfileId]], scope: OwnMoments, rows: Sql, plan: Plan, verdicts: Sequence[Sql]
) -> Sql:
    """The statement for a few asks: one array element for each ask and profile of its person."""
    plan.binder.parameters["asks"] = Parameter(type="Array(UInt32)", value=[place for place, _ in pairs])
    plan.binder.parameters["profiles"] = Parameter(type="Array(UInt64)", value=[row for _, row in pairs])
    return statement(
        "verdicts",
        verdicts=named(verdicts),
        columns=plan.columns,
        row_columns=plan.row_columns,
        rows=rows,
        borders=scope.borders,
        instants=scope.instants,
        arrays=scope.arrays([place for place, _ in pairs]),
    )


def _verdict_columns(found: pa.Table, how_many: int) -> list[list[bool]]:
    """Each condition's verdicts, row by row."""
    return [
        [bool(verdict) for verdict in as_array(found, f"v{place}", np.dtype(np.bool_)).tolist()]
        for place in range(how_many)
    ]
