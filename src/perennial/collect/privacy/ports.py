"""What erasing needs of the stores. Every step is idempotent: one that was broken off is repeated."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from perennial.collect.privacy.model import Erasure, PersonNames
from perennial.kernel.ids import ProfileId


class Erasures(Protocol):
    """The erasures of one workspace, and what its state keeps of a person."""

    def names_of(self, profile_id: ProfileId) -> PersonNames:
        """Every profile and name of the person a profile is."""
        ...

    def save(self, erasure: Erasure) -> None:
        """Keep an erasure as it stands now."""
        ...

    def find(self, erasure_id: str) -> Erasure | None:
        """The erasure of this id."""
        ...

    def list(self, *, limit: int, after: str | None = None) -> Sequence[Erasure]:
        """Erasures, by id."""
        ...

    def unfinished(self) -> Sequence[Erasure]:
        """Those that are not done, oldest first."""
        ...

    def count_rows(self, person: PersonNames) -> Mapping[str, int]:
        """How many rows are about a person, by table, and by export those that were written elsewhere."""
        ...

    def erase_rows(self, person: PersonNames) -> None:
        """Take away every row that is about a person."""
        ...

    def rows_of(self, person: PersonNames) -> Mapping[str, Sequence[Mapping[str, object]]]:
        """Every row that is about a person, by table."""
        ...


class StateScrub(Protocol):
    """A state store whose deleted rows leave no bytes behind."""

    def scrub(self) -> None:
        """Rewrite the store without what was deleted. Raises Unavailable while it is read."""
        ...


class IntakeErasure(Protocol):
    """The way in: what was accepted, what was refused, and whom nothing more is accepted of."""

    def salt(self) -> bytes:
        """The salt of this workspace's hashes."""
        ...

    def suppress(self, person: PersonNames, *, erasure_id: str) -> None:
        """Accept nothing more under these ids; calls under them are dropped and counted."""
        ...

    def refused(self, erasure_id: str) -> int:
        """How many calls were dropped since, under the ids of an erasure."""
        ...

    def count(self, person: PersonNames) -> Mapping[str, int]:
        """How many calls of the person are in the log, and among what was refused."""
        ...

    def erase(self, person: PersonNames) -> None:
        """Take the person's calls out of the log, and what was refused of them."""
        ...

    def scrub(self) -> None:
        """Rewrite the store without what was deleted."""
        ...


class EventErasure(Protocol):
    """The event store, as far as people are taken out of it."""

    def count(self, person: PersonNames) -> Mapping[str, int]:
        """How many rows are of these profiles, by table, and of others under their device ids."""
        ...

    def erase(self, person: PersonNames) -> None:
        """Take every row of these profiles away. Old files are gone on return."""
        ...

    def left(self, profiles: Sequence[ProfileId]) -> int:
        """Rows of these profiles that can still be read."""
        ...


class FileErasure(Protocol):
    """The workspace's files."""

    def count(self) -> Mapping[str, int]:
        """How many exports wait to be fetched."""
        ...

    def erase(self) -> None:
        """Remove exports that wait to be fetched: whoever asked for them asks again."""
        ...

    def search(self, texts: Sequence[str]) -> tuple[int, int]:
        """How many files were searched byte by byte, and in how many of them one of these was found."""
        ...
