"""Reading the numbers about a person's events: `count`, `sum(amount)` …"""

import re
from collections.abc import Collection

from perennial.kernel.conditions.model import PROPERTY_AGGREGATES, Aggregate, AggregateKind
from perennial.kernel.conditions.problems import Problems
from perennial.kernel.errors import nearest
from perennial.kernel.values import Json

AGGREGATES: tuple[AggregateKind, ...] = (
    *("count", *PROPERTY_AGGREGATES),
    *("days", "streak", "first_ago", "last_ago"),
)
COMPARED_AGGREGATES: tuple[AggregateKind, ...] = ("count", *PROPERTY_AGGREGATES, "days")
"""What `change` compares: a streak or an age has no earlier window of its own."""

_AGGREGATE = re.compile(r"([a-z_]+)(?:\((.*)\))?", re.DOTALL)


def read_aggregate(
    value: Json, path: str, problems: Problems, *, allowed: Collection[AggregateKind]
) -> Aggregate | None:
    """A number about events, by its name, with its property where it needs one."""
    found = _AGGREGATE.fullmatch(value) if isinstance(value, str) else None
    word = found[1] if found else str(value)
    kind: AggregateKind | None = next((kind for kind in allowed if kind == word), None)
    if found is None or kind is None:
        problems.add(path, "unknown_measure", f"{value!r} is no measure here.", nearest(word, allowed))
        return None
    if kind not in PROPERTY_AGGREGATES:
        if found[2] is not None:
            problems.add(path, "no_property", f"{kind!r} takes no property.", f"Write {kind!r}.")
        return Aggregate(kind=kind)
    if not found[2]:
        problems.add(path, "no_property", f"{kind!r} of what?", f"Name a property: '{kind}(amount)'.")
        return None
    return Aggregate(kind=kind, property=found[2])
