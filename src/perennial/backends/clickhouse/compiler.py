"""Leaves of conditions to SQL over one `GROUP BY profile_id`.

Every leaf asks the plan for aggregate columns, which are shared among all leaves of the statement, and is
settled to 1 or 0 over them before `not` sees it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from perennial.backends.clickhouse.absence import holds_over_nothing, leaf_over_nothing
from perennial.backends.clickhouse.aggregates import Plan, measure
from perennial.backends.clickhouse.algebra import Leaf, SeenBefore, answered, lenses_before
from perennial.backends.clickhouse.leaves import FALSE, TRUE, compile_number, compile_test
from perennial.backends.clickhouse.orders import in_order, without
from perennial.backends.clickhouse.parameters import Sql, joined, sql
from perennial.backends.clickhouse.scope import EVER, Lens
from perennial.backends.clickhouse.subjects import ACTIVITY, ASSIGNING, CONSENT, IDENTIFY
from perennial.kernel.conditions.model import (
    Aggregate,
    AssignedIs,
    Change,
    Condition,
    ConsentIs,
    Did,
    DidInOrder,
    DidWithout,
    Measure,
    Test,
    Told,
    Trait,
)
from perennial.kernel.values import path_and_parents
from perennial.kernel.windows import EARLIEST, LATEST, LookBack


def compile_condition(condition: Condition, plan: Plan) -> Sql:
    """A resolved condition's verdict over the plan's columns: 1 or 0, never NULL."""
    return answered(condition, _InSql(plan=plan))


def compile_leaf(leaf: Leaf, plan: Plan) -> Sql:
    """A leaf's verdict over the plan's columns: 1 or 0, never NULL."""
    match leaf:
        case Did():
            count = measure(Aggregate(kind="count"), leaf.pattern, Lens(window=leaf.window), plan)
            return _settled(compile_number(leaf.times, count, plan.binder))
        case Measure():
            value = measure(leaf.aggregate, leaf.pattern, Lens(window=leaf.window), plan)
            return _settled(compile_number(leaf.test, value, plan.binder))
        case Change():
            return _change(leaf, plan)
        case Trait():
            return _trait(leaf, plan)
        case DidInOrder():
            return in_order(leaf, plan)
        case DidWithout():
            return without(leaf, plan)
        case ConsentIs():
            return _consent(leaf, plan)
        case AssignedIs():
            return _assigned(leaf, plan)
        case SeenBefore():
            return _seen_before(leaf.opening, plan)
        case _:
            assert_never(leaf)


def needs_everyone(conditions: Sequence[Condition]) -> bool:
    """Whether people without a row that matters can meet one of the conditions."""
    return any(holds_over_nothing(condition) for condition in conditions)


@dataclass(frozen=True, slots=True, kw_only=True)
class _InSql:
    """`Algebra` of expressions over a plan's columns."""

    plan: Plan

    def constant(self, value: bool, /) -> Sql:
        """1 or 0."""
        return TRUE if value else FALSE

    def leaf(self, leaf: Leaf, /) -> Sql:
        """The leaf's verdict over the plan's columns."""
        return compile_leaf(leaf, self.plan)

    def all_of(self, parts: Sequence[Sql], /) -> Sql:
        """Every part."""
        return sql("(<<parts>>)", parts=joined(" AND ", parts))

    def any_of(self, parts: Sequence[Sql], /) -> Sql:
        """One part."""
        return sql("(<<parts>>)", parts=joined(" OR ", parts))

    def negated(self, part: Sql, /) -> Sql:
        """The other verdict."""
        return sql("(NOT <<part>>)", part=part)


def _settled(verdict: Sql) -> Sql:
    """A leaf's verdict with missing turned to false: the one rule that keeps `not` honest."""
    return sql("ifNull(<<verdict>>, 0)", verdict=verdict)


