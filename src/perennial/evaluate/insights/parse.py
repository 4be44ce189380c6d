"""From a document to a specification, or to the list of everything that is wrong with it."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from perennial.evaluate.insights.fields import ANYTHING, Fields
from perennial.evaluate.insights.formulas import check_formula, letter_of
from perennial.evaluate.insights.model import (
    UNITS,
    Attribution,
    Count,
    Distribution,
    Exclusion,
    Funnel,
    Gap,
    Last,
    Lifecycle,
    Paths,
    Retention,
    Sessions,
    Shared,
    Spec,
    Step,
    Stickiness,
    Trend,
    Unit,
)
from perennial.evaluate.insights.parse_worth import (
    SERIES_KEYS,
    event_of,
    numbers_at,
    read_basket,
    read_journey_map,
    read_metric_tree,
    read_overlap,
    read_rfm,
    read_series,
    read_value,
)
from perennial.kernel.conditions import (
    PropertyTest,
    Vocabulary,
    parse_event_pattern,
)
from perennial.kernel.conditions.problems import Problems, check_size
from perennial.kernel.errors import InvalidDocument, nearest
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

SHARED_KEYS = (
    *("kind", "name", "range", "interval", "week_start", "timezone"),
    *("where", "among", "breakdown", "compare", "as_of", "raw"),
)
KEYS: Mapping[str, tuple[str, ...]] = {
    "trend": ("series", "formula", "rolling"),
    "funnel": ("steps", "window", "order", "exclude", "same", "count"),
    "retention": ("start", "return", "cohort", "mode", "brackets", "at_least", "clock", "value"),
    "lifecycle": ("event",),
    "stickiness": ("event",),
    "distribution": ("event", "measure", "buckets"),
    "interval": ("from", "to", "same"),
    "paths": (
        *("events", "start", "end", "depth", "session_gap"),
        *("collapse_repeats", "min_people", "item"),
    ),
    "attribution": ("goal", "touches", "model", "lookback", "half_life", "item"),
    "sessions": ("events", "gap"),
    "value": ("event", "amount", "start"),
    "rfm": ("r", "f", "m", "quantiles", "cuts"),
    "overlap": ("segments",),
    "journey_map": ("stages",),
    "basket": ("event", "item", "basket", "min_support"),
    "metric_tree": ("formula", "metrics"),
}
"""The kinds of insights, and the fields of each besides the shared ones."""
BROKEN_DOWN = ("trend", "funnel", "retention", "lifecycle", "stickiness", "distribution")
"""Kinds that can be divided by a property, trait or tag."""

_DAYS = re.compile(r"([1-9][0-9]{0,2})d")
_DEFAULT_BUCKETS = (1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0)
_NAME = re.compile(r"[A-Za-z_]\w*")
_MOST_STEPS = 32


def parse_insight(document: Json, *, zone: Zone, known: Vocabulary | None = None) -> Spec:
    """The insight that a JSON document asks for. Raises InvalidDocument with every mistake and its path."""
    check_size(document, "$")
    problems = Problems()
    found = problems.mapping(document, "$", what="An insight")
    kind = None if found is None else found.get("kind")
    if found is None or not isinstance(kind, str) or kind not in KEYS:
        if found is not None:
            problems.add(
                "$.kind", "unknown_kind", f"{kind!r} is no kind of insight.", nearest(str(kind), KEYS)
            )
        problems.raise_all()
    problems.unknown_keys(found, (*SHARED_KEYS, *KEYS[kind]), "$")
    fields = Fields(document=found, path="$", problems=problems, known=known or Vocabulary())
    fields.where = _where(fields)
    shared = _shared(fields, kind, zone)
    spec = _PARSERS[kind](fields, shared)
    if problems.found:
        problems.raise_all()
    return spec


def _where(fields: Fields) -> tuple[PropertyTest, ...]:
    if not fields.has("where"):
        return ()
    try:
        asked: Json = {"event": "*", "where": fields.document["where"]}
        return parse_event_pattern(asked, path="$").where
    except InvalidDocument as wrong:
        fields.problems.found += wrong.problems
        return ()


def _shared(fields: Fields, kind: str, zone: Zone) -> Shared:
    if fields.has("breakdown") and kind not in BROKEN_DOWN:
        hint = f"These can: {', '.join(BROKEN_DOWN)}."
        fields.wrong("breakdown", "no_breakdown", f"A {kind} insight is not broken down.", hint)
    interval: Unit = fields.word("interval", UNITS, "day")
    shared = Shared(
        range=fields.range("range", Last(count=30, unit="day")),
        interval=interval,
        zone=fields.zone(zone),
        among=fields.condition("among"),
        breakdown=fields.breakdown(),
        as_of=fields.instant("as_of"),
        raw=fields.truth("raw", default=False),
    )
    if not fields.has("compare"):
        return shared
    if fields.document["compare"] == "previous":
        return replace(shared, compare="previous")
    return replace(shared, compare=fields.range("compare", None))


def _trend(fields: Fields, shared: Shared) -> Spec:
    read = fields.objects("series", SERIES_KEYS, what="a series")
    series = tuple(read_series(one) for one in read)
    rolling = None
    if fields.has("rolling"):
        said = fields.document["rolling"]
        found = _DAYS.fullmatch(said) if isinstance(said, str) else None
        rolling = int(found[1]) if found else None
        if rolling is None:
            fields.wrong(
                "rolling", "bad_duration", f"`rolling` is whole days, not {said!r}.", "Such as '7d'."
            )
        elif shared.interval != "day":
            fields.wrong(
                "rolling", "needs_days", "`rolling` looks back from days.", 'Take "interval": "day".'
            )
    formula = fields.text("formula")
    if formula is not None:
        _check_formula(fields, formula, len(series))
    return Trend(shared=shared, series=series, formula=formula, rolling=rolling)


def _check_formula(fields: Fields, formula: str, series: int) -> None:
    letters = [letter_of(place) for place in range(series)]
    problem = check_formula(formula, letters)
    if problem:
        fields.wrong("formula", "bad_formula", problem, f"Series are called {', '.join(letters)}: 'A / B'.")


def _funnel(fields: Fields, shared: Shared) -> Spec:
    steps = tuple(
        Step(pattern=event_of(one), optional=one.truth("optional", default=False)) for one in _steps(fields)
    )
    if fields.has("steps") and not 2 <= len(steps) <= _MOST_STEPS:
        fields.wrong("steps", "bad_steps", f"A funnel has 2 to {_MOST_STEPS} steps, not {len(steps)}.")
    if steps and steps[0].optional:
        fields.problems.add("$.steps[0].optional", "first_optional", "The first step is never optional.")
    return Funnel(
        shared=shared,
        steps=steps,
        window=fields.span("window", timedelta(days=14)),
        order=fields.word("order", ("ordered", "strict", "any"), "ordered"),
        exclude=tuple(_exclusions(fields, len(steps))),
        same=fields.text("same"),
        count=fields.word("count", ("people", "totals"), "people"),
    )


def _steps(fields: Fields) -> Sequence[Fields]:
    """Steps as objects; one may also be written as the event's name."""
    read: list[Fields] = []
    for one, path in fields.items("steps", what="the steps"):
        asked: Json = {"event": one} if isinstance(one, str) else one
        found = fields.inner(asked, path, ("event", "where", "optional", "name"), what="a step")
        read += [] if found is None else [found]
    return read


