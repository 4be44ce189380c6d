"""Questions about everyone, or about a few, answered from the log in one pass each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from perennial.backends.clickhouse.absence import holds_over_nothing
from perennial.backends.clickhouse.aggregates import EVER, Plan, measure
from perennial.backends.clickhouse.arrow import as_array, integers
from perennial.backends.clickhouse.compiler import compile_condition, needs_everyone
from perennial.backends.clickhouse.overrides import has_overrides, profiles_of
from perennial.backends.clickhouse.parameters import Binder, Parameter, Sql, joined, sql
from perennial.backends.clickhouse.scope import Lens, OneMoment, OwnMoments
from perennial.backends.clickhouse.shards import query_shards
from perennial.backends.clickhouse.slices import IN_SLICE, slices_of
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport
from perennial.compute.profiles.ports import Quantities, Quantity
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Ask, Moment
from perennial.kernel.ids import ProfileId

ASKS_AT_ONCE = 2_000
"""Asks of one statement: their borders travel as parameters, which a server takes in its request."""

Answerer = Callable[[Sql, Mapping[str, Parameter]], pa.Table]
"""What answers a statement: every shard for its own people, or the whole log."""

_IDS = np.dtype(np.uint64)
_NUMBERS = np.dtype(np.float64)


class ClickHousePopulation:
    """`compute.profiles.ports.Population` on a ClickHouse of any kind."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def count(self, condition: Condition, *, at: Moment) -> int:
        """How many people meet the condition, exactly."""
        binder = Binder()
        plan = Plan(scope=OneMoment(at=at, binder=binder), binder=binder)
        verdict = compile_condition(condition, plan)
        counted = self._ask_everyone(
            lambda people: statement("count_members", verdict=verdict, people=people),
            plan,
            at=at,
            everyone=needs_everyone([condition]),
        )
        return sum(sum(integers(part, "people")) for part in counted)

    def members(self, conditions: Sequence[Condition], *, at: Moment) -> list[NDArray[np.uint64]]:
        """Who meets each condition, ascending ids; all conditions are answered in one pass."""
        if not conditions:
            return []
        binder = Binder()
        plan = Plan(scope=OneMoment(at=at, binder=binder), binder=binder)
        verdicts = [compile_condition(condition, plan) for condition in conditions]
        some = joined(" OR ", [Sql(f"v{place}") for place in range(len(verdicts))])
        found = self._ask_everyone(
            lambda people: statement("members", verdicts=_named(verdicts), any=some, people=people),
            plan,
            at=at,
            everyone=needs_everyone(conditions),
        )
        parts: list[list[NDArray[np.uint64]]] = [[] for _ in verdicts]
        for part in found:
            profile_ids = as_array(part, "profile_id", _IDS)
            for place, members in enumerate(parts):
                members.append(profile_ids[as_array(part, f"v{place}", np.dtype(np.bool_))])
        return [_ascending(members) for members in parts]

    def verdicts(
        self, conditions: Sequence[Condition], asks: Sequence[Ask], *, at: Moment
    ) -> list[tuple[bool, ...]]:
        """Each ask's verdict on each condition, as of the ask's own instant (`at.as_of` is not used)."""
        if not conditions:
            return [() for _ in asks]
        if len({ask.as_of for ask in asks}) == 1 and not has_overrides(self._transport):
            return self._judged_together(conditions, asks, replace(at, as_of=asks[0].as_of))
        judged: list[tuple[bool, ...]] = []
        for start in range(0, len(asks), ASKS_AT_ONCE):
            judged += self._judged(conditions, asks[start : start + ASKS_AT_ONCE], at)
        return judged

    def quantities(self, wanted: Sequence[Quantity], *, at: Moment) -> Quantities:
        """The numbers of everyone known by the moment, in one pass."""
        binder = Binder()
        plan = Plan(scope=OneMoment(at=at, binder=binder), binder=binder)
        values = [
            sql(
                "ifNull(toFloat64(<<value>>), nan)",
                value=measure(it.aggregate, it.pattern, Lens(window=it.window), plan),
            )
            for it in wanted
        ]
        found = self._ask_everyone(
            lambda people: statement("quantities", values=_named(values), people=people),
            plan,
            at=at,
            everyone=True,
        )
        found = _by_person(pa.concat_tables(list(found)))
        columns = [as_array(found, f"v{place}", _NUMBERS) for place in range(len(wanted))]
        return Quantities(
            profile_ids=as_array(found, "profile_id", _IDS),
            values=np.column_stack(columns) if columns else np.empty((found.num_rows, 0)),
        )

    def _ask_everyone(
        self, question: Callable[[Sql], Sql], plan: Plan, *, at: Moment, everyone: bool
    ) -> Iterator[pa.Table]:
        """A question over the pass over everyone: every shard answers for its own people, slice by slice.

        People whose profiles were merged are asked about apart, over the whole log. Where absence answers
        for the rest (`everyone` is false), only the rows that matter are read.
        """
        rows = [sql("occurred_at <= <<now>>", now=plan.binder.instant(at.as_of)), *_known_by(at, plan.binder)]
        if not everyone:
            rows.append(plan.relevant)
        is_merged = has_overrides(self._transport)

        def asked(frame: str, rows: Sequence[Sql]) -> Sql:
            columns, row_columns = plan.columns, plan.row_columns
            return question(
                statement(frame, columns=columns, row_columns=row_columns, rows=joined(" AND ", rows))
            )

        text = asked("people_apart" if is_merged else "people", [IN_SLICE, *rows])
        for part in slices_of(self._transport, columns=plan.width):
            yield query_shards(self._transport, text, {**plan.binder.parameters, **part})
        if is_merged:
            yield self._transport.query(asked("people_merged", rows), plan.binder.parameters)

    def _judged_together(
        self, conditions: Sequence[Condition], asks: Sequence[Ask], at: Moment
    ) -> list[tuple[bool, ...]]:
        """A few people at one moment: the pass over everyone, over their rows only."""
        binder = Binder()
        plan = Plan(scope=OneMoment(at=at, binder=binder), binder=binder)
        verdicts = [compile_condition(condition, plan) for condition in conditions]
        profiles = binder.bind("Array(UInt64)", sorted({ask.profile_id for ask in asks}))
        existing = sql("occurred_at <= <<now>>", now=binder.instant(at.as_of))
        theirs = sql("profile_id IN <<profiles>>", profiles=profiles)
        rows = joined(" AND ", [existing, *_known_by(at, binder), theirs, plan.relevant])
        people = statement("people", columns=plan.columns, row_columns=plan.row_columns, rows=rows)
        found = query_shards(
            self._transport,
            statement("quantities", values=_named(verdicts), people=people),
            binder.parameters,
        )
        absent = tuple(holds_over_nothing(condition) for condition in conditions)
        columns = _verdict_columns(found, len(conditions))
        judged = dict(zip(integers(found, "profile_id"), zip(*columns, strict=True), strict=True))
        return [judged.get(ask.profile_id, absent) for ask in asks]

    def _judged(
        self, conditions: Sequence[Condition], asks: Sequence[Ask], at: Moment
    ) -> list[tuple[bool, ...]]:
        binder = Binder()
        scope = OwnMoments(zone=at.zone, moments=[ask.as_of for ask in asks], binder=binder)
        plan = Plan(scope=scope, binder=binder)
        verdicts = [compile_condition(condition, plan) for condition in conditions]
        existing = sql("events.occurred_at <= <<now>>", now=scope.until(EVER))
        rows = joined(" AND ", [existing, *_known_by(at, binder), plan.relevant])
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
        verdicts=_named(verdicts),
        columns=plan.columns,
        row_columns=plan.row_columns,
        rows=rows,
        borders=scope.borders,
        instants=scope.instants,
        arrays=scope.arrays([place for place, _ in pairs]),
    )


