"""The part of numba that Perennial uses, typed by hand: the package annotates nothing of it."""

from collections.abc import Callable
from typing import Literal, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., object])

def njit(
    *, cache: bool = ..., nogil: bool = ..., inline: Literal["never", "always"] = ...
) -> Callable[[_Function], _Function]: ...
