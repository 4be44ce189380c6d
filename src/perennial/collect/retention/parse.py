"""From a document to rules of retention, or to the list of everything that is wrong with it."""

from datetime import timedelta

from perennial.collect.retention.model import FOREVER, Days, RetentionRules
from perennial.kernel.conditions.problems import Problems, check_size
from perennial.kernel.conditions.spans import read_span
from perennial.kernel.events import is_reserved
from perennial.kernel.values import Json

_DAY = timedelta(days=1)
_WORD = "forever"
KEYS = ("default", "events")


def parse_retention(document: Json) -> RetentionRules:
    """The rules a document describes. Raises InvalidDocument with every mistake."""
    check_size(document, "$")
    problems = Problems()
    found = problems.mapping(document, "$", what="Retention")
    if found is None:
        problems.raise_all()
    problems.unknown_keys(found, KEYS, "$")
    if not any(key in found for key in KEYS):
        problems.add("$", "nothing_said", "No period is said.", "default: 730d, or events: {app_open: 90d}.")
    default = _days(found["default"], "$.default", problems) if "default" in found else FOREVER
    named = problems.mapping(found.get("events", {}), "$.events", what="`events`") or {}
    events: dict[str, Days] = {}
    for name, period in named.items():
        path = f"$.events.{name}"
        if is_reserved(name):
            message = f"{name} is an event of ours: the record of what was done stays."
            problems.add(path, "reserved_event", message)
        events[name] = _days(period, path, problems)
    if problems.found:
        problems.raise_all()
    return RetentionRules(default=default, events=events, document=found)


def _days(period: Json, path: str, problems: Problems) -> Days:
    if period == _WORD:
        return FOREVER
    span = read_span(period, path, problems, what="A period that is not 'forever'")
    if span is None:
        return FOREVER
    if span < _DAY or span % _DAY:
        problems.add(path, "no_whole_days", f"{period} is not a number of days.", "Write '1d', '90d', '52w'.")
    return span.days
