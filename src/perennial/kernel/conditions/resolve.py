"""Putting the tags and segments that a condition refers to in its place."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol, assert_never

from perennial.kernel.conditions.comparisons import TIME_OPERATORS
from perennial.kernel.conditions.model import (
    ZERO_WHEN_EMPTY,
    All,
    AnyOf,
    Condition,
    Constant,
    Did,
    InSegment,
    Literal_,
    Measure,
    Not,
    Operator,
    Rank,
    TagIs,
    Test,
)
from perennial.kernel.conditions.problems import MAX_NESTING
from perennial.kernel.conditions.rules import passes
from perennial.kernel.conditions.tagrule import (
    MeasureRule,
    ScorePart,
    ScoreRule,
    StoredRule,
    TagRule,
    ValueRule,
)
from perennial.kernel.errors import InvalidDocument, Problem, nearest
from perennial.kernel.windows import Zone

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_NO_ZONE = Zone()
MOST_PARTS = 10_000
"""Parts of a condition once references are put in their place: more take an engine minutes to read."""
_AT_LEAST_ONCE = Test(operator=">=", literal=1.0)
_ROUNDING = 2.0**-48
"""As a part of a value: what the order of adding may change."""
TRUE = Constant(value=True)
FALSE = Constant(value=False)


class Definitions(Protocol):
    """The tags and segments that conditions may refer to, as defined now."""

    @property
    def tag_ids(self) -> Collection[str]:
        """Every tag there is."""
        ...

    @property
    def segment_ids(self) -> Collection[str]:
        """Every segment there is."""
        ...

    def tag(self, tag_id: str) -> TagRule | None:
        """A tag's rule, its conditions unresolved."""
        ...

    def segment(self, segment_id: str) -> Condition | None:
        """A segment's condition, unresolved."""
        ...

    def cut(self, rank: Rank) -> float | None:
        """The value of the last one inside a share, its own parts resolved; None where nobody is ranked."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDefinitions:
    """Definitions held in memory."""

    tags: Mapping[str, TagRule] = field(default_factory=dict[str, TagRule])
    segments: Mapping[str, Condition] = field(default_factory=dict[str, Condition])
    cuts: Mapping[Rank, float] = field(default_factory=dict[Rank, float])

    @property
    def tag_ids(self) -> Collection[str]:
        """Every tag there is."""
        return self.tags.keys()

    @property
    def segment_ids(self) -> Collection[str]:
        """Every segment there is."""
        return self.segments.keys()

    def tag(self, tag_id: str) -> TagRule | None:
        """A tag's rule."""
        return self.tags.get(tag_id)

    def segment(self, segment_id: str) -> Condition | None:
        """A segment's condition."""
        return self.segments.get(segment_id)

    def cut(self, rank: Rank) -> float | None:
        """The border of a share."""
        return self.cuts.get(rank)


def resolve(condition: Condition, definitions: Definitions, *, path: str = "$") -> Condition:
    """The condition without references: what each tag and segment stands for is put in its place.

    Raises InvalidDocument: unknown_tag, unknown_segment, cycle (the way round is in the message), too_deep,
    too_large, or wrong_type where a tag's values cannot be compared like this. Paths inside another
    definition begin with its name.
    """
    return _Resolver(definitions).resolved(condition, path, ())


def choose(question: Condition, *, yes: Condition, no: Condition) -> Condition:
    """`yes` where the question holds, else `no`; without parts that cannot matter."""
    if isinstance(question, Constant):
        return yes if question.value else no
    match yes, no:
        case Constant(), Constant():
            return _answered(question, yes, no)
        case Constant(value=True), _:
            return AnyOf(of=(question, no))
        case Constant(), _:
            return All(of=(Not(of=question), no))
        case _, Constant(value=False):
            return All(of=(question, yes))
        case _, Constant():
            return AnyOf(of=(Not(of=question), yes))
        case _:
            return AnyOf(of=(All(of=(question, yes)), All(of=(Not(of=question), no))))


def _answered(question: Condition, yes: Constant, no: Constant) -> Condition:
    if yes == no:
        return yes
    return question if yes.value else Not(of=question)


