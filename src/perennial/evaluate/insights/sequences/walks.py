"""Paths: what follows what in a session, by the place in it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perennial.evaluate.insights.ports import Ids

_Whole = NDArray[np.int64]
MIDDLE = 0
"""The item that stands for what was left out in the middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRules:
    """How paths are cut out of sessions; items are codes from 1."""

    depth: int
    collapses: bool = True
    """Whether of equal items in a row only the last counts."""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """Every transition of every path."""

    people: Ids
    session: _Whole
    place: _Whole
    """Where in the path it begins, from 1."""
    origin: _Whole
    """The item it leads from."""
    target: _Whole
    standing: "Standing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Every item of every path, with its place in it."""

    place: _Whole
    item: _Whole


def walk(people: Ids, session: _Whole, item: _Whole, rules: PathRules) -> Walked:
    """The transitions of sessions: rows lie by person, then time; a session's rows side by side."""
    kept = np.arange(len(session))
    if rules.collapses and len(session):
        repeats = np.append((session[1:] == session[:-1]) & (item[1:] == item[:-1]), [False])
        kept = kept[~repeats]
    if rules.start is not None:
        kept = kept[_from_first(session[kept], item[kept] == rules.start)]
    if rules.end is not None:
        kept = kept[_to_last(session[kept], item[kept] == rules.end)]
    items = item[kept].copy()
    kept, items = _cut(kept, session, items, rules)
    of, who = session[kept], people[kept]
    place = _places(of) + 1
    follows = np.flatnonzero(of[1:] == of[:-1]) if len(of) else np.empty(0, dtype=np.int64)
    return Walked(
        people=who[follows],
        session=of[follows],
        place=place[follows],
        origin=items[follows],
        target=items[follows + 1],
        standing=Standing(place=place, item=items),
    )


def _cut(kept: _Whole, session: _Whole, items: _Whole, rules: PathRules) -> tuple[_Whole, _Whole]:
    """As many items as the depth allows: the first ones, the last ones, or both with a mark between."""
    of = session[kept]
    place, length = _places(of), _lengths(of)
    if rules.end is None:
        chosen = place < rules.depth
        return kept[chosen], items[chosen]
    if rules.start is None:
        chosen = place >= length - rules.depth
        return kept[chosen], items[chosen]
    ahead = (rules.depth - 1 + 1) // 2
    behind = rules.depth - 1 - ahead
    is_long = length > rules.depth
    items = np.where(is_long & (place == ahead), MIDDLE, items)
    chosen = ~is_long | (place <= ahead) | (place >= length - behind)
    return kept[chosen], items[chosen]


def _firsts(of: _Whole) -> _Whole:
    return np.flatnonzero(np.append([True], of[1:] != of[:-1])) if len(of) else np.empty(0, dtype=np.int64)


def _places(of: _Whole) -> _Whole:
    """Each row's place among its session's, from 0."""
    firsts = _firsts(of)
    return np.arange(len(of)) - np.repeat(firsts, np.diff(np.append(firsts, len(of))))


def _lengths(of: _Whole) -> _Whole:
    firsts = _firsts(of)
    lengths = np.diff(np.append(firsts, len(of)))
    return np.repeat(lengths, lengths)


def _from_first(of: _Whole, marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The rows from the first marked one of their session on."""
    seen = np.cumsum(marked)
    firsts = _firsts(of)
    lengths = np.diff(np.append(firsts, len(of)))
    before = np.repeat(seen[firsts] - marked[firsts].astype(np.int64), lengths)
    return seen - before > 0


def _to_last(of: _Whole, marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The rows up to the last marked one of their session."""
    return _from_first(of[::-1], marked[::-1])[::-1]
