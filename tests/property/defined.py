"""Random tags and segments, and conditions that refer to them: every form of the language at once."""

from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from tests.property.strategies import (
    EVENTS,
    absences,
    assignments,
    changes,
    conditions,
    consented,
    dids,
    measures,
    number_tests,
    quarters,
    ranks,
    seen_conditions,
    sequences,
    traits,
    word_tests,
)

from perennial.kernel.conditions import (
    Aggregate,
    All,
    AnyOf,
    Condition,
    InSegment,
    KnownDefinitions,
    MeasureRule,
    Not,
    ScoreGroup,
    ScorePart,
    ScoreRule,
    TagIs,
    ValueRule,
)
from perennial.kernel.conditions.model import Did, EventPattern
from perennial.kernel.conditions.model import Test as Comparison

STAGES = ("young", "grown", "gone")
GROUPS = ("champions", "away", "small")
_AT_LEAST_ONCE = Comparison(operator=">=", literal=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Defined:
    """Two segments, the second in terms of the first; a tag of values, one of scores, one of numbers."""

    definitions: KnownDefinitions
    every_form: tuple[Condition, ...]
    """One condition of each form, references among them."""


def of_tags() -> SearchStrategy[Condition]:
    """A test of any of the three tags."""
    stage = st.builds(TagIs, tag=st.just("stage"), test=word_tests(STAGES))
    group = st.builds(TagIs, tag=st.just("group"), test=word_tests(GROUPS))
    spent = st.builds(TagIs, tag=st.just("spent"), test=number_tests())
    return st.one_of(stage, group, spent)


@st.composite
def defined(draw: st.DrawFn) -> Defined:
    """Definitions, and conditions that rest on them."""
    stage = ValueRule(
        values=tuple((name, draw(conditions())) for name in STAGES[:2]),
        otherwise=draw(st.sampled_from((None, STAGES[2]))),
    )
    first = draw(st.one_of(conditions(), of_tags(), ranks()))
    second = draw(st.sampled_from((All, AnyOf)))(of=(InSegment(segment="first"), draw(dids()), draw(ranks())))
    forms = (dids(), measures(), changes(), sequences(), absences(), ranks(), traits())
    told = (seen_conditions(), consented(), assignments())
    references = [
        TagIs(tag="stage", test=draw(word_tests(STAGES))),
        TagIs(tag="group", test=draw(word_tests(GROUPS))),
        TagIs(tag="spent", test=draw(number_tests())),
        Not(of=InSegment(segment="second")),
    ]
    return Defined(
        definitions=KnownDefinitions(
            tags={"stage": stage, "group": draw(scores()), "spent": draw(numbers())},
            segments={"first": first, "second": second},
        ),
        every_form=(*(draw(form) for form in (*forms, *told)), *references),
    )


@st.composite
def scores(draw: st.DrawFn) -> ScoreRule:
    """Two parts, recency and money, each high or low; one combination has no name."""
    event = EventPattern(event=draw(st.sampled_from(EVENTS)))
    ages = tuple(sorted(draw(st.sets(st.sampled_from((0.25, 1.0, 7.0, 28.0)), min_size=2)), reverse=True))
    amounts = tuple(sorted(draw(st.sets(quarters(), min_size=2, max_size=4))))
    return ScoreRule(
        population=Did(pattern=event, times=_AT_LEAST_ONCE),
        parts=(
            ScorePart(
                name="recency",
                aggregate=Aggregate(kind="last_ago"),
                pattern=event,
                cuts=ages,
                low_is_good=True,
                high_from=draw(st.integers(2, 1 + len(ages))),
            ),
            ScorePart(
                name="money",
                aggregate=Aggregate(kind=draw(st.sampled_from(("sum", "avg"))), property="amount"),
                pattern=event,
                cuts=amounts,
                high_from=draw(st.integers(2, 1 + len(amounts))),
            ),
        ),
        groups=tuple(
            ScoreGroup(name=name, high=high)
            for name, high in zip(GROUPS, ((True, True), (False, True), (True, False)), strict=True)
        ),
    )


@st.composite
def numbers(draw: st.DrawFn) -> MeasureRule:
    """A number about events, sometimes missing."""
    kind = draw(st.sampled_from(("sum", "avg", "max")))
    return MeasureRule(
        aggregate=Aggregate(kind=kind, property="amount"),
        pattern=EventPattern(event=draw(st.sampled_from((*EVENTS, "*")))),
    )
