"""Random people and random questions, crowded where the language's borders are.

`cases()` draws a moment, a few people and a few resolved conditions; compiler and reference evaluator
must agree on every (condition, person) pair. Numbers are multiples of 0.25, so that sums are exact in any
order; instants lie on, just before and just after the borders of windows and of local days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from perennial.kernel.conditions.model import (
    PROPERTY_AGGREGATES,
    Aggregate,
    AggregateKind,
    All,
    AnyOf,
    AssignedIs,
    Baseline,
    Change,
    Condition,
    ConsentIs,
    Constant,
    Did,
    DidInOrder,
    DidWithout,
    EventPattern,
    Measure,
    Not,
    Operator,
    PropertyTest,
    Rank,
    Seen,
    Test,
    Trait,
)
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.events import RowKind
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json
from perennial.kernel.windows import CALENDAR_WORDS, MICROSECOND, Between, Calendar, LookBack, Window, Zone
from perennial.testing import HistoryEvent, PersonHistory

ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Asia/Kolkata")
ANCHORS = (
    datetime(2026, 3, 31, 12, tzinfo=UTC),  # an ordinary noon at a quarter's end
    datetime(2026, 1, 1, tzinfo=UTC),  # midnight of a new year in UTC
    datetime(2026, 3, 9, 4, tzinfo=UTC),  # midnight in New York after its day of 23 hours
    datetime(2025, 11, 2, 5, 30, tzinfo=UTC),  # inside New York's hour that happens twice
    datetime(2026, 2, 28, 18, 30, tzinfo=UTC),  # midnight in Kolkata on the first of March
)
EVENTS = ("order_paid", "app_open", "购买")
PATHS = ("amount", "code", "items.sku", "context.ip", "when")
CHANNELS = ("email", "sms")
TOPICS = ("marketing", "news")
JOURNEYS = ("winback", "welcome")
ARMS = ("control", "treated")
TRAITS = ("city", "age", "vip", "address.zip", "birthday")
TEXTS = (
    "",
    "a",
    "A",
    "ab",
    "12",
    "12.5",
    "-0.25",
    "true",
    "false",
    "北京",
    "Straße",
    "a'b\\c\n",
    "%_",
    "0.50",
)
WORDS = ("a", "A", "ab", "12", "1", ".", "北", "ß", "'", "\\", "%", "true")
PATTERNS = ("^a", "[0-9]+", "b$", "a|b", "^1.*5$", "北", "(?:A|b)c?", r"\.", r"^\d+$")
PLAIN_PATTERNS = ("^a", "b$", "A|B", "[0-9]+")
INSTANTS = (
    "2026-03-01",
    "2026-03-31",
    "2026-01-01T00:00:00Z",
    "2026-03-31T12:00:00Z",
    "2026-03-24T12:00:00.000001Z",
    "2026-03-31T20:00:00+08:00",
    "2026-03-09T12:00:00",
    "2025-11-02",
    "2026-13-01",
    "soon",
)
DATES = (date(2026, 3, 1), date(2026, 3, 30), date(2026, 3, 31), date(2026, 1, 1), date(2025, 11, 2))
SPANS = (timedelta(hours=1), timedelta(days=1), timedelta(days=7), timedelta(days=28))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One moment, some people, some questions."""

    moment: Moment
    people: tuple[PersonHistory, ...]
    conditions: tuple[Condition, ...]


def quarters(low: int = -8, high: int = 60) -> SearchStrategy[float]:
    """Multiples of 0.25, which floats add exactly."""
    return st.integers(low, high).map(lambda n: n / 4)


@st.composite
def moments(draw: st.DrawFn) -> Moment:
    """When and in whose calendar; sometimes only what was known by then."""
    as_of = draw(st.sampled_from(ANCHORS)) + draw(st.sampled_from((-MICROSECOND, timedelta(), MICROSECOND)))
    zone = Zone(name=draw(st.sampled_from(ZONES)), week_start=draw(st.sampled_from((0, 6))))
    late = draw(st.sampled_from((None, None, None, timedelta(), timedelta(days=1))))
    return Moment(as_of=as_of, zone=zone, known_by=None if late is None else as_of - late)


# ---------------------------------------------------------------- histories


