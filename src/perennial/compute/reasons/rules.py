"""How a condition is taken apart into inquiries, and inquiries are put together as reasons. Pure."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import fmean

from perennial.compute.profiles.ports import Cut, Quantity
from perennial.compute.reasons.model import Finding, Findings, Inquiry, Reason
from perennial.kernel.conditions.model import (
    Aggregate,
    All,
    AnyOf,
    AssignedIs,
    Change,
    Condition,
    ConsentIs,
    Did,
    DidInOrder,
    DidWithout,
    EventPattern,
    InSegment,
    Measure,
    Not,
    Rank,
    Seen,
    TagIs,
    Trait,
)
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.conditions.resolve import Definitions, resolve
from perennial.kernel.conditions.tagrule import (
    MeasureRule,
    ScorePart,
    ScoreRule,
    StoredRule,
    TagRule,
    ValueRule,
)
from perennial.kernel.events import ANY_EVENT
from perennial.kernel.ids import SegmentId, TagId
from perennial.kernel.windows import MICROSECOND, Between, LookBack, Window

_COUNT = Aggregate(kind="count")
_FIRST = Quantity(aggregate=Aggregate(kind="first_ago"), pattern=EventPattern(event=ANY_EVENT))
_NOTHING: dict[str, Finding] = {}


def inquire(condition: Condition, definitions: Definitions, *, at: Moment, path: str = "$") -> Inquiry:
    """What has to be looked up to say why a condition holds or not.

    A tag or segment that is referred to is taken apart where it first stands; where it stands again only its
    verdict is told. Raises InvalidDocument as `resolve` does.
    """
    return _Surveyor(definitions, at).of(condition, path)


def every(inquiry: Inquiry) -> Iterator[Inquiry]:
    """An inquiry and all its parts, outermost first."""
    yield inquiry
    for part in inquiry.parts:
        yield from every(part)


def reason(inquiry: Inquiry, found: Findings, *, at: Moment) -> Reason:
    """The reason that what was found amounts to."""
    parts = tuple(reason(part, found, at=at) for part in inquiry.parts)
    return Reason(
        path=inquiry.path,
        condition=inquiry.condition,
        holds=found.verdicts[inquiry.meant],
        seen=_seen(inquiry, parts, found, at),
        value=inquiry.value,
        parts=parts,
    )


class WithCuts:
    """Definitions whose cuts are looked up once, so that the border shown is the one that decided."""

    def __init__(self, definitions: Definitions, cut_of: Callable[[Rank], Cut], *, at: Moment) -> None:
        self._definitions = definitions
        self._cut_of = cut_of
        self._at = at
        self.cuts: dict[Rank, Cut] = {}
        """What was asked for."""

    @property
    def tag_ids(self) -> Collection[str]:
        """Every tag there is."""
        return self._definitions.tag_ids

    @property
    def segment_ids(self) -> Collection[str]:
        """Every segment there is."""
        return self._definitions.segment_ids

    def tag(self, tag_id: str) -> TagRule | None:
        """A tag's rule."""
        return self._definitions.tag(tag_id)

    def segment(self, segment_id: str) -> Condition | None:
        """A segment's condition."""
        return self._definitions.segment(segment_id)

    def cut(self, rank: Rank) -> float | None:
        """The border of a share at the moment."""
        if rank not in self.cuts:
            self.cuts[rank] = self._cut_of(rank)
        return self.cuts[rank].aged(rank, self._at.as_of)


