"""What identity needs of the state store. Every write is idempotent: a replay changes nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from perennial.collect.identity.key_rules import NO_KEYS, KeyRules
from perennial.collect.identity.model import (
    Graph,
    Identifier,
    Known,
    Merge,
    Quarantine,
    Resolution,
    TraitChange,
    TraitTold,
)
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json


class Identities(Protocol):
    """Which names lead to which profile."""

    def rules(self) -> KeyRules:
        """Which kinds of key there are and what each may do; none until a workspace declares some."""
        ...

    def graph(
        self,
        identifiers: Sequence[Identifier],
        candidates: Sequence[ProfileId] = (),
        *,
        rules: KeyRules = NO_KEYS,
    ) -> Graph:
        """What is known of these names; `taken` says which candidates are somebody's already.

        What protects from wrong merges is looked for only as far as the rules ask for it.
        """
        ...

    def leads(self, kind: str, values: Sequence[str]) -> Mapping[str, ProfileId]:
        """Whom names of one kind lead to, as far as they are known."""
        ...

    def taken(self, candidates: Sequence[ProfileId]) -> frozenset[ProfileId]:
        """Which of these ids are somebody's."""
        ...

    def save(self, resolution: Resolution) -> None:
        """Keep what a batch taught, and move everything a lost profile has to the kept one."""
        ...

    def merges(self, *, after: int = 0) -> tuple[Sequence[Merge], int]:
        """Merges after a number, oldest first, and the number of the last."""
        ...

    def part(self, lost: ProfileId, *, at: datetime) -> bool:
        """Take a merge back, for good: the two never merge again by themselves; False if there is none.

        What the merge carried over goes back as far as it is still there; what came later stays.
        """
        ...

    def parted(self, *, after: int = 0) -> tuple[Mapping[ProfileId, ProfileId], int]:
        """Of all who were one with profiles parted after a number: whose each is today; the last number.

        Those who stayed included: whoever left and merged anew before anybody was told of it may have taken
        them along.
        """
        ...

    def known(self, profile_id: ProfileId) -> Known | None:
        """Everything recorded of who a profile is; None where there is no such profile."""
        ...

    def quarantined(self, *, limit: int, after: Identifier | None = None) -> Sequence[Quarantine]:
        """Names that join nobody, by kind and value."""
        ...

    def release(self, name: Identifier) -> bool:
        """Let a name join people again, and count whom it is seen with anew; False if it was not held."""
        ...

    def last_merge(self) -> int:
        """The number of the last merge; 0 before the first."""
        ...

    def merged(self, profile_ids: Sequence[ProfileId]) -> Mapping[ProfileId, ProfileId]:
        """Those of these profiles that were merged into another, each with the one that is kept today."""
        ...


class Traits(Protocol):
    """What we were told about people: the latest call wins, by time and then message id."""

    def tell(self, told: Sequence[TraitTold]) -> None:
        """Keep what identify calls said; an older call never overwrites a newer one."""
        ...

    def of(self, profile_ids: Sequence[ProfileId]) -> Mapping[ProfileId, Mapping[str, Json]]:
        """The present traits of each profile; a profile without any has an empty mapping."""
        ...

    def told(self, profile_ids: Sequence[ProfileId]) -> Mapping[ProfileId, Mapping[str, TraitTold]]:
        """Everything told of each profile, with when; traits that were taken away as null."""
        ...


class TraitChanges(Protocol):
    """What operations on traits came to, by message key: settled once, so that a replay says the same."""

    def of(self, keys: Sequence[bytes]) -> Mapping[bytes, TraitChange]:
        """The outcomes of these messages that are settled."""
        ...

    def keep(self, changes: Mapping[bytes, TraitChange]) -> None:
        """Keep outcomes for as long as their batches can be tried again."""
        ...