def _exclusions(fields: Fields, steps: int) -> Sequence[Exclusion]:
    if not fields.has("exclude"):
        return ()
    read: list[Exclusion] = []
    for one in fields.objects("exclude", ("event", "where", "from", "to"), what="an exclusion"):
        start = one.whole("from", 0, least=0, most=_MOST_STEPS)
        end = one.whole("to", max(steps - 1, 1), least=0, most=_MOST_STEPS)
        if not start < end < max(steps, 2):
            message = (
                f"An exclusion lies between two steps, from 0 to {steps - 1}, not from {start} to {end}."
            )
            one.problems.add(one.path, "bad_exclusion", message, "`from` comes before `to`.")
        read.append(Exclusion(pattern=event_of(one), start=start, end=end))
    return read


def _retention(fields: Fields, shared: Shared) -> Spec:
    brackets = tuple(
        number for number in numbers_at(fields, "brackets") if number >= 1 and number == math.floor(number)
    )
    start = fields.pattern("start", ANYTHING)
    value = fields.count("value", Count(kind="people"), ("people", "sum"))
    return Retention(
        shared=shared,
        start=start,
        back=fields.pattern("return", start) if fields.has("return") else start,
        cohort=fields.word("cohort", ("recurring", "first_time", "first_ever"), "recurring"),
        mode=fields.word("mode", ("exact", "on_or_after"), "exact"),
        brackets=tuple(int(number) for number in brackets),
        at_least=fields.whole("at_least", 1, most=10_000),
        clock=fields.word("clock", ("calendar", "24h"), "calendar"),
        value=value,
    )