class _Surveyor:
    """Takes conditions apart; remembers which tags and segments it went into."""

    def __init__(self, definitions: Definitions, at: Moment) -> None:
        self._definitions = definitions
        self._at = at
        self._opened: set[str] = set()

    def of(self, condition: Condition, path: str, value: str | None = None) -> Inquiry:
        meant = resolve(condition, self._definitions, path=path)
        match condition:
            case TagIs():
                return self._of_asked(condition, meant, path, value)
            case InSegment():
                return self._of_segment(condition, meant, path, value)
            case _:
                return Inquiry(
                    path=path,
                    condition=condition,
                    meant=meant,
                    value=value,
                    wanted=_numbers(condition, self._at),
                    told=condition if isinstance(condition, Trait | ConsentIs | AssignedIs) else None,
                    ranked=self._ranked(condition) if isinstance(condition, Rank) else None,
                    parts=self._parts(condition, path),
                )

    def _of_asked(self, condition: TagIs, meant: Condition, path: str, value: str | None) -> Inquiry:
        rule = StoredRule() if condition.is_stored else self._definitions.tag(condition.tag)
        return Inquiry(
            path=path,
            condition=condition,
            meant=meant,
            value=value,
            rule=rule,
            stored=TagId(condition.tag) if isinstance(rule, StoredRule) else None,
            wanted=() if rule is None else tuple(_of_rule(rule)),
            parts=() if rule is None else self._of_tag(condition.tag, rule),
        )

    def _parts(self, condition: Condition, path: str) -> tuple[Inquiry, ...]:
        match condition:
            case All():
                return tuple(self.of(part, f"{path}.all[{n}]") for n, part in enumerate(condition.of))
            case AnyOf():
                return tuple(self.of(part, f"{path}.any[{n}]") for n, part in enumerate(condition.of))
            case Not():
                return (self.of(condition.of, f"{path}.not"),)
            case Rank(among=among) if among is not None:
                return (self.of(among, f"{path}.among"),)
            case _:
                return ()

    def _ranked(self, rank: Rank) -> Rank:
        among = None if rank.among is None else resolve(rank.among, self._definitions)
        return replace(rank, among=among)

    def _of_segment(self, condition: InSegment, meant: Condition, path: str, value: str | None) -> Inquiry:
        name = f"segment {condition.segment}"
        is_kept = isinstance(meant, InSegment)
        inside = None if is_kept or name in self._opened else self._definitions.segment(condition.segment)
        self._opened.add(name)
        return Inquiry(
            path=path,
            condition=condition,
            meant=meant,
            value=value,
            kept=SegmentId(condition.segment) if is_kept else None,
            parts=() if inside is None else (self.of(inside, f"{name}: $"),),
        )

    def _of_tag(self, tag: str, rule: TagRule) -> tuple[Inquiry, ...]:
        name = f"tag {tag}"
        if name in self._opened or isinstance(rule, StoredRule):
            return ()
        self._opened.add(name)
        match rule:
            case ValueRule():
                return tuple(
                    self.of(condition, f"{name}: {rule.path(n)}", value)
                    for n, (value, condition) in enumerate(rule.values)
                )
            case ScoreRule():
                return (self.of(rule.population, f"{name}: $.population"),)
            case MeasureRule():
                return ()


def _numbers(condition: Condition, at: Moment) -> tuple[Quantity, ...]:
    match condition:
        case Did():
            count = Quantity(aggregate=_COUNT, pattern=condition.pattern, window=condition.window)
            return (count, _last(condition.pattern, condition.window))
        case Measure():
            value = Quantity(
                aggregate=condition.aggregate, pattern=condition.pattern, window=condition.window
            )
            return (value, _last(condition.pattern, condition.window))
        case Change():
            return (*(_of_change(condition, window) for window in _windows(condition, at)), _FIRST)
        case Rank():
            return (
                Quantity(aggregate=condition.aggregate, pattern=condition.pattern, window=condition.window),
            )
        case DidInOrder():
            return tuple(
                Quantity(aggregate=_COUNT, pattern=it, window=condition.window) for it in condition.steps
            )
        case DidWithout():
            return _last(condition.after, None), _last(condition.without, None)
        case Seen():
            return (_FIRST if condition.end == "first" else _last(_FIRST.pattern, None),)
        case _:
            return ()


def _of_rule(rule: TagRule) -> Iterator[Quantity]:
    match rule:
        case MeasureRule():
            yield Quantity(aggregate=rule.aggregate, pattern=rule.pattern, window=rule.window)
        case ScoreRule():
            yield from (_of_part(part) for part in rule.parts)
        case ValueRule() | StoredRule():
            return


def _of_part(part: ScorePart) -> Quantity:
    return Quantity(aggregate=part.aggregate, pattern=part.pattern, window=part.window)


def _last(pattern: EventPattern, window: Window | None) -> Quantity:
    return Quantity(aggregate=Aggregate(kind="last_ago"), pattern=pattern, window=window)


def _of_change(change: Change, window: Window) -> Quantity:
    return Quantity(aggregate=change.aggregate, pattern=change.pattern, window=window)


def _windows(change: Change, at: Moment) -> list[Window]:
    """The present window first, then those it is measured against, latest first."""
    against, over = change.against, change.over
    if against.shift is not None:
        return [LookBack(span=over), _ended(at.as_of - against.shift, over)]
    before = [_ended(at.as_of - k * over, over) for k in range(1, against.windows + 1)]
    return [LookBack(span=over), *before]


def _ended(until: datetime, over: timedelta) -> Window:
    """`(until - over, until]` as a window that a person could have written, which is half-open."""
    return Between(start=until - over + MICROSECOND, end=until + MICROSECOND)


