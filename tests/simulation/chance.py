"""Chance that a seed fixes, for good and on every machine."""

from collections.abc import Sequence
from typing import TypeVar

from perennial.kernel.ids import bucket

T = TypeVar("T")


class Chance:
    """Draws, each from the seed and its own number."""

    def __init__(self, seed: int) -> None:
        self._salt = f"simulation:{seed}"
        self._drawn = 0

    def share(self) -> float:
        """A number from 0 to 1, 1 not included."""
        self._drawn += 1
        return bucket(str(self._drawn), salt=self._salt)

    def number(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return least + int(self.share() * (most - least + 1))

    def one_of(self, choices: Sequence[T]) -> T:
        """One of these."""
        return choices[self.number(0, len(choices) - 1)]
