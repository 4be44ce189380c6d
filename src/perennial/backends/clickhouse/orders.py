"""Events in relation to each other, worked out over each person's steps as one array (0037).

A step is an event that fits one of several patterns. A person's steps are gathered as numbers that are in
their order: time first, then which patterns are fitted. Along that array it is carried, for each pattern in
turn, when the latest run up to it began: the latest start is the best one, whatever may still follow.
Where a key has to be the same, every key has its own stretch of the array.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from perennial.backends.clickhouse.aggregates import Plan, matching
from perennial.backends.clickhouse.parameters import Sql, joined, micros, sql
from perennial.backends.clickhouse.paths import Path
from perennial.backends.clickhouse.scope import Lens
from perennial.kernel.conditions.model import DidInOrder, DidWithout, EventPattern
from perennial.kernel.windows import EARLIEST, LookBack

_SINCE_EARLIEST = -micros(EARLIEST)
"""Added to an instant in microseconds it makes a number that is never negative."""
_MICROSECOND = timedelta(microseconds=1)


def in_order(asked: DidInOrder, plan: Plan) -> Sql:
    """Whether a run through all patterns ends no later than the span after its start: 1 or 0."""
    steps = _gathered(asked.steps, asked.same, Lens(window=asked.window), plan)
    begun = steps.first()
    for place in range(1, len(asked.steps) - 1):
        begun = steps.carried(place, begun)
    last = steps.reached(len(asked.steps) - 1, begun)
    if asked.span is None:
        return sql("arrayExists(v -> v > 0, <<last>>)", last=last)
    return sql(
        "arrayExists((t, v) -> v > 0 AND t + 1 - v <= <<span>>, <<times>>, <<last>>)",
        times=steps.times,
        last=last,
        span=_micros_of(asked.span, plan),
    )


def without(asked: DidWithout, plan: Plan) -> Sql:
    """Whether the latest of some key was done long enough ago, and nothing answers it: 1 or 0.

    What was done too long ago is not read: a later one of the same key would have to be.
    """
    lens = Lens(window=LookBack(span=asked.wait + asked.until))
    steps = _gathered((asked.after, asked.without), asked.same, lens, plan)
    done = steps.first()
    now = plan.column(
        sql(
            "toUInt64(toUnixTimestamp64Micro(<<as_of>>) + <<since>>)",
            as_of=plan.scope.as_of,
            since=plan.binder.bind("Int64", _SINCE_EARLIEST),
        )
    )
    return sql(
        "arrayExists((d, a, is_last) -> is_last AND d > a AND d - 1 + <<wait>> <= <<now>>,"
        " <<done>>, <<answered>>, <<lasts>>)",
        done=done,
        answered=steps.carried(1, done),
        lasts=steps.lasts,
        wait=_micros_of(asked.wait, plan),
        now=now,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Steps:
    """A person's steps, in order: arrays beside the aggregates, one element for each step.

    Starts of runs are times plus one, so that 0 says that there is none.
    """

    plan: Plan
    times: Sql
    fits: Sequence[Sql]
    """For each pattern, whether a step fits it."""
    firsts: Sql | None
    """Whether a step is the first of its key; None where there are no keys."""

    def first(self) -> Sql:
        """At each step, when the latest run began that has come to the first pattern by then."""
        own = sql(
            "arrayMap((t, f) -> if(f, t + 1, toUInt64(0)), <<times>>, <<fits>>)",
            times=self.times,
            fits=self.fits[0],
        )
        return self._kept(0, self.plan.column(own))

    def reached(self, place: int, begun: Sql) -> Sql:
        """At each step that fits a pattern, when the latest run began that had come to the one before."""
        # By the step before: one event fills at most one place.
        before = sql("arraySlice(arrayPushFront(<<begun>>, toUInt64(0)), 1, length(<<begun>>))", begun=begun)
        if self.firsts is None:
            own = sql(
                "arrayMap((v, f) -> if(f, v, toUInt64(0)), <<before>>, <<fits>>)",
                before=before,
                fits=self.fits[place],
            )
        else:
            own = sql(
                "arrayMap((v, f, s) -> if(f AND NOT s, v, toUInt64(0)), <<before>>, <<fits>>, <<firsts>>)",
                before=before,
                fits=self.fits[place],
                firsts=self.firsts,
            )
        return self.plan.column(own)

    def carried(self, place: int, begun: Sql) -> Sql:
        """The same at every step from there on."""
        return self._kept(place, self.reached(place, begun))

    @property
    def lasts(self) -> Sql:
        """Whether a step is the last of its key."""
        if self.firsts is None:
            every = sql("arrayMap(t -> toUInt8(0), arraySlice(<<times>>, 2))", times=self.times)
            whole = sql("arrayPushBack(<<every>>, toUInt8(1))", every=every)
            # Without a step there is no last one.
            return self.plan.column(
                sql("arraySlice(<<whole>>, 1, length(<<times>>))", whole=whole, times=self.times)
            )
        return self.plan.column(
            sql("arraySlice(arrayPushBack(<<firsts>>, toUInt8(1)), 2)", firsts=self.firsts)
        )

    def _kept(self, place: int, own: Sql) -> Sql:
        """The values of steps that fit a pattern, carried on up to the next one, or to the next key."""
        fits = self.fits[place]
        if self.firsts is None:
            kept = sql("arrayFill((v, f) -> f, <<own>>, <<fits>>)", own=own, fits=fits)
        else:
            kept = sql(
                "arrayFill((v, f, s) -> f OR s, <<own>>, <<fits>>, <<firsts>>)",
                own=own,
                fits=fits,
                firsts=self.firsts,
            )
        return self.plan.column(kept)


def _gathered(patterns: Sequence[EventPattern], same: Sequence[str] | None, lens: Lens, plan: Plan) -> _Steps:
    """Every person's steps within a lens, in order."""
    count = len(patterns)
    fits = [matching(pattern, lens, plan) for pattern in patterns]
    chosen = plan.row(sql("(<<any>>)", any=joined(" OR ", fits)))
    if same is None:
        entry = plan.row(_entry(plan.row(_mask(fits)), count, plan=plan))
        gathered = sql("groupArrayIf(<<entry>>, <<chosen>>)", entry=entry, chosen=chosen)
        steps = plan.gathered(sql("arraySort(<<gathered>>)", gathered=gathered))
        firsts = None
    else:
        keyed = plan.row(_keyed(fits, same, plan))
        gathered = sql("groupArrayArrayIf(<<keyed>>, <<chosen>>)", keyed=keyed, chosen=chosen)
        pairs = plan.gathered(sql("arraySort(<<gathered>>)", gathered=gathered))
        keys = plan.column(sql("arrayMap(x -> x.1, <<pairs>>)", pairs=pairs))
        steps = plan.column(sql("arrayMap(x -> x.2, <<pairs>>)", pairs=pairs))
        before = sql("arraySlice(arrayPushFront(<<keys>>, toUInt64(0)), 1, length(<<keys>>))", keys=keys)
        firsts = plan.column(
            sql("arrayMap((k, before) -> k != before, <<keys>>, <<before>>)", keys=keys, before=before)
        )
    bits = Sql(str(count))
    codes = plan.column(
        sql("arrayMap(x -> bitAnd(x, <<ones>>), <<steps>>)", steps=steps, ones=Sql(str(2**count - 1)))
    )
    return _Steps(
        plan=plan,
        times=plan.column(
            sql("arrayMap(x -> bitShiftRight(x, <<bits>>), <<steps>>)", steps=steps, bits=bits)
        ),
        fits=[plan.column(_fitting(place, count, codes, plan)) for place in range(count)],
        firsts=firsts,
    )