def _known_by(at: Moment, binder: Binder) -> list[Sql]:
    """What could have been known by then."""
    return [] if at.known_by is None else [sql("received_at <= <<known>>", known=binder.instant(at.known_by))]


def _named(expressions: Sequence[Sql]) -> Sql:
    """Answers under the names `v0`, `v1` …; equal ones stand twice, each has its place."""
    answers = [sql(",\n    <<e>> AS <<n>>", e=e, n=Sql(f"v{place}")) for place, e in enumerate(expressions)]
    return joined("", answers)


def _verdict_columns(found: pa.Table, how_many: int) -> list[list[bool]]:
    """Each condition's verdicts, row by row."""
    return [
        [bool(verdict) for verdict in as_array(found, f"v{place}", np.dtype(np.bool_)).tolist()]
        for place in range(how_many)
    ]


def _ascending(parts: Sequence[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """Ids in ascending order: slices are, several shards' answers and merged people are not."""
    ids = np.concatenate(parts)
    return ids if (ids[:-1] <= ids[1:]).all() else np.sort(ids)


def _by_person(found: pa.Table) -> pa.Table:
    """Answers in ascending order of profile: several shards' answers come one after the other."""
    ids = as_array(found, "profile_id", _IDS)
    if (ids[:-1] <= ids[1:]).all():
        return found
    return found.take(pa.array(np.argsort(ids, kind="stable")))
