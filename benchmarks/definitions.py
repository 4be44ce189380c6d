"""The 200 definitions that are kept current: the hundred questions as live segments, and a hundred tags.

Tags are those of such a team as well: fifty with named values (each of two of the questions and a rest),
forty numbers, ten RFM groups.
"""

from collections.abc import Sequence

from benchmarks.questions import hundred
from perennial.kernel.values import Json

_NAMED, _NUMBERS, _SCORES = 50, 40, 10
_DAYS = (7, 14, 30, 60, 90)
_MEASURES = (
    ("sum(amount)", "order_paid"),
    ("count", "app_open"),
    ("count", "view_item"),
    ("avg(price)", "view_item"),
    ("sum(quantity)", "order_paid"),
    ("count", "search"),
    ("days", "app_open"),
    ("max(amount)", "order_paid"),
)


def segments() -> Sequence[Json]:
    """A hundred live segments."""
    return [
        {"id": f"s{number}", "name": f"Segment {number}", "condition": question.document}
        for number, question in enumerate(hundred())
    ]


def tags() -> Sequence[Json]:
    """A hundred tags."""
    questions = hundred()
    named: list[Json] = [
        {
            "id": f"named{number}",
            "values": [
                {"value": "strong", "if": questions[2 * number].document},
                {"value": "weak", "if": questions[2 * number + 1].document},
            ],
            "else": "none",
        }
        for number in range(_NAMED)
    ]
    numbers: list[Json] = [
        {"id": f"number{number}", "measure": measure, "of": event, "within": f"{days}d"}
        for number, (days, (measure, event)) in enumerate((days, one) for days in _DAYS for one in _MEASURES)
    ]
    scores: list[Json] = [
        {"id": f"rfm{number}", "rfm": {"of": "order_paid", "within": f"{30 + 9 * number}d"}}
        for number in range(_SCORES)
    ]
    found = [*named, *numbers, *scores]
    if len(found) != _NAMED + _NUMBERS + _SCORES:
        raise AssertionError(f"{len(found)} tags")
    return found
