"""Sequences told slowly and plainly: what `evaluate.insights.sequences` is compared with.

Written from the definitions (`insight-definitions.md` 1, 5, 6, 7) on lists of events; speed does not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise, permutations


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event of a sequence: when, which steps it fits (from 1), which exclusions."""

    at: int
    steps: frozenset[int] = frozenset()
    excluded: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Chain:
    """Events that fill the steps so far; a step that was left out has none."""

    times: dict[int, int] = field(default_factory=dict[int, int])
    rows: frozenset[int] = frozenset()
    is_marked: bool = False

    @property
    def began(self) -> int:
        return self.times[1]


def funnel_depth(
    events: Sequence[Happening],
    *,
    steps: int,
    window: int,
    strict: bool = False,
    optional: frozenset[int] = frozenset(),
    between: Sequence[tuple[int, int]] = (),
) -> int:
    """The deepest step that a person reaches; 0 where they never begin, or an exclusion takes them out.

    `optional` are steps (from 1) that may be left out; an exclusion lies between two steps counted from 0.
    """
    chains: dict[int, _Chain] = {}
    best: tuple[int, _Chain] | None = None
    for _, grouped in groupby(enumerate(events), key=lambda pair: pair[1].at):
        instant = list(grouped)
        for _, event in instant:
            for kind in event.excluded:
                _mark(chains, best, between[kind], event.at, window)
        is_mixed = len({(one.steps, one.excluded) for _, one in instant}) > 1
        turns = [(row, one, one.steps) for row, one in instant]
        if is_mixed:
            # Each event as one of its steps at a time, in the order of the steps.
            turns = [
                (row, one, frozenset({step}))
                for step in range(1, steps + 1)
                for row, one in instant
                if step in one.steps
            ]
        for row, event, fits in turns:
            for step in sorted(fits, reverse=True):
                chain = _advanced(chains, step, row, event.at, window, optional, is_mixed=is_mixed)
                if chain is None:
                    continue
                chains[step] = chain
                if (
                    best is None
                    or step > best[0]
                    or (step == best[0] and best[1].is_marked and not chain.is_marked)
                ):
                    best = (step, chain)
            if strict and not is_mixed:
                chains = {step: chain for step, chain in chains.items() if step in fits}
    return 0 if best is None or best[1].is_marked else best[0]


def _mark(
    chains: dict[int, _Chain],
    best: tuple[int, _Chain] | None,
    between: tuple[int, int],
    at: int,
    window: int,
) -> None:
    """An excluded event marks the chains at the levels that it lies between, within their own window."""
    for level, chain in list(chains.items()):
        if between[0] < level <= between[1] and at - chain.began <= window:
            chains[level] = _Chain(times=chain.times, rows=chain.rows, is_marked=True)
    if best is not None and between[0] < best[0] <= between[1] and at - best[1].began <= window:
        best[1].is_marked = True


def _advanced(
    chains: dict[int, _Chain],
    step: int,
    row: int,
    at: int,
    window: int,
    optional: frozenset[int],
    *,
    is_mixed: bool,
) -> _Chain | None:
    """The chain that an event brings to a step; None where it brings none."""
    if step == 1:
        return _Chain(times={1: at}, rows=frozenset({row}))
    candidates: list[tuple[int, _Chain]] = []
    for former in range(step - 1, 0, -1):
        chain = chains.get(former)
        if chain is not None and at - chain.began <= window and not (is_mixed and row in chain.rows):
            candidates.append((former, chain))
        if former not in optional:
            break
    if not candidates:
        return None
    chosen = max(candidates, key=lambda one: (one[1].began, one[0]))[1]
    present = chains.get(step)
    if present is not None and present.began == chosen.began:
        return None
    return _Chain(times={**chosen.times, step: at}, rows=chosen.rows | {row}, is_marked=chosen.is_marked)


def any_order_depth(events: Sequence[Happening], *, steps: int, window: int) -> int:
    """The most different steps in one window, each by an event of its own: every assignment is tried."""
    best = 0
    for place, first in enumerate(events):
        if not first.steps:
            continue
        inside: list[Happening] = []
        for event in events[place:]:
            if event.at - first.at > window or (event.excluded and event is not first):
                break
            inside.append(event)
        best = max(best, _matched([one.steps for one in inside if one.steps], steps))
    return best


def _matched(fits: Sequence[frozenset[int]], steps: int) -> int:
    for size in range(min(steps, len(fits)), 0, -1):
        for chosen in permutations(range(1, steps + 1), size):
            if _can_fill(fits, chosen):
                return size
    return 0


def _can_fill(fits: Sequence[frozenset[int]], wanted: Sequence[int]) -> bool:
    """Whether events, each used once, can fill these steps: by trying every event for the first of them."""
    if not wanted:
        return True
    return any(
        wanted[0] in one and _can_fill([*fits[:place], *fits[place + 1 :]], wanted[1:])
        for place, one in enumerate(fits)
    )


def gaps(starts: Sequence[tuple[int, bool, bool]]) -> list[int]:
    """From each beginning to the next end, of (time, is beginning, is end) in order of time."""
    found: list[int] = []
    for place, (at, begins, ends) in enumerate(starts):
        if not begins:
            continue
        following = [
            other
            for row, (other, _, is_end) in enumerate(starts)
            if is_end and row != place and (row > place if ends else other >= at)
        ]
        found += [min(following) - at] if following else []
    return found


def owed_by(
    touches: Sequence[tuple[int, str]], goal: int, *, model: str, lookback: int, half_life: int
) -> dict[str, float]:
    """What one goal owes to each name, of touches (time, name) in order of time."""
    near = [(at, name) for at, name in touches if goal - lookback <= at <= goal]
    if not near:
        return {"(none)": 1.0}
    count = len(near)
    weights = {
        "first": [1.0] + [0.0] * (count - 1),
        "last": [0.0] * (count - 1) + [1.0],
        "linear": [1.0] * count,
        "position": [0.4 if place in (0, count - 1) else 0.2 / (count - 2) for place in range(count)],
        "decay": [0.5 ** ((goal - at) / half_life) for at, _ in near],
    }[model]
    owed: dict[str, float] = {}
    for (_, name), weight in zip(near, weights, strict=True):
        owed[name] = owed.get(name, 0.0) + weight / sum(weights)
    return owed


def edges(
    events: Sequence[tuple[int, str]], *, gap: int, depth: int, collapses: bool
) -> dict[tuple[int, str, str], int]:
    """How often an item follows another at a place of the sessions of one person."""
    sessions: list[list[tuple[int, str]]] = []
    for at, item in events:
        if not sessions or at - sessions[-1][-1][0] >= gap:
            sessions.append([])
        sessions[-1].append((at, item))
    found: dict[tuple[int, str, str], int] = {}
    for session in sessions:
        items = [item for _, item in session]
        if collapses:
            items = [item for item, _ in groupby(items)]
        items = items[:depth]
        for place, (origin, target) in enumerate(pairwise(items), start=1):
            found[place, origin, target] = found.get((place, origin, target), 0) + 1
    return found