def _distribution(fields: Fields, shared: Shared) -> Spec:
    buckets = tuple(numbers_at(fields, "buckets")) or _DEFAULT_BUCKETS
    if any(later <= former for former, later in pairwise(buckets)):
        fields.wrong("buckets", "not_ascending", "Buckets begin at ascending numbers.")
    return Distribution(
        shared=shared,
        event=fields.pattern("event"),
        count=fields.count("measure", Count(kind="total"), ("total", "sum", "avg", "min", "max")),
        buckets=buckets,
    )


def _gap(fields: Fields, shared: Shared) -> Spec:
    return Gap(
        shared=shared, start=fields.pattern("from"), end=fields.pattern("to"), same=fields.text("same")
    )


def _paths(fields: Fields, shared: Shared) -> Spec:
    return Paths(
        shared=shared,
        events=fields.events("events", default=(ANYTHING,)),
        start=fields.text("start"),
        end=fields.text("end"),
        depth=fields.whole("depth", 5, least=2, most=20),
        session_gap=fields.span("session_gap", timedelta(minutes=30)),
        collapse_repeats=fields.truth("collapse_repeats", default=True),
        min_people=fields.whole("min_people", 1),
        item=fields.text("item"),
    )


def _attribution(fields: Fields, shared: Shared) -> Spec:
    return Attribution(
        shared=shared,
        goal=fields.pattern("goal"),
        touches=fields.events("touches"),
        model=fields.word("model", ("first", "last", "linear", "position", "decay"), "last"),
        lookback=fields.span("lookback", timedelta(days=30)),
        half_life=fields.span("half_life", timedelta(days=7)),
        item=fields.text("item"),
    )


def _sessions(fields: Fields, shared: Shared) -> Spec:
    return Sessions(
        shared=shared,
        events=fields.events("events", default=(ANYTHING,)),
        gap=fields.span("gap", timedelta(minutes=30)),
    )


_PARSERS: Mapping[str, Callable[[Fields, Shared], Spec]] = {
    "trend": _trend,
    "funnel": _funnel,
    "retention": _retention,
    "lifecycle": lambda fields, shared: Lifecycle(shared=shared, event=fields.pattern("event", ANYTHING)),
    "stickiness": lambda fields, shared: Stickiness(shared=shared, event=fields.pattern("event", ANYTHING)),
    "distribution": _distribution,
    "interval": _gap,
    "paths": _paths,
    "attribution": _attribution,
    "sessions": _sessions,
    "value": read_value,
    "rfm": read_rfm,
    "overlap": read_overlap,
    "journey_map": read_journey_map,
    "basket": read_basket,
    "metric_tree": read_metric_tree,
}
