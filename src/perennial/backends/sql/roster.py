"""The places of people in packed columns: given in the order of coming, kept until a person is nobody."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from perennial.backends.sql.packing import BLOCK, Ids, Places

NOBODY = 0
"""Stands where somebody was."""


@dataclass(frozen=True, slots=True)
class Roster:
    """Who has which place; each person one."""

    people: Ids
    """By place; `NOBODY` where somebody was."""
    version: int
    _sorted: tuple[Ids, Places] = field(init=False)

    def __post_init__(self) -> None:
        order = np.argsort(self.people, kind="stable")
        order = order[np.searchsorted(self.people, NOBODY, side="right", sorter=order) :]
        object.__setattr__(self, "_sorted", (self.people[order], order))

    def __len__(self) -> int:
        return len(self.people)

    def places(self, people: Ids) -> Places:
        """The place of each of these people, -1 where they have none."""
        known, order = self._sorted
        if not len(known):
            return np.full(len(people), -1, dtype=np.int64)
        if np.array_equal(known, people):
            return order.copy()  # everyone, as most tags have them
        at = np.minimum(np.searchsorted(known, people), len(known) - 1)
        return np.where(known[at] == people, order[at], -1)

    def among(self, chosen: NDArray[np.bool_]) -> tuple[Ids, Places]:
        """Who stands at chosen places, ascending, and where; places beyond the end of `chosen` are not."""
        known, order = self._sorted
        if len(chosen) < len(self.people):
            chosen = np.concatenate([chosen, np.zeros(len(self.people) - len(chosen), dtype=np.bool_)])
        theirs = chosen[order]
        return known[theirs], order[theirs]

    def with_others(self, people: Ids) -> "Roster":
        """The same, and who of these people had no place behind all others."""
        new = people[self.places(people) < 0]
        return Roster(np.concatenate([self.people, new]), self.version) if len(new) else self

    def without(self, people: Ids) -> "Roster":
        """The same, but these people have no place any more."""
        places = self.places(people)
        emptied = self.people.copy()
        emptied[places[places >= 0]] = NOBODY
        return Roster(emptied, self.version)

    def blocks(self) -> Mapping[int, Ids]:
        """The people of each block."""
        return dict(blocks_of(self.people))


def is_among(people: Ids, others: Ids) -> NDArray[np.bool_]:
    """Whether each of these people is one of others, who ascend."""
    if not len(others):
        return np.zeros(len(people), dtype=np.bool_)
    places = np.minimum(np.searchsorted(others, people), len(others) - 1)
    return others[places] == people


def blocks_of(column: Ids) -> Iterator[tuple[int, Ids]]:
    """An array by places, block by block."""
    for block, start in enumerate(range(0, len(column), BLOCK)):
        yield block, column[start : start + BLOCK]


EMPTY = Roster(np.empty(0, dtype=np.uint64), 0)
