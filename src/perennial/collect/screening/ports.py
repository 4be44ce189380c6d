"""What screening needs of the stores."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from perennial.collect.screening.model import (
    CleaningCount,
    Declaration,
    DeclarationKind,
    RefusalCount,
    ViolationCount,
)
from perennial.kernel.windows import Zone


class Declarations(Protocol):
    """The documents that a workspace has one of, version by version, inside the caller's transaction."""

    def latest(self, kind: DeclarationKind) -> Declaration | None:
        """The live version of the document of a kind, or None before the first."""
        ...

    def add(self, declaration: Declaration) -> None:
        """Keep a new version; it is the live one from now on."""
        ...


class DeclarationState(Protocol):
    """The part of a state transaction that declarations live in."""

    @property
    def declarations(self) -> Declarations:
        """The tracking plan and the rules of cleaning."""
        ...


class DeclarationStore(Protocol):
    """Where declarations are read from, now and again."""

    def read(self) -> AbstractContextManager[DeclarationState]:
        """A snapshot to read from; it waits for nobody."""
        ...


class ScreeningFacts(Protocol):
    """What calls in the log say of their own screening, counted there."""

    def violations(self, *, since: datetime) -> Sequence[ViolationCount]:
        """How often calls received since an instant were kept although they were not as planned."""
        ...

    def cleaned(self, *, since: datetime, zone: Zone) -> Sequence[CleaningCount]:
        """How many calls each rule changed or marked, by local day of reception, since an instant."""
        ...


class RefusalCounts(Protocol):
    """What was refused, counted among the rejects."""

    def by_code(self, codes: Sequence[str], *, since: datetime) -> Sequence[RefusalCount]:
        """Refusals with these codes since an instant, by code, path and source."""
        ...

    def by_day(
        self, messages: Sequence[str], *, since: datetime, zone: Zone
    ) -> Sequence[tuple[str, str, int]]:
        """Refusals with these messages since an instant: message, local day (ISO 8601), how many."""
        ...
