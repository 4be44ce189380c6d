"""From a document to a condition, or to the list of everything that is wrong with it."""

from collections.abc import Mapping

from perennial.kernel.conditions import forms, orders, ranking, told
from perennial.kernel.conditions.aggregates import AGGREGATES, read_aggregate
from perennial.kernel.conditions.model import Aggregate, Condition, EventPattern
from perennial.kernel.conditions.problems import Problems, check_size
from perennial.kernel.conditions.reader import Form, Reader, Vocabulary
from perennial.kernel.values import Json

__all__ = ["FORMS", "Vocabulary", "parse_aggregate", "parse_condition", "parse_event_pattern"]

_FORMS: Mapping[str, Form] = {
    "all": forms.all_of,
    "any": forms.any_of,
    "not": forms.negation,
    "did": forms.did,
    "measure": forms.measure,
    "change": forms.change,
    "sequence": orders.sequence,
    "after": orders.after,
    "rank": ranking.rank,
    "trait": forms.trait,
    "tag": forms.tag,
    "segment": forms.segment,
    "seen": told.seen,
    "consent": told.consent,
    "assigned": told.assigned,
}
FORMS: tuple[str, ...] = tuple(_FORMS)


def parse_condition(document: Json, *, path: str = "$", known: Vocabulary | None = None) -> Condition:
    """The condition a JSON document states. Raises InvalidDocument with every mistake and its path."""
    check_size(document, path)
    reader = Reader(known or Vocabulary(), _FORMS)
    condition = reader.condition(document, path)
    if condition is None or reader.problems.found:
        reader.problems.raise_all()
    return condition


def parse_event_pattern(document: Json, *, path: str = "$") -> EventPattern:
    """Which events a document means: `"order_paid"`, `"*"` or `{"event": …, "where": […]}`."""
    check_size(document, path)
    reader = Reader(Vocabulary(), _FORMS)
    pattern = reader.pattern(document, path)
    if pattern is None or reader.problems.found:
        reader.problems.raise_all()
    return pattern


def parse_aggregate(text: Json, *, path: str = "$") -> Aggregate:
    """The number about a person's events that a text names: `count`, `sum(amount)` …"""
    problems = Problems()
    aggregate = read_aggregate(text, path, problems, allowed=AGGREGATES)
    if aggregate is None or problems.found:
        problems.raise_all()
    return aggregate
