"""Patterns of operators asked of what strangers send: by RE2, which no text can make slow."""

from collections.abc import Callable
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

_KEPT_VERDICTS = 4096
"""Verdicts that are remembered: values come again."""


def meets(pattern: str, *, whole: bool) -> Callable[[str], bool]:
    """Whether a text (the whole of it) matches a pattern, which `why_not_re2` has nothing against."""
    asked = rf"\A(?:{pattern})\z" if whole else pattern

    @lru_cache(_KEPT_VERDICTS)
    def ask(text: str) -> bool:
        return bool(pc.match_substring_regex(pa.scalar(text, pa.string()), asked).as_py())

    return ask