def instants(moment: Moment) -> SearchStrategy[datetime]:
    """Times around the moment's windows: borders of look-backs, of local days, and shortly after."""
    midnight = moment.as_of.astimezone(moment.zone.rules).replace(hour=0, minute=0, second=0, microsecond=0)
    spans = st.sampled_from(
        (
            timedelta(),
            *SPANS,
            *(2 * span for span in SPANS),
            *(5 * span for span in SPANS),
            timedelta(days=400),
        )
    )
    look_backs = spans.map(lambda span: moment.as_of - span)
    days = st.integers(-1, 40).map(lambda n: (midnight - timedelta(days=n)).astimezone(UTC))
    hours = st.integers(-3, 24 * 10).map(lambda n: moment.as_of - timedelta(hours=n, minutes=7))
    nudges = st.sampled_from((-MICROSECOND, timedelta(), timedelta(), MICROSECOND))
    return st.tuples(st.one_of(look_backs, days, hours), nudges).map(lambda it: it[0] + it[1])


def scalars() -> SearchStrategy[Json]:
    """What a client may send as one value."""
    return st.one_of(
        quarters(),
        st.integers(-3, 20),
        st.sampled_from(TEXTS),
        st.sampled_from(INSTANTS),
        st.booleans(),
        st.none(),
    )


def values() -> SearchStrategy[Json]:
    """A scalar, or a list of them, which may be empty or hold nulls."""
    return st.one_of(scalars(), scalars(), scalars(), st.lists(scalars(), max_size=3))


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Json]:
    """Properties of an event."""
    document: dict[str, Json] = {}
    for name in draw(st.sets(st.sampled_from(("amount", "code", "when")), max_size=3)):
        document[name] = draw(quarters() if name == "amount" and draw(st.booleans()) else values())
    if draw(st.booleans()):
        skus = draw(st.lists(values(), max_size=3))
        document["items"] = [{"sku": sku} for sku in skus]
    if draw(st.booleans()):
        document["context"] = {"ip": draw(st.sampled_from(("10.0.0.1", "12", None)))}
    return document


@st.composite
def trait_documents(draw: st.DrawFn) -> dict[str, Json]:
    """Traits of an identify call."""
    document: dict[str, Json] = {}
    for name in sorted(draw(st.sets(st.sampled_from(("city", "age", "vip", "birthday")), max_size=3))):
        document[name] = draw(values())
    if draw(st.booleans()):
        document["address"] = draw(st.one_of(values(), st.builds(_zip, values())))
    return document


def _zip(value: Json) -> dict[str, Json]:
    return {"zip": value}


KINDS: tuple[RowKind, ...] = (
    "track",
    "track",
    "track",
    "track",
    "identify",
    "identify",
    "page",
    "perennial",
    "perennial",
    "group",
    "consent",
    "consent",
)


@st.composite
def events(draw: st.DrawFn, moment: Moment, number: int) -> HistoryEvent:
    """One row; `number` orders rows of one instant, as their message ids do."""
    kind = draw(st.sampled_from(KINDS))
    occurred_at = draw(instants(moment))
    late = draw(st.sampled_from((timedelta(), timedelta(), MICROSECOND, timedelta(days=2))))
    document = draw(trait_documents() if kind == "identify" else documents())
    name = _NAMES[kind] if kind in _NAMES else draw(st.sampled_from(EVENTS))
    if kind == "consent":
        document = draw(consents())
    if kind == "perennial":
        name = draw(st.sampled_from(("message_opened", "message_sent", "message_clicked", "journey_entered")))
        document["journey"], document["arm"] = draw(st.sampled_from(JOURNEYS)), draw(st.sampled_from(ARMS))
        document["by"] = draw(st.sampled_from(("person", "scanner", None)))
    return HistoryEvent(
        name=name,
        kind=kind,
        origin="perennial" if kind == "perennial" else "source",
        occurred_at=occurred_at,
        received_at=occurred_at + late,
        message_id=f"m-{number:03d}",
        properties=document,
    )


def consents() -> SearchStrategy[dict[str, Json]]:
    """What a call of consent says."""
    return st.fixed_dictionaries(
        {
            "channel": st.sampled_from(CHANNELS),
            "topic": st.sampled_from(TOPICS),
            "state": st.sampled_from(("granted", "withdrawn")),
            "proof": st.just(""),
        }
    )


_NAMES: dict[RowKind, str] = {kind: kind for kind in ("identify", "group", "page", "consent")}


