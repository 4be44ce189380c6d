"""Reading the kinds of insights that are about what people are worth and what belongs together."""

import re
from collections.abc import Mapping, Sequence

from perennial.evaluate.insights.fields import ANYTHING, Fields
from perennial.evaluate.insights.model import (
    Basket,
    Count,
    JourneyMap,
    Measured,
    Metric,
    MetricTree,
    Overlap,
    Rfm,
    Series,
    Shared,
    Spec,
    Stage,
    Value,
)
from perennial.kernel.conditions import EventPattern, InSegment, parse_aggregate
from perennial.kernel.errors import InvalidDocument, nearest
from perennial.kernel.values import Json

SERIES_KEYS = ("event", "where", "count", "first_time", "name")
_MOST_SEGMENTS = 6


def read_series(fields: Fields) -> Series:
    """One line of numbers: an event, and what of it is counted."""
    count = fields.count("count", Count(kind="total"))
    return Series(
        pattern=event_of(fields),
        count=count,
        first_time=fields.truth("first_time", default=False),
        name=fields.text("name"),
    )


def event_of(fields: Fields) -> EventPattern:
    """The event of an object that names it with tests beside it."""
    if not fields.has("event"):
        return fields.pattern("event")
    if "where" in fields.document and isinstance(fields.document["event"], str):
        asked: Json = {"event": fields.document["event"], "where": fields.document["where"]}
        return fields.event(asked, fields.path)
    return fields.pattern("event")


def numbers_at(fields: Fields, key: str) -> Sequence[float]:
    """The numbers of a list; none where it is absent."""
    if not fields.has(key):
        return ()
    read = [
        fields.problems.number(one, path, what="An element")
        for one, path in fields.items(key, what="the numbers")
    ]
    return [number for number in read if number is not None]


def read_value(fields: Fields, shared: Shared) -> Spec:
    """What people are worth."""
    amount = fields.text("amount")
    if amount is None and not fields.has("amount"):
        fields.missing("amount", 'Name the property with the money: "amount": "revenue".')
    return Value(
        shared=shared,
        event=fields.pattern("event"),
        amount=amount or "",
        start=fields.pattern("start", ANYTHING),
    )


def read_rfm(fields: Fields, shared: Shared) -> Spec:
    """How recent, how often, how much."""
    cuts = None
    if fields.has("cuts"):
        read = fields.inner(fields.document["cuts"], "$.cuts", ("r", "f", "m"), what="the cuts")
        if read is not None:
            cuts = tuple(tuple(sorted(numbers_at(read, key))) for key in ("r", "f", "m"))
    r, f, m = (_measured(fields, key) for key in ("r", "f", "m"))
    return Rfm(
        shared=shared,
        r=r,
        f=f,
        m=m,
        quantiles=fields.whole("quantiles", 5, least=2, most=10),
        cuts=None if cuts is None else (cuts[0], cuts[1], cuts[2]),
    )


_RFM_DEFAULTS = {"r": "last_ago", "f": "count", "m": "sum(amount)"}


def _measured(fields: Fields, key: str) -> Measured:
    if not fields.has(key):
        fields.missing(key, f'Say of which event: "{key}": {{"of": "order_paid"}}.')
        return Measured(measure=_RFM_DEFAULTS[key], event=ANYTHING)
    found = fields.inner(fields.document[key], fields.at(key), ("measure", "of"), what="a measure")
    if found is None:
        return Measured(measure=_RFM_DEFAULTS[key], event=ANYTHING)
    measure = found.text("measure", _RFM_DEFAULTS[key]) or _RFM_DEFAULTS[key]
    try:
        parse_aggregate(measure, path=found.at("measure"))
    except InvalidDocument as wrong:
        fields.problems.found += wrong.problems
    return Measured(measure=measure, event=found.pattern("of"))


def read_overlap(fields: Fields, shared: Shared) -> Spec:
    """How segments share people."""
    named: list[str] = []
    for one, path in fields.items("segments", what="the segments"):
        name = fields.problems.name(one, path, what="A segment's id")
        if name is None:
            continue
        known = fields.known.segments
        if known is not None and name not in known:
            message = f"There is no segment {name!r}."
            fields.problems.add(path, "unknown_segment", message, nearest(name, known))
        named.append(name)
    if fields.has("segments") and not 2 <= len(set(named)) <= _MOST_SEGMENTS:
        message = f"An overlap is of 2 to {_MOST_SEGMENTS} different segments."
        fields.wrong("segments", "bad_segments", message)
    conditions = tuple(InSegment(segment=one) for one in named)
    return Overlap(shared=shared, segments=tuple(named), conditions=conditions)


def read_journey_map(fields: Fields, shared: Shared) -> Spec:
    """How people move through stages."""
    read = fields.objects("stages", ("name", "events"), what="a stage")
    stages = tuple(
        Stage(name=one.text("name") or f"{place + 1}", events=one.events("events"))
        for place, one in enumerate(read)
    )
    if len({stage.name for stage in stages}) < len(stages):
        fields.wrong("stages", "equal_names", "Stages have names of their own.")
    return JourneyMap(shared=shared, stages=stages)


def read_basket(fields: Fields, shared: Shared) -> Spec:
    """What is bought together."""
    if not fields.has("item"):
        fields.missing("item", 'Name the property with what was bought: "item": "sku".')
    return Basket(
        shared=shared,
        event=fields.pattern("event"),
        item=fields.text("item") or "",
        basket=fields.text("basket"),
        min_support=fields.number("min_support", 0.01, least=0.0, most=1.0),
    )


def read_metric_tree(fields: Fields, shared: Shared) -> Spec:
    """What a change is owed to."""
    metrics: list[Metric] = []
    said = fields.document.get("metrics")
    named: Mapping[str, Json] | None = None
    if said is not None:
        named = fields.problems.mapping(said, "$.metrics", what="`metrics`")
    if said is None:
        fields.missing("metrics", 'Name them: {"orders": {"event": "order_paid", "count": "total"}}.')
    for name, document in (named or {}).items():
        found = fields.inner(document, f"$.metrics.{name}", SERIES_KEYS, what="a metric")
        if found is not None:
            metrics.append(Metric(name=name, series=read_series(found)))
    result, factors = _product(fields, [metric.name for metric in metrics])
    return MetricTree(shared=shared, result=result, factors=factors, metrics=tuple(metrics))


def _product(fields: Fields, known: Sequence[str]) -> tuple[str, tuple[tuple[str, str | None], ...]]:
    """`sales = visitors * orders / visitors * amount / orders`: the name of the product, and its factors."""
    formula = fields.text("formula")
    if formula is None:
        if not fields.has("formula"):
            fields.missing("formula", "Write 'sales = visitors * (orders / visitors) * (amount / orders)'.")
        return "", ()
    result, equals, product = formula.partition("=")
    factors: list[tuple[str, str | None]] = []
    for part in re.split(r"[*×]", product if equals else formula):
        over, _, under = part.strip().strip("()").partition("/")
        names = [name.strip() for name in (over, under) if name.strip()]
        for name in names:
            if name not in known:
                message = f"There is no metric {name!r}."
                fields.wrong("formula", "unknown_metric", message, nearest(name, known))
        if names:
            factors.append((names[0], names[1] if len(names) > 1 else None))
    if len(factors) < 2:
        fields.wrong("formula", "bad_formula", "A formula is a product of at least two factors.")
    return result.strip() if equals else "result", tuple(factors)
