"""The nouns of an examination: what was found about each thing that must hold."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one look came to."""

    ok: bool
    detail: str
    """What was looked at where it holds, what is wrong where not; ids and counts, nothing personal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must always hold, and whether it does."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Everything that was checked."""

    checks: Sequence[Check]

    @property
    def ok(self) -> bool:
        """Whether all of it holds."""
        return all(check.ok for check in self.checks)