@st.composite
def people(
    draw: st.DrawFn, moment: Moment, *, fewest: int = 1, count: int = 3, most_events: int = 7
) -> tuple[PersonHistory, ...]:
    """Several people; some have nothing but an identify call, or nothing by the moment."""
    drawn: list[PersonHistory] = []
    for person in range(draw(st.integers(fewest, count))):
        how_many = draw(st.integers(1, most_events))
        log = [draw(events(moment, person * 100 + index)) for index in range(how_many)]
        drawn.append(PersonHistory(profile_id=ProfileId(1000 + person), events=tuple(log)))
    return tuple(drawn)


# ---------------------------------------------------------------- conditions

NUMERIC: tuple[Operator, ...] = ("=", "!=", ">", ">=", "<", "<=")


@st.composite
def number_tests(draw: st.DrawFn, numbers: SearchStrategy[float] | None = None) -> Test:
    """A test of an aggregate."""
    source = numbers if numbers is not None else quarters()
    operator: Operator = draw(st.sampled_from((*NUMERIC, "between", "in", "not_in")))
    if operator == "between":
        return Test(operator=operator, literal=tuple(sorted(draw(st.tuples(source, source)))))
    if operator in ("in", "not_in"):
        return Test(operator=operator, literal=tuple(draw(st.lists(source, min_size=1, max_size=3))))
    return Test(operator=operator, literal=draw(source))


@st.composite
def value_tests(draw: st.DrawFn) -> Test:
    """A test of a property or trait, with every operator and every kind of literal."""
    return draw(st.one_of(number_tests(), _text_tests(), _word_tests(), _time_tests(), _other_tests()))


@st.composite
def _text_tests(draw: st.DrawFn) -> Test:
    """Equality, order and lists of texts."""
    ignore_case = draw(st.booleans())
    text = st.sampled_from(TEXTS)
    operator: Operator = draw(st.sampled_from((*NUMERIC, "between", "in", "not_in", "any_of", "all_of")))
    if operator == "between":
        return Test(
            operator=operator, literal=tuple(sorted(draw(st.tuples(text, text)))), ignore_case=ignore_case
        )
    if operator in ("in", "not_in", "any_of", "all_of"):
        several = draw(st.lists(text, min_size=1, max_size=3))
        return Test(operator=operator, literal=tuple(several), ignore_case=ignore_case)
    return Test(operator=operator, literal=draw(text), ignore_case=ignore_case)


@st.composite
def _word_tests(draw: st.DrawFn) -> Test:
    """Parts of texts and patterns."""
    ignore_case = draw(st.booleans())
    operator: Operator = draw(
        st.sampled_from(("contains", "not_contains", "starts_with", "ends_with", "matches", "matches"))
    )
    if operator == "matches":
        pattern = draw(st.sampled_from(PLAIN_PATTERNS if ignore_case else PATTERNS))
        return Test(operator=operator, literal=pattern, ignore_case=ignore_case)
    return Test(operator=operator, literal=draw(st.sampled_from(WORDS)), ignore_case=ignore_case)


@st.composite
def _time_tests(draw: st.DrawFn) -> Test:
    """Values that are dates."""
    operator: Operator = draw(st.sampled_from(("before", "after", "in_last", "in_next")))
    if operator in ("in_last", "in_next"):
        return Test(operator=operator, literal=draw(st.sampled_from(SPANS)))
    return Test(operator=operator, literal=draw(st.one_of(st.sampled_from(DATES), st.sampled_from(ANCHORS))))


@st.composite
def _other_tests(draw: st.DrawFn) -> Test:
    """Presence, booleans, and lists of numbers or booleans."""
    operator: Operator = draw(st.sampled_from(("set", "=", "!=", "in", "not_in", "any_of", "all_of")))
    if operator in ("set", "=", "!="):
        return Test(operator=operator, literal=draw(st.booleans()))
    several = st.one_of(
        st.lists(quarters(), min_size=1, max_size=3), st.lists(st.booleans(), min_size=1, max_size=2)
    )
    return Test(operator=operator, literal=tuple(draw(several)))


@st.composite
def patterns(draw: st.DrawFn) -> EventPattern:
    """An event by name or any event, with no, one or two property tests."""
    name = draw(
        st.sampled_from((*EVENTS, *EVENTS, "*", "*", "page", "message_opened", "message_sent", "never_sent"))
    )
    tests = st.builds(PropertyTest, property=st.sampled_from(PATHS), test=value_tests())
    return EventPattern(event=name, where=tuple(draw(st.one_of(st.just([]), st.lists(tests, max_size=2)))))


