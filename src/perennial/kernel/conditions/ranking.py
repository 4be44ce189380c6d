"""The form that compares a person with everyone else: the top or bottom share of a measure."""

import re
from collections.abc import Mapping
from typing import get_args

from perennial.kernel.conditions.aggregates import AGGREGATES, read_aggregate
from perennial.kernel.conditions.model import Condition, Rank, Side
from perennial.kernel.conditions.reader import Reader
from perennial.kernel.values import Json

SIDES: tuple[Side, ...] = get_args(Side)
SHARE = r"[0-9]{1,3}(\.[0-9]{1,6})?%"
"""How a share is written."""


def rank(reader: Reader, found: Mapping[str, Json], path: str) -> Condition | None:
    """The top or bottom share of a measure."""
    problems = reader.problems
    problems.unknown_keys(found, ("rank", "of", "where", "within", "among", *SIDES), path)
    aggregate = read_aggregate(found["rank"], f"{path}.rank", problems, allowed=AGGREGATES)
    pattern = reader.pattern_of(found, "of", path)
    window = reader.window_of(found, path)
    share = _share(reader, found, path)
    among = reader.condition(found["among"], f"{path}.among") if "among" in found else None
    if aggregate is None or pattern is None or share is None:
        return None
    side, percent = share
    return Rank(aggregate=aggregate, pattern=pattern, side=side, percent=percent, window=window, among=among)


def _share(reader: Reader, found: Mapping[str, Json], path: str) -> tuple[Side, float] | None:
    present: list[Side] = [side for side in SIDES if side in found]
    if len(present) != 1:
        message = "A rank is in the top or in the bottom share, exactly one of them."
        reader.problems.add(path, "bad_share", message, 'Add for example "top": "10%".')
        return None
    side = present[0]
    written = found[side]
    percent = 0.0
    if isinstance(written, str) and re.fullmatch(SHARE, written):
        percent = float(written.removesuffix("%"))
    if not 0 < percent <= 100:
        message = f"A share is above 0% and at most 100%, not {written!r}."
        reader.problems.add(f"{path}.{side}", "bad_share", message, "Write for example '10%'.")
        return None
    return side, percent