def _entry(mask: Sql, count: int, *, plan: Plan) -> Sql:
    """A step as a number: when it happened, and the code of the patterns it fits."""
    codes = _codes(count)
    by_mask = [0] * 2**count
    for code, fitted in enumerate(codes):
        by_mask[fitted] = code
    return sql(
        "bitShiftLeft(toUInt64(toUnixTimestamp64Micro(occurred_at) + <<since>>), <<bits>>)"
        " + <<codes>>[<<mask>> + 1]",
        since=plan.binder.bind("Int64", _SINCE_EARLIEST),
        bits=Sql(str(count)),
        codes=plan.binder.bind("Array(UInt16)", by_mask),
        mask=mask,
    )


def _mask(fits: Sequence[Sql]) -> Sql:
    """Which patterns a row fits, as bits."""
    return joined(
        " + ",
        [sql("<<bit>> * (<<fit>>)", bit=Sql(str(2**place)), fit=fit) for place, fit in enumerate(fits)],
    )


def _keyed(fits: Sequence[Sql], same: Sequence[str], plan: Plan) -> Sql:
    """A row's keys, each with the row as a step of it; by each pattern's own property."""
    names = list(dict.fromkeys(same))
    keys = {name: plan.row(_keys_at(plan.at(name))) for name in names}
    if len(names) == 1:
        every, mask = keys[names[0]], plan.row(_mask(fits))
    else:
        every = sql("arrayDistinct(arrayConcat(<<keys>>))", keys=joined(", ", list(keys.values())))
        having = [
            sql("(<<fit>> AND has(<<keys>>, k))", fit=fit, keys=keys[name])
            for fit, name in zip(fits, same, strict=True)
        ]
        mask = _mask(having)
        every = sql("arrayFilter(k -> <<mask>> > 0, <<every>>)", mask=mask, every=every)
    return sql(
        "arrayMap(k -> (sipHash64(k), <<entry>>), <<every>>)",
        entry=_entry(mask, len(fits), plan=plan),
        every=every,
    )


def _keys_at(at: Path) -> Sql:
    """The distinct texts at a path, which an event is about."""
    if at.is_scalar:
        return sql(
            "if(<<set>>, [CAST(<<text>> AS String)], emptyArrayString())", set=at.is_set, text=at.scalar_text
        )
    return sql("arrayDistinct(CAST(<<texts>> AS Array(String)))", texts=at.texts)


def _fitting(place: int, count: int, codes: Sql, plan: Plan) -> Sql:
    flags = [mask >> place & 1 for mask in _codes(count)]
    return sql(
        "arrayMap(c -> <<flags>>[c + 1], <<codes>>)",
        flags=plan.binder.bind("Array(UInt8)", flags),
        codes=codes,
    )


def _codes(count: int) -> list[int]:
    """The sets of patterns that a step can fit, as bits, in the order that steps of one instant have.

    What fits an earlier pattern comes first; of what is equal so far, what does not fit the next one.
    """
    patterns = range(count)
    fitting = [{place for place in patterns if mask >> place & 1} for mask in range(1, 2**count)]
    ordered = sorted(fitting, key=lambda some: (min(some), [place in some for place in patterns]))
    return [sum(2**place for place in some) for some in ordered]


def _micros_of(span: timedelta, plan: Plan) -> Sql:
    return plan.binder.bind("UInt64", span // _MICROSECOND)
