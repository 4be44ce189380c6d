"""Plain loops over arrays, as machine code."""

from collections.abc import Callable
from typing import TypeVar

from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., object])


def compiled(function: _Function) -> _Function:
    """A loop as machine code that other threads need not wait for, kept for the next start."""
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:
        # Neither the folder of the module nor the user's may be written to: compiled at every start, then.
        return njit(nogil=True)(function)