def _seen(inquiry: Inquiry, parts: tuple[Reason, ...], found: Findings, at: Moment) -> Mapping[str, Finding]:
    match inquiry.condition:
        case Did():
            count, last = (found.numbers[one] for one in inquiry.wanted)
            return {"count": int(count or 0), **_ago("last_at", last, at)}
        case Measure():
            value, last = (found.numbers[one] for one in inquiry.wanted)
            return {"value": value, **_ago("last_at", last, at)}
        case Change():
            return _seen_change(inquiry.condition, [found.numbers[one] for one in inquiry.wanted], at)
        case Rank() | DidInOrder() | DidWithout() | Seen():
            return _seen_related(inquiry, found, at)
        case Trait() | ConsentIs() | AssignedIs():
            told = found.told.get(inquiry.condition)
            if told is None:
                return {"value": None}
            return {"value": told.value, "told_at": told.told_at, "source": told.source}
        case TagIs():
            return _seen_tag(inquiry, parts, found)
        case InSegment() if inquiry.kept is not None:
            entered = found.kept.get(inquiry.kept)
            return _NOTHING if entered is None else {"entered_at": entered}
        case _:
            return _NOTHING


def _seen_related(inquiry: Inquiry, found: Findings, at: Moment) -> Mapping[str, Finding]:
    values = [found.numbers[one] for one in inquiry.wanted]
    match inquiry.condition:
        case Rank():
            return {"value": values[0], **_border(inquiry, found, at)}
        case DidInOrder():
            return {"counts": [int(value or 0) for value in values]}
        case DidWithout():
            did, answered = values
            return {**_ago("did_at", did, at), **_ago("answered_at", answered, at)}
        case _:
            return _ago("at", values[0], at)


def _border(inquiry: Inquiry, found: Findings, at: Moment) -> Mapping[str, Finding]:
    """The value of the last one inside a share as it is by now, of how many, and when it was found."""
    if inquiry.ranked is None:
        return _NOTHING
    cut = found.cuts[inquiry.ranked]
    return {"border": cut.aged(inquiry.ranked, at.as_of), "people": cut.people, "found_at": cut.at}


def _seen_change(change: Change, values: list[float | None], at: Moment) -> Mapping[str, Finding]:
    now, *before, first = values
    known = [value for value in before if value is not None]
    baseline = fmean(known) if known else None
    seen: dict[str, Finding] = {"now": now, "before": baseline, **_ago("first_seen_at", first, at)}
    if now is None or baseline is None:
        return seen
    if not change.percent:
        return {**seen, "difference": now - baseline}
    return {**seen, "percent": (now - baseline) * 100 / baseline} if baseline else seen


def _seen_tag(inquiry: Inquiry, parts: tuple[Reason, ...], found: Findings) -> Mapping[str, Finding]:
    match inquiry.rule:
        case MeasureRule():
            return {"value": found.numbers[inquiry.wanted[0]]}
        case ValueRule() if parts:
            held = next((part.value for part in parts if part.holds), inquiry.rule.otherwise)
            return {"value": held}
        case ScoreRule() if parts:
            return _seen_score(inquiry.rule, inquiry.wanted, found, is_scored=parts[0].holds)
        case StoredRule() if inquiry.stored is not None:
            return {"value": found.stored.get(inquiry.stored)}
        case _:
            return _NOTHING


def _seen_score(
    rule: ScoreRule, wanted: tuple[Quantity, ...], found: Findings, *, is_scored: bool
) -> Mapping[str, Finding]:
    if not is_scored:
        return {"value": None}
    scores = [
        _score(part, found.numbers[quantity]) for part, quantity in zip(rule.parts, wanted, strict=True)
    ]
    high = tuple(score >= part.high_from for score, part in zip(scores, rule.parts, strict=True))
    named = next((group.name for group in rule.groups if group.high == high), None)
    seen: dict[str, Finding] = {"value": named}
    for part, quantity, score in zip(rule.parts, wanted, scores, strict=True):
        seen[part.name] = found.numbers[quantity]
        seen[f"{part.name}_score"] = score
    return seen


def _score(part: ScorePart, value: float | None) -> int:
    if value is None:
        return 1
    reached = (cut >= value if part.low_is_good else cut <= value for cut in part.cuts)
    return 1 + sum(reached)


def _ago(name: str, days: float | None, at: Moment) -> Mapping[str, Finding]:
    """An instant that is known as an age; to the millisecond, as ages are fractions of days."""
    if days is None:
        return {}
    instant = at.as_of - timedelta(days=days)
    rounded = instant + timedelta(microseconds=500)
    return {name: rounded.replace(microsecond=rounded.microsecond // 1000 * 1000)}