def windows() -> SearchStrategy[Window | None]:
    """Every way to say since when."""
    ends: SearchStrategy[date | datetime | None] = st.one_of(
        st.sampled_from(DATES), st.sampled_from(ANCHORS), st.none()
    )
    return st.one_of(
        st.none(),
        st.builds(LookBack, span=st.sampled_from(SPANS)),
        st.builds(Calendar, word=st.sampled_from(CALENDAR_WORDS)),
        st.builds(Between, start=ends, end=ends).filter(_can_be_written),
    )


def _can_be_written(window: Between) -> bool:
    """Whether the parser takes the window: it has an end, and does not plainly end before it begins."""
    start, end = window.start, window.end
    if isinstance(start, datetime) and isinstance(end, datetime):
        return start < end
    if start is None or end is None:
        return start is not end
    return isinstance(start, datetime) or isinstance(end, datetime) or start <= end


COMPARED: tuple[AggregateKind, ...] = ("count", "sum", "avg", "min", "max", "median", "distinct", "days")
"""Aggregates that `change` compares; streaks and ages have no earlier window of their own."""


def aggregates(kinds: Sequence[AggregateKind]) -> SearchStrategy[Aggregate]:
    """An aggregate of one of the kinds; the property most often holds numbers."""
    return st.sampled_from(kinds).flatmap(
        lambda kind: st.builds(
            Aggregate,
            kind=st.just(kind),
            property=st.sampled_from(("amount", "amount", "code", "items.sku"))
            if kind in PROPERTY_AGGREGATES
            else st.none(),
        )
    )


def measures() -> SearchStrategy[Condition]:
    """An aggregate against a number."""
    kinds: tuple[AggregateKind, ...] = (*COMPARED, "streak", "streak", "first_ago", "last_ago")
    return st.builds(
        Measure, aggregate=aggregates(kinds), pattern=patterns(), test=number_tests(), window=windows()
    )


@st.composite
def changes(draw: st.DrawFn) -> Condition:
    """An aggregate against its own past."""
    percent = draw(st.booleans())
    averaged = st.sampled_from((1, 1, 2, 3)).map(lambda n: Baseline(windows=n))
    shifted = st.sampled_from(SPANS).map(lambda span: Baseline(shift=span))
    thresholds = st.sampled_from((-100.0, -50.0, -30.0, 0.0, 50.0, 100.0)) if percent else quarters(-20, 20)
    return Change(
        aggregate=draw(aggregates(COMPARED)),
        pattern=draw(patterns()),
        over=draw(st.sampled_from(SPANS)),
        against=draw(st.one_of(averaged, shifted)),
        test=Test(operator=draw(st.sampled_from(NUMERIC)), literal=draw(thresholds)),
        percent=percent,
        floor=draw(st.one_of(st.none(), quarters(-4, 12))),
        include_new=draw(st.booleans()),
    )


@st.composite
def word_tests(draw: st.DrawFn, words: Sequence[str]) -> Test:
    """A test of a value that is one of a few words."""
    operator: Operator = draw(st.sampled_from(("=", "=", "!=", "in", "not_in", "set")))
    if operator == "set":
        return Test(operator=operator, literal=draw(st.booleans()))
    if operator in ("in", "not_in"):
        several = st.lists(st.sampled_from(words), min_size=1, max_size=2)
        return Test(operator=operator, literal=tuple(draw(several)))
    return Test(operator=operator, literal=draw(st.sampled_from(words)))


@st.composite
def keys(draw: st.DrawFn, asked: Sequence[EventPattern]) -> tuple[str, ...] | None:
    """A property that is to be the same, or one for each event."""
    paths = st.sampled_from(("code", "code", "items.sku", "amount"))
    if draw(st.booleans()):
        return None
    if draw(st.booleans()):
        return (draw(paths),) * len(asked)
    by_event = {pattern.event: draw(paths) for pattern in asked}
    return tuple(by_event[pattern.event] for pattern in asked)


def steps() -> SearchStrategy[EventPattern]:
    """Events that follow each other, mostly without tests, so that some do."""
    named = st.builds(EventPattern, event=st.sampled_from((*EVENTS, *EVENTS, "*", "page")))
    return st.one_of(named, named, named, patterns())


