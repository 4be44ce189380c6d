"""What both languages' sentences are made of."""

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

from perennial.kernel.conditions.model import Literal_, Test
from perennial.kernel.values import text_of

NameKind = Literal["event", "property", "trait", "tag", "segment"]
Names = Callable[[NameKind, str], str]
"""What a thing is called by people; by default its own name."""

_SECONDS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def number_text(value: Literal_) -> str:
    """A number with a comma at each thousand, as both languages write it."""
    if not isinstance(value, int | float):
        return str(value)
    text = text_of(value)
    if "e" in text:
        return text
    whole, dot, fraction = text.partition(".")
    return f"{int(whole):,}{dot}{fraction}" if whole != "-0" else text


def amount_and_unit(span: timedelta) -> tuple[int, str]:
    """A span in its largest whole unit: (30, 'day'), (36, 'hour')."""
    seconds = int(span.total_seconds())
    return next((seconds // size, unit) for unit, size in _SECONDS if seconds % size == 0)


def is_once(times: Test) -> bool:
    """Whether a count test asks for at least one."""
    return (times.operator, times.literal) in ((">=", 1), (">", 0), ("!=", 0))


def is_never(times: Test) -> bool:
    """Whether a count test asks for none."""
    return (times.operator, times.literal) in (("=", 0), ("<", 1), ("<=", 0))
