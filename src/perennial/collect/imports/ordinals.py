"""Telling equal rows of a file apart: the first, the second, the third …"""

import numpy as np
from numpy.typing import NDArray


class Ordinals:
    """How often each row was there before, over a whole file, in 8 bytes per row.

    Kept as sorted runs that are merged when they grow alike, so a file of n rows costs n log n. Two rows
    that differ and share 64 bits of hash get different ordinals: that is harmless, their ids differ anyway.
    """

    def __init__(self) -> None:
        self._runs: list[NDArray[np.uint64]] = []

    def of(self, hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """For each row of the next batch, how many equal rows the file had before it."""
        order = np.argsort(hashes, kind="stable")
        ranked = hashes[order]
        within = np.arange(len(ranked)) - np.searchsorted(ranked, ranked, side="left")
        for run in self._runs:
            within += np.searchsorted(run, ranked, side="right") - np.searchsorted(run, ranked, side="left")
        self._add(ranked)
        ordinals = np.empty(len(hashes), dtype=np.int64)
        ordinals[order] = within
        return ordinals

    def _add(self, run: NDArray[np.uint64]) -> None:
        while self._runs and len(self._runs[-1]) <= len(run):
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")
        self._runs.append(run)
