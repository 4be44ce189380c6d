"""Sources in memory, for tests of the edges."""

from collections.abc import Sequence

from perennial.access.limits import RateLimit
from perennial.access.model import WriteKey
from perennial.access.sources import Source


class RememberedSources:
    """`access.sources.SourceRegistry` without a store."""

    def __init__(self) -> None:
        self._keys: list[WriteKey] = []
        self._limits: dict[tuple[str, str], RateLimit] = {}

    def sources(self, workspace: str) -> Sequence[Source]:
        """The sources of a workspace that have a key, by name."""
        names = sorted({key.source for key in self._keys if key.workspace == workspace})
        return [
            Source(
                name=name,
                keys=[key for key in self._keys if (key.workspace, key.source) == (workspace, name)],
                limit=self._limits.get((workspace, name)),
            )
            for name in names
        ]

    def add_source_key(self, key: WriteKey) -> None:
        """Keep one more key."""
        self._keys.append(key)

    def remove_keys(self, workspace: str, source: str, *, write_key: str | None = None) -> int:
        """Take keys of a source away."""
        removed = [
            key
            for key in self._keys
            if (key.workspace, key.source) == (workspace, source) and write_key in (None, key.write_key)
        ]
        self._keys = [key for key in self._keys if key not in removed]
        return len(removed)

    def set_limit(self, workspace: str, source: str, limit: RateLimit | None) -> None:
        """Keep what a source may send."""
        if limit is None:
            self._limits.pop((workspace, source), None)
        else:
            self._limits[workspace, source] = limit

    def find_limit(self, workspace: str, source: str) -> RateLimit | None:
        """What a source may send."""
        return self._limits.get((workspace, source))
