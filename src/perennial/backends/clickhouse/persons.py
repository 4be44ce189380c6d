"""Numbers about one person: the pass over everyone, over the rows of their profiles only."""

from collections.abc import Sequence
from functools import partial
from math import isnan

import numpy as np

from perennial.backends.clickhouse.aggregates import Plan, measure
from perennial.backends.clickhouse.arrow import as_array
from perennial.backends.clickhouse.overrides import profiles_of
from perennial.backends.clickhouse.parameters import Binder, sql
from perennial.backends.clickhouse.promotion import PromotedPaths
from perennial.backends.clickhouse.questions import named, people_over, rows_known
from perennial.backends.clickhouse.scope import Lens, OneMoment
from perennial.backends.clickhouse.shards import query_shards
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport
from perennial.compute.profiles.ports import Quantity
from perennial.kernel.conditions.model import ZERO_WHEN_EMPTY
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.ids import ProfileId

_NUMBERS = np.dtype(np.float64)


def numbers_of(
    transport: Transport,
    columns: PromotedPaths,
    profile_id: ProfileId,
    wanted: Sequence[Quantity],
    *,
    at: Moment,
) -> list[float | None]:
    """One person's numbers; None where a value is missing. Without any row they are those over no events."""
    if not wanted:
        return []
    binder = Binder()
    plan = Plan(scope=OneMoment(at=at, binder=binder), binder=binder, promoted=columns.known)
    values = [
        sql(
            "ifNull(toFloat64(<<value>>), nan)",
            value=measure(it.aggregate, it.pattern, Lens(window=it.window), plan),
        )
        for it in wanted
    ]
    profiles = profiles_of(transport, [profile_id])[profile_id]
    theirs = sql("events.profile_id IN <<ids>>", ids=binder.bind("Array(UInt64)", [*profiles]))
    # One profile's rows are on one shard; those of several may be on several.
    is_united = len(profiles) > 1
    people = people_over(plan, "people_merged" if is_united else "people", [*rows_known(at, binder), theirs])
    text = statement("quantities", values=named(values), people=people)
    ask = transport.query if is_united else partial(query_shards, transport)
    found = ask(text, binder.parameters)
    if not found.num_rows:
        return [0.0 if it.aggregate.kind in ZERO_WHEN_EMPTY else None for it in wanted]
    numbers = [float(as_array(found, f"v{place}", _NUMBERS)[0]) for place in range(len(wanted))]
    return [None if isnan(number) else number for number in numbers]