def _trait(trait: Trait, plan: Plan) -> Sql:
    """The test on the latest identify row that says anything of the trait, or the verdict on nothing.

    A row that says something of a parent of the trait's path replaces what stood below it.
    """
    identify = plan.rows_of(IDENTIFY, EVER)
    told_by = [plan.at(step).is_named for step in path_and_parents(trait.trait)]
    rows = plan.row(sql("<<identify>> AND (<<named>>)", identify=identify, named=joined(" OR ", told_by)))
    return _latest(trait, trait.trait, rows, plan)


def _consent(consent: ConsentIs, plan: Plan) -> Sql:
    """The test on the latest row that says anything of the topic on the channel."""
    rows = plan.rows_of(CONSENT, EVER)
    return _latest(consent, "state", _with(rows, plan, channel=consent.channel, topic=consent.topic), plan)


def _assigned(assigned: AssignedIs, plan: Plan) -> Sql:
    """The test on the arm of the latest entry into the journey."""
    rows = plan.rows_of(ASSIGNING, EVER)
    return _latest(assigned, "arm", _with(rows, plan, journey=assigned.journey), plan)


def _with(rows: Sql, plan: Plan, **texts: str) -> Sql:
    """Those rows that hold these texts."""
    tests = [
        compile_test(Test(operator="=", literal=text), plan.at(path), plan.scope, plan.binder)
        for path, text in texts.items()
    ]
    return plan.row(joined(" AND ", [rows, *tests]))


def _latest(leaf: Told, path: str, rows: Sql, plan: Plan) -> Sql:
    """A test on the latest of some rows, or the verdict on nothing."""
    told = plan.column(sql("countIf(<<rows>>)", rows=rows))
    test = plan.row(compile_test(leaf.test, plan.at(path), plan.scope, plan.binder))
    verdict = _last_test(test, rows, told, plan) if plan.assumes else _last_test_exactly(test, rows, plan)
    absent = TRUE if leaf_over_nothing(leaf) else FALSE
    return sql("if(<<told>> > 0, <<verdict>>, <<absent>>)", told=told, verdict=verdict, absent=absent)


def _last_test_exactly(test: Sql, rows: Sql, plan: Plan) -> Sql:
    latest = plan.column(sql("argMaxIf(<<test>>, (occurred_at, message_id), <<rows>>)", test=test, rows=rows))
    return sql("ifNull(<<latest>>, 0)", latest=latest)


def _last_test(test: Sql, rows: Sql, told: Sql, plan: Plan) -> Sql:
    """The same by time alone, which spares the reading of message ids; of two at one instant it is unsure."""
    never = plan.binder.instant(EARLIEST)
    passed, failed = (
        plan.column(
            sql(
                "max(<<row>>)",
                row=plan.row(
                    sql("if(<<rows>> AND <<test>>, occurred_at, <<never>>)", rows=rows, test=it, never=never)
                ),
            )
        )
        for it in (test, sql("NOT <<test>>", test=test))
    )
    plan.doubt(sql("<<told>> > 0 AND <<passed>> = <<failed>>", told=told, passed=passed, failed=failed))
    return sql("<<passed>> > <<failed>>", passed=passed, failed=failed)


def _change(change: Change, plan: Plan) -> Sql:
    window = LookBack(span=change.over)
    current = measure(change.aggregate, change.pattern, Lens(window=window), plan)
    values = [measure(change.aggregate, change.pattern, lens, plan) for lens in lenses_before(change)]
    baseline = plan.column(_mean(values))
    parts = [_floor(change, baseline, plan), _difference(change, current, baseline, plan)]
    return _settled(sql("(<<parts>>)", parts=joined(" AND ", parts)))


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
    """Whether the person was active by the time the baseline began: one minimum for all openings."""
    rows = plan.rows_of(ACTIVITY, EVER)
    begun = plan.scope.after(opening)
    if begun is None:
        raise TypeError("a baseline has a beginning")
    first = plan.row(
        sql("if(<<rows>>, occurred_at, <<never>>)", rows=rows, never=plan.binder.instant(LATEST))
    )
    return sql(
        "<<first>> <= <<begun>>",
        first=plan.column(sql("min(<<first>>)", first=first)),
        begun=plan.column(plan.scope.beside(begun)),
    )
