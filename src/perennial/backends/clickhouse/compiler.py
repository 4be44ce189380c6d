"""Conditions to one `SELECT … GROUP BY profile_id`.

Every leaf asks the plan for aggregate columns, which are shared among all conditions of the pass, and is
settled to 1 or 0 over them before `not` sees it. What comes out is one verdict expression per condition.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import assert_never

from perennial.backends.clickhouse.absence import holds_over_nothing
from perennial.backends.clickhouse.aggregates import ACTIVITY, EVER, Plan, measure
from perennial.backends.clickhouse.leaves import FALSE, TRUE, compile_number, compile_test, path
from perennial.backends.clickhouse.parameters import Sql, joined, sql
from perennial.backends.clickhouse.scope import Lens
from perennial.kernel.conditions.model import (
    Aggregate,
    All,
    AnyOf,
    Change,
    Condition,
    Constant,
    Did,
    InSegment,
    Measure,
    Not,
    TagIs,
    Trait,
)
from perennial.kernel.values import path_and_parents
from perennial.kernel.windows import LookBack


def compile_condition(condition: Condition, plan: Plan) -> Sql:
    """A resolved condition's verdict over the plan's columns: 1 or 0, never NULL."""
    match condition:
        case Constant():
            return TRUE if condition.value else FALSE
        case All():
            return _combined(condition.of, plan, all_of=True)
        case AnyOf():
            return _combined(condition.of, plan, all_of=False)
        case Not():
            return sql("(NOT <<part>>)", part=compile_condition(condition.of, plan))
        case Did():
            count = measure(Aggregate(kind="count"), condition.pattern, Lens(window=condition.window), plan)
            return _settled(compile_number(condition.times, count, plan.binder))
        case Measure():
            value = measure(condition.aggregate, condition.pattern, Lens(window=condition.window), plan)
            return _settled(compile_number(condition.test, value, plan.binder))
        case Change():
            return _change(condition, plan)
        case Trait():
            return _trait(condition, plan)
        case TagIs() | InSegment():
            raise TypeError("resolve the condition first: a tag or segment is left in it")
        case _:
            assert_never(condition)


def needs_everyone(conditions: Sequence[Condition]) -> bool:
    """Whether people without a row that matters can meet one of the conditions."""
    return any(holds_over_nothing(condition) for condition in conditions)


def _combined(parts: Sequence[Condition], plan: Plan, *, all_of: bool) -> Sql:
    compiled = [compile_condition(part, plan) for part in parts]
    if not compiled:
        return TRUE if all_of else FALSE
    return sql("(<<parts>>)", parts=joined(" AND " if all_of else " OR ", compiled))


def _settled(verdict: Sql) -> Sql:
    """A leaf's verdict with missing turned to false: the one rule that keeps `not` honest."""
    return sql("ifNull(<<verdict>>, 0)", verdict=verdict)


def _trait(trait: Trait, plan: Plan) -> Sql:
    """The test on the latest identify row that says anything of the trait, or the verdict on nothing.

    A row that says something of a parent of the trait's path replaces what stood below it.
    """
    at = path(trait.trait, plan.binder)
    identify = Sql("kind = 'identify'")
    plan.matter(identify, EVER)
    told_by = [path(step, plan.binder).is_named for step in path_and_parents(trait.trait)]
    rows = plan.row(sql("<<identify>> AND (<<named>>)", identify=identify, named=joined(" OR ", told_by)))
    told = plan.column(sql("countIf(<<rows>>)", rows=rows))
    verdict = plan.column(
        sql(
            "argMaxIf(<<test>>, (occurred_at, message_id), <<rows>>)",
            test=plan.row(compile_test(trait.test, at, plan.scope, plan.binder)),
            rows=rows,
        )
    )
    absent = TRUE if holds_over_nothing(trait) else FALSE
    return sql(
        "if(<<told>> > 0, ifNull(<<verdict>>, 0), <<absent>>)", told=told, verdict=verdict, absent=absent
    )


def _change(change: Change, plan: Plan) -> Sql:
    window = LookBack(span=change.over)
    shifts = _shifts(change)
    current = measure(change.aggregate, change.pattern, Lens(window=window), plan)
    values = [
        measure(change.aggregate, change.pattern, Lens(window=window, back=back), plan) for back in shifts
    ]
    baseline = plan.column(_mean(values))
    parts = [_floor(change, baseline, plan), _difference(change, current, baseline, plan)]
    if not change.include_new:
        parts.append(_seen_before(Lens(window=window, back=max(shifts)), plan))
    return _settled(sql("(<<parts>>)", parts=joined(" AND ", parts)))


def _shifts(change: Change) -> list[timedelta]:
    if change.against.shift is not None:
        return [change.against.shift]
    return [change.over * k for k in range(1, change.against.windows + 1)]


def _mean(values: Sequence[Sql]) -> Sql:
    """The mean over windows that have a value; NULL where none has."""
    if len(values) == 1:
        return values[0]
    total = joined(" + ", [sql("ifNull(<<v>>, 0)", v=value) for value in values])
    known = joined(" + ", [sql("isNotNull(<<v>>)", v=value) for value in values])
    return sql("((<<total>>) / nullIf(<<known>>, 0))", total=total, known=known)


def _floor(change: Change, baseline: Sql, plan: Plan) -> Sql:
    if change.floor is None:
        return sql("<<baseline>> > 0", baseline=baseline)
    return sql("<<baseline>> >= <<floor>>", baseline=baseline, floor=plan.binder.number(change.floor))


def _difference(change: Change, current: Sql, baseline: Sql, plan: Plan) -> Sql:
    # As floats: counts are unsigned, and their difference would wrap around.
    difference = sql("(toFloat64(<<now>>) - toFloat64(<<then>>))", now=current, then=baseline)
    if not change.percent:
        return compile_number(change.test, difference, plan.binder)
    # Multiplied before it is divided: 93 after 100 is -7, and -7.000000000000001 would miss ">= -7%".
    share = sql("(<<difference>> * 100 / nullIf(<<then>>, 0))", difference=difference, then=baseline)
    return compile_number(change.test, share, plan.binder)


def _seen_before(opening: Lens, plan: Plan) -> Sql:
    """Whether the person was active by the time the baseline began."""
    rows = ACTIVITY
    plan.matter(rows, EVER)
    begun = plan.scope.after(opening)
    if begun is None:
        raise TypeError("a baseline has a beginning")
    return sql(
        "<<seen>> > 0",
        seen=plan.column(
            sql("countIf(<<rows>> AND occurred_at <= <<begun>>)", rows=plan.row(rows), begun=begun)
        ),
    )