@st.composite
def sequences(draw: st.DrawFn) -> Condition:
    """Events one after the other."""
    asked = tuple(draw(st.lists(steps(), min_size=2, max_size=4)))
    return DidInOrder(
        steps=asked,
        span=draw(st.one_of(st.none(), st.sampled_from(SPANS))),
        window=draw(st.one_of(st.none(), windows())),
        same=draw(keys(asked)),
    )


@st.composite
def absences(draw: st.DrawFn) -> Condition:
    """An event that another did not follow."""
    after, other = draw(steps()), draw(steps())
    same = draw(keys((after, other)))
    return DidWithout(
        after=after,
        without=other,
        wait=draw(st.sampled_from(SPANS)),
        until=draw(st.sampled_from(SPANS)),
        same=None if same is None else (same[0], same[1]),
    )


def told_conditions() -> SearchStrategy[Condition]:
    """When somebody was seen, what they agreed to, where they were assigned."""
    return st.one_of(seen_conditions(), seen_conditions(), consented(), assignments())


def seen_conditions() -> SearchStrategy[Condition]:
    """When somebody was first or last active."""
    return st.builds(Seen, end=st.sampled_from(("first", "last")), window=windows())


def consented() -> SearchStrategy[Condition]:
    """What somebody agreed to."""
    return st.builds(
        ConsentIs,
        channel=st.sampled_from(CHANNELS),
        topic=st.sampled_from(TOPICS),
        test=word_tests(("granted", "withdrawn")),
    )


def assignments() -> SearchStrategy[Condition]:
    """Where somebody was assigned."""
    return st.builds(AssignedIs, journey=st.sampled_from(JOURNEYS), test=word_tests(ARMS))


@st.composite
def ranks(draw: st.DrawFn) -> Rank:
    """A share of a measure, of everyone or of some."""
    kinds: tuple[AggregateKind, ...] = ("count", "count", "sum", "avg", "max", "distinct", "days", "last_ago")
    spread = st.sampled_from((1.0, 10.0, 25.0, 33.3, 50.0, 70.0, 100.0))
    return Rank(
        aggregate=draw(aggregates(kinds)),
        pattern=draw(steps()),
        side=draw(st.sampled_from(("top", "bottom"))),
        percent=draw(spread),
        window=draw(windows()),
        among=draw(st.one_of(st.none(), st.none(), sequences(), told_conditions())),
    )


def related() -> SearchStrategy[Condition]:
    """Events in relation to each other."""
    return st.one_of(sequences(), absences())


def dids() -> SearchStrategy[Condition]:
    """An event, counted."""
    times = st.builds(Test, operator=st.sampled_from(NUMERIC), literal=st.integers(0, 4).map(float))
    return st.builds(Did, pattern=patterns(), times=times, window=windows())


def traits() -> SearchStrategy[Condition]:
    """What we were told of somebody."""
    return st.builds(Trait, trait=st.sampled_from(TRAITS), test=value_tests())


def leaf_conditions() -> SearchStrategy[Condition]:
    """One question without parts."""
    return st.one_of(
        dids(),
        dids(),
        measures(),
        changes(),
        traits(),
        traits(),
        told_conditions(),
        related(),
        related(),
    )


def conditions() -> SearchStrategy[Condition]:
    """Any resolved condition: all built forms, combined, and the constants that resolving leaves."""
    constant = st.builds(Constant, value=st.booleans())
    leaf = st.one_of(leaf_conditions(), leaf_conditions(), leaf_conditions(), constant)
    return st.recursive(leaf, _combined, max_leaves=4)


def asked_conditions() -> SearchStrategy[Condition]:
    """Any condition that has a document: as `conditions`, without constants."""
    return st.recursive(leaf_conditions(), _combined, max_leaves=4)


def _combined(part: SearchStrategy[Condition]) -> SearchStrategy[Condition]:
    several = st.lists(part, min_size=1, max_size=3).map(tuple)
    return st.one_of(st.builds(All, of=several), st.builds(AnyOf, of=several), st.builds(Not, of=part))


@st.composite
def cases(draw: st.DrawFn, *, people_count: int = 3, condition_count: int = 5) -> Case:
    """A moment, people and questions that belong together."""
    moment = draw(moments())
    asked = draw(st.lists(conditions(), min_size=1, max_size=condition_count))
    return Case(moment=moment, people=draw(people(moment, count=people_count)), conditions=tuple(asked))
