"""Questions about everyone, or about a few, answered from the log in one pass each."""

from collections.abc import Sequence
from dataclasses import replace

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
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport
from perennial.compute.profiles.ports import Quantities, Quantity
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Ask, Moment

ASKS_AT_ONCE = 2_000
"""Asks of one statement: their borders travel as parameters, which a server takes in its request."""

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
        people = self._people(plan, at=at, everyone=needs_everyone([condition]))
        counted = self._transport.query(
            statement("count_members", verdict=verdict, people=people), binder.parameters
        )
        return integers(counted, "people")[0]

    def members(self, conditions: Sequence[Condition], *, at: Moment) -> list[NDArray[np.uint64]]:
        """Who meets each condition, ascending ids; all conditions are answered in one pass."""
        if not conditions:
            return []
        binder = Binder()
        plan = Plan(scope=OneMoment(at=at, binder=binder), binder=binder)
        verdicts = [compile_condition(condition, plan) for condition in conditions]
        found = self._transport.query(
            statement(
                "members",
                verdicts=_named(verdicts),
                any=joined(" OR ", [Sql(f"v{place}") for place in range(len(verdicts))]),
                people=self._people(plan, at=at, everyone=needs_everyone(conditions)),
            ),
            binder.parameters,
        )
        profile_ids = as_array(found, "profile_id", _IDS)
        return [
            profile_ids[as_array(found, f"v{place}", np.dtype(np.bool_))] for place in range(len(verdicts))
        ]

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
        people = self._people(plan, at=at, everyone=True)
        found = self._transport.query(
            statement("quantities", values=_named(values), people=people), binder.parameters
        )
        columns = [as_array(found, f"v{place}", _NUMBERS) for place in range(len(wanted))]
        return Quantities(
            profile_ids=as_array(found, "profile_id", _IDS),
            values=np.column_stack(columns) if columns else np.empty((found.num_rows, 0)),
        )

    def _people(self, plan: Plan, *, at: Moment, everyone: bool) -> Sql:
        """The pass over everyone; where absence answers for the rest, over the rows that matter only."""
        rows = [sql("occurred_at <= <<now>>", now=plan.binder.instant(at.as_of)), *_known_by(at, plan.binder)]
        if not everyone:
            rows.append(plan.relevant)
        frame = "people_united" if has_overrides(self._transport) else "people"
        return statement(
            frame, columns=plan.columns, row_columns=plan.row_columns, rows=joined(" AND ", rows)
        )

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
        found = self._transport.query(
            statement("quantities", values=_named(verdicts), people=people), binder.parameters
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
        found = self._transport.query(self._asked(asks, scope, rows, plan, verdicts), binder.parameters)
        return _in_order(found, conditions, len(asks))

    def _asked(
        self, asks: Sequence[Ask], scope: OwnMoments, rows: Sql, plan: Plan, verdicts: Sequence[Sql]
    ) -> Sql:
        """The statement for a few asks: one array element for each ask and profile of its person."""
        profiles = profiles_of(self._transport, [ask.profile_id for ask in asks])
        pairs = [(place, profile) for place, ask in enumerate(asks) for profile in profiles[ask.profile_id]]
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


def _in_order(found: pa.Table, conditions: Sequence[Condition], how_many: int) -> list[tuple[bool, ...]]:
    """Verdicts in the order of the asks; absence answers for those that did not come back."""
    judged = [tuple(holds_over_nothing(condition) for condition in conditions)] * how_many
    columns = _verdict_columns(found, len(conditions))
    for ask, *verdict in zip(integers(found, "ask"), *columns, strict=True):
        judged[ask] = tuple(verdict)
    return judged
