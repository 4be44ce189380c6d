"""What transfers need of other databases."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from perennial.kernel.values import Json

Rows = Sequence[Mapping[str, Json]]
Mark = Mapping[str, Json]


class Databases(Protocol):
    """Databases that are not ours, each known by the name of the secret that holds its address."""

    def rows(
        self, secret: str, query: str, *, cursor: str, since: Mark | None
    ) -> AbstractContextManager[Iterator[tuple[Rows, Mark]]]:
        """What a query gives whose cursor is at least the mark, in its order.

        In portions, each with the mark that its last row sets.
        """
        ...

    def write(self, secret: str, table: str, *, key: str, rows: Rows) -> None:
        """Insert rows, or bring those with their key up to date. Idempotent; all of them or none."""
        ...

    def delete(self, secret: str, table: str, *, key: str, values: Sequence[str]) -> None:
        """Delete the rows with these keys. Idempotent."""
        ...
