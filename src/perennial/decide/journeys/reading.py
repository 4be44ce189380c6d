"""Reading with all mistakes noted: the small readers that a journey's document is read with."""

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from perennial.kernel.conditions.problems import Problems
from perennial.kernel.errors import InvalidDocument, nearest
from perennial.kernel.values import Json

_Read = TypeVar("_Read")


class JourneyProblems(Problems):
    """The mistakes of one journey document."""

    def not_built_yet(self, path: str, what: str) -> None:
        """Note something the design has and this version has not."""
        self.add(path, "not_built_yet", f"{what} is not built yet.", "It is planned; leave it out for now.")

    def required(self, document: Mapping[str, Json], key: str, path: str, *, what: str) -> bool:
        """Whether a key is there; its absence is noted."""
        if key in document:
            return True
        self.add(path, "missing_key", f"{what} needs `{key}`.", f"Add `{key}`.")
        return False

    def keys(
        self,
        document: Mapping[str, Json],
        allowed: Collection[str],
        path: str,
        *,
        later: Collection[str] = (),
    ) -> None:
        """Note each key that means nothing here, and each that will only mean something later."""
        for key in document:
            if key in later:
                self.not_built_yet(f"{path}.{key}", f"`{key}`")
            elif key not in allowed:
                self.add(
                    f"{path}.{key}", "unknown_key", f"{key!r} means nothing here.", nearest(key, allowed)
                )

    def word(
        self, value: Json, path: str, allowed: Collection[str], *, later: Collection[str] = ()
    ) -> str | None:
        """The word of a closed list that has to stand here."""
        if isinstance(value, str) and value in allowed:
            return value
        if isinstance(value, str) and value in later:
            self.not_built_yet(path, f"{value!r}")
            return None
        self.add(path, "unknown_word", f"{value!r} means nothing here.", nearest(str(value), allowed))
        return None

    def reference(self, value: Json, path: str, known: Collection[str] | None, *, what: str) -> str | None:
        """The name of something that has to exist."""
        name = self.name(value, path, what=f"A {what}'s id")
        if name is None or known is None or name in known:
            return name
        self.add(path, f"unknown_{what}", f"There is no {what} {name!r}.", nearest(name, known))
        return None

    def take(self, read: Callable[[], _Read]) -> _Read | None:
        """What a reader of another language returns; its mistakes become ours."""
        try:
            return read()
        except InvalidDocument as refused:
            self.found.extend(refused.problems)
            return None
