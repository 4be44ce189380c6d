"""A condition is a question about one person that is true or false at any instant, written as data."""

from perennial.kernel.conditions.comparisons import parse_test
from perennial.kernel.conditions.explain import LANGUAGES, Language, explain
from perennial.kernel.conditions.model import (
    Aggregate,
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
    InSegment,
    Measure,
    Not,
    PropertyTest,
    Rank,
    Seen,
    TagIs,
    Test,
    Trait,
)
from perennial.kernel.conditions.moment import Ask, Moment, moment_asked
from perennial.kernel.conditions.parse import (
    Vocabulary,
    parse_aggregate,
    parse_condition,
    parse_event_pattern,
)
from perennial.kernel.conditions.resolve import Definitions, KnownDefinitions, resolve
from perennial.kernel.conditions.rules import event_matches, is_activity, passes
from perennial.kernel.conditions.schema import condition_schema
from perennial.kernel.conditions.spans import parse_window
from perennial.kernel.conditions.tagrule import (
    MeasureRule,
    ScoreGroup,
    ScorePart,
    ScoreRule,
    TagRule,
    ValueRule,
)
from perennial.kernel.conditions.walk import events_named, references
from perennial.kernel.conditions.write import pattern_document, to_document, window_document

__all__ = [
    "LANGUAGES",
    "Aggregate",
    "All",
    "AnyOf",
    "Ask",
    "AssignedIs",
    "Baseline",
    "Change",
    "Condition",
    "ConsentIs",
    "Constant",
    "Definitions",
    "Did",
    "DidInOrder",
    "DidWithout",
    "EventPattern",
    "InSegment",
    "KnownDefinitions",
    "Language",
    "Measure",
    "MeasureRule",
    "Moment",
    "Not",
    "PropertyTest",
    "Rank",
    "ScoreGroup",
    "ScorePart",
    "ScoreRule",
    "Seen",
    "TagIs",
    "TagRule",
    "Test",
    "Trait",
    "ValueRule",
    "Vocabulary",
    "condition_schema",
    "event_matches",
    "events_named",
    "explain",
    "is_activity",
    "moment_asked",
    "parse_aggregate",
    "parse_condition",
    "parse_event_pattern",
    "parse_test",
    "parse_window",
    "passes",
    "pattern_document",
    "references",
    "resolve",
    "to_document",
    "window_document",
]