class _Resolver:
    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._done: dict[str, tuple[Condition, int]] = {}
        """Segments put in place already, and how many parts each has."""
        self._parts = 0

    def resolved(self, condition: Condition, path: str, way: tuple[str, ...]) -> Condition:
        self._count(1, path)
        match condition:
            case All():
                return All(of=self._several(condition.of, f"{path}.all", way))
            case AnyOf():
                return AnyOf(of=self._several(condition.of, f"{path}.any", way))
            case Not():
                return Not(of=self.resolved(condition.of, f"{path}.not", way))
            case InSegment():
                return self._segment(condition.segment, f"{path}.segment", way)
            case Rank():
                return self._rank(condition, path, way)
            case TagIs():
                return self._tag(condition, f"{path}.tag", way)
            case _:
                return condition

    def _rank(self, rank: Rank, path: str, way: tuple[str, ...]) -> Condition:
        """Who is ranked, and reaches the border of the share."""
        if rank.among is not None:
            rank = replace(rank, among=self.resolved(rank.among, f"{path}.among", way))
        cut = self._definitions.cut(rank)
        if cut is None:
            return FALSE
        # Sums of the same numbers in another order are not another value.
        slack = abs(cut) * _ROUNDING
        operator: Operator = ">=" if rank.side == "top" else "<="
        test = Test(operator=operator, literal=cut - slack if rank.side == "top" else cut + slack)
        inside = Measure(aggregate=rank.aggregate, pattern=rank.pattern, test=test, window=rank.window)
        is_ranked = Did(pattern=rank.pattern, times=_AT_LEAST_ONCE, window=rank.window)
        return All(of=(is_ranked, inside) if rank.among is None else (is_ranked, inside, rank.among))

    def _several(
        self, conditions: tuple[Condition, ...], path: str, way: tuple[str, ...]
    ) -> tuple[Condition, ...]:
        return tuple(self.resolved(each, f"{path}[{index}]", way) for index, each in enumerate(conditions))

    def _segment(self, segment: str, path: str, way: tuple[str, ...]) -> Condition:
        name = f"segment {segment}"
        if name in self._done:
            known, parts = self._done[name]
            self._count(parts, path)
            return known
        found = self._definitions.segment(segment)
        if found is None:
            raise _unknown("segment", segment, self._definitions.segment_ids, path)
        if isinstance(found, InSegment) and found.is_kept:
            return found
        before = self._parts
        resolved = self.resolved(found, f"{name}: $", _onward(way, name, path))
        self._done[name] = (resolved, self._parts - before)
        return resolved

    def _count(self, parts: int, path: str) -> None:
        """Refuse definitions that name each other twice, twelve deep: they double at every step."""
        self._parts += parts
        if self._parts > MOST_PARTS:
            message = f"With what it refers to, the condition has more than {MOST_PARTS} parts."
            raise _refusal(path, "too_large", message, "Refer to a segment or tag once, not in each part.")

    def _tag(self, asked: TagIs, path: str, way: tuple[str, ...]) -> Condition:
        if asked.is_stored:
            return asked
        rule = self._definitions.tag(asked.tag)
        if rule is None:
            raise _unknown("tag", asked.tag, self._definitions.tag_ids, path)
        onward = _onward(way, f"tag {asked.tag}", path)
        match rule:
            case ValueRule():
                return self._of_values(rule, asked, path, onward)
            case MeasureRule():
                return _of_measure(rule, asked, path)
            case ScoreRule():
                return self._of_scores(rule, asked, path, onward)
            case StoredRule():
                return _of_stored(rule, asked, path)
            case _:
                assert_never(rule)

    def _of_values(self, rule: ValueRule, asked: TagIs, path: str, way: tuple[str, ...]) -> Condition:
        answer = _verdict(asked, rule.otherwise, path)
        for index in reversed(range(len(rule.values))):
            value, condition = rule.values[index]
            question = self.resolved(condition, f"tag {asked.tag}: {rule.path(index)}", way)
            answer = choose(question, yes=_verdict(asked, value, path), no=answer)
        return answer

    def _of_scores(self, rule: ScoreRule, asked: TagIs, path: str, way: tuple[str, ...]) -> Condition:
        names = {group.high: group.name for group in rule.groups}

        def among(parts: tuple[ScorePart, ...], high: tuple[bool, ...]) -> Condition:
            if not parts:
                return _verdict(asked, names.get(high), path)
            first, rest = parts[0], parts[1:]
            return choose(_is_high(first), yes=among(rest, (*high, True)), no=among(rest, (*high, False)))

        population = self.resolved(rule.population, f"tag {asked.tag}: $.population", way)
        return choose(population, yes=among(rule.parts, ()), no=_verdict(asked, None, path))


