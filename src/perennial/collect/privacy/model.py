"""The nouns of erasing a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from perennial.collect.identity.model import Identifier
from perennial.kernel.ids import ProfileId

ErasureStep = Literal["asked", "shut_out", "state_erased", "events_erased", "names_dropped", "done"]
"""How far an erasure has come; repeating a step does no harm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonNames:
    """Who is to be erased: every profile that is the same person, and every name that leads to them."""

    profiles: Sequence[ProfileId]
    names: Sequence[Identifier]
    addresses: Sequence[str] = ()
    """Where messages to them went: what is kept of an address may name no person."""

    @property
    def texts(self) -> Sequence[str]:
        """The names and addresses as they are written, each once."""
        return sorted({name.value for name in self.names} | set(self.addresses))


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One erasure, under way or as its receipt. A receipt names nobody."""

    erasure_id: str
    subject: str
    """Salted hash of the id that was asked for, as hexadecimal digits."""
    reason: str
    by: str
    allows_return: bool
    """Calls with the person's ids are taken again afterwards."""
    requested_at: datetime
    step: ErasureStep = "asked"
    profiles: Sequence[ProfileId] = ()
    """Whose rows are still to go; empty once all have gone."""
    names: Sequence[Identifier] = ()
    addresses: Sequence[str] = ()
    """Whom it is about, as long as anything of theirs is left that is found by name."""
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    """Rows that go, by where they were; counted before the first goes."""
    proof: Mapping[str, int] = field(default_factory=dict[str, int])
    """What was searched afterwards, and what was found there."""
    finished_at: datetime | None = None

    @property
    def person(self) -> PersonNames:
        """Whom it is about, as far as that is still known."""
        return PersonNames(profiles=self.profiles, names=self.names, addresses=self.addresses)
