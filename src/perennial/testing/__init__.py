"""What tests are written with, ours or a plug-in's: builders, fakes and the reference evaluator."""

from perennial.kernel.conditions.evaluator import (
    HistoryEvent,
    PersonHistory,
    evaluate,
    exists,
    first_seen,
    measure_value,
    trait_leaves,
)
from perennial.testing.builders import a_person, an_event, an_identify, at, days, rows_of

__all__ = [
    "HistoryEvent",
    "PersonHistory",
    "a_person",
    "an_event",
    "an_identify",
    "at",
    "days",
    "evaluate",
    "exists",
    "first_seen",
    "measure_value",
    "rows_of",
    "trait_leaves",
]