def _onward(way: tuple[str, ...], name: str, path: str) -> tuple[str, ...]:
    onward = (*way, name)
    if name in way:
        circle = " → ".join(onward[onward.index(name) :])
        raise _refusal(path, "cycle", f"These refer to each other in a circle: {circle}.")
    if len(onward) > MAX_NESTING:
        raise _refusal(path, "too_deep", f"Definitions refer to each other more than {MAX_NESTING} deep.")
    return onward


def _unknown(kind: str, name: str, known: Collection[str], path: str) -> InvalidDocument:
    return _refusal(path, f"unknown_{kind}", f"There is no {kind} {name!r}.", nearest(name, known))


def _refusal(path: str, code: str, message: str, hint: str = "") -> InvalidDocument:
    return InvalidDocument([Problem(path=path, code=code, message=message, hint=hint)])


def _verdict(asked: TagIs, value: str | None, path: str) -> Constant:
    """What the test says of one value that the tag can have, or of having none."""
    if asked.test.operator in TIME_OPERATORS:
        message = f"The values of the tag {asked.tag!r} are names, not dates."
        raise _refusal(path.removesuffix(".tag") + f".{asked.test.operator}", "wrong_type", message)
    found = [] if value is None else [value]
    return TRUE if passes(asked.test, found, as_of=_NO_TIME, zone=_NO_ZONE) else FALSE


def _is_high(part: ScorePart) -> Condition:
    """Whether a score is high: the cut below which it is not has been reached."""
    if part.high_from <= 1:
        return TRUE
    if part.high_from - 1 > len(part.cuts):
        return FALSE
    test = Test(operator="<=" if part.low_is_good else ">=", literal=part.cuts[part.high_from - 2])
    return Measure(aggregate=part.aggregate, pattern=part.pattern, test=test, window=part.window)


_READ_AS: dict[Operator, Operator] = {
    "=": "=",
    ">": ">",
    ">=": ">=",
    "<": "<",
    "<=": "<=",
    "between": "between",
    "in": "in",
    "any_of": "in",
}
_OPPOSITE: dict[Operator, Operator] = {"!=": "=", "not_in": "in"}


def _of_measure(rule: MeasureRule, asked: TagIs, path: str) -> Condition:
    """A test of a numeric tag as a measure; a missing value passes `!=`, `not_in` and `set: false` here."""
    test = asked.test
    if test.operator == "set":
        return _is_there(rule) if test.literal else Not(of=_is_there(rule))
    if _is_numeric(test.literal):
        if test.operator in _READ_AS:
            return _compared(rule, _READ_AS[test.operator], test.literal)
        if test.operator in _OPPOSITE:
            return Not(of=_compared(rule, _OPPOSITE[test.operator], test.literal))
    message = f"The tag {asked.tag!r} is a number; this test is not one of numbers."
    raise _refusal(
        f"{path.removesuffix('.tag')}.{test.operator}", "wrong_type", message, "Write for example '>= 2'."
    )


def _of_stored(rule: StoredRule, asked: TagIs, path: str) -> Condition:
    """The question itself, of the value as it is stored; refused where no such value passes or fails it."""
    if not rule.is_number:
        _verdict(asked, None, path)
    elif asked.test.operator in TIME_OPERATORS:
        message = f"The tag {asked.tag!r} is a number, not a date."
        raise _refusal(f"{path.removesuffix('.tag')}.{asked.test.operator}", "wrong_type", message)
    return replace(asked, is_stored=True)


def _compared(rule: MeasureRule, operator: Operator, literal: Literal_) -> Condition:
    test = Test(operator=operator, literal=literal)
    return Measure(aggregate=rule.aggregate, pattern=rule.pattern, test=test, window=rule.window)


def _is_there(rule: MeasureRule) -> Condition:
    if rule.aggregate.kind in ZERO_WHEN_EMPTY:
        return TRUE
    return AnyOf(of=(_compared(rule, ">=", 0.0), _compared(rule, "<", 0.0)))


def _is_numeric(literal: Literal_) -> bool:
    sample = literal[0] if isinstance(literal, tuple) else literal
    return isinstance(sample, int | float) and not isinstance(sample, bool)
