"""Values of very many people as arrays: few words, each a number that stands for it, or plain numbers."""

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar, cast, overload

import numpy as np
from numpy.typing import NDArray

_Word = TypeVar("_Word")


class Coded(Sequence[_Word], Generic[_Word]):
    """As many words as there are codes, each one of a few."""

    __slots__ = ("codes", "palette")

    def __init__(self, palette: Sequence[_Word], codes: NDArray[np.integer]) -> None:
        self.palette = tuple(palette)
        self.codes = codes
        """Places in the palette."""

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, place: int) -> _Word: ...

    @overload
    def __getitem__(self, place: slice) -> "Coded[_Word]": ...

    def __getitem__(self, place: int | slice) -> "_Word | Coded[_Word]":
        if isinstance(place, slice):
            return Coded(self.palette, self.codes[place])
        return self.palette[int(self.codes[place])]

    def __iter__(self) -> Iterator[_Word]:
        codes: list[int] = self.codes.tolist()
        return map(self.palette.__getitem__, codes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(cast("Sequence[object]", other))

    __hash__ = None  # type: ignore[assignment] - as of every sequence that is compared by what is in it


class Numbers(Sequence[float]):
    """Plain numbers."""

    __slots__ = ("array",)

    def __init__(self, array: NDArray[np.float64]) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, place: int) -> float: ...

    @overload
    def __getitem__(self, place: slice) -> "Numbers": ...

    def __getitem__(self, place: int | slice) -> "float | Numbers":
        if isinstance(place, slice):
            return Numbers(self.array[place])
        return float(self.array[place])

    def __iter__(self) -> Iterator[float]:
        return iter(self.array.tolist())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(cast("Sequence[object]", other))

    __hash__ = None  # type: ignore[assignment] - as of every sequence that is compared by what is in it
