"""The nouns of identity: by which names people are seen, and whom those names turn out to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json

USER, ANONYMOUS = "user", "anonymous"
"""The kinds of name that every call has one of; a workspace declares further ones (`KeyRules`)."""


class Identifier(NamedTuple):
    """One name a person goes by: the customer's id, a device's, or a key such as an e-mail address."""

    kind: str
    value: str


class Learned(NamedTuple):
    """When and by which message something was learned."""

    at: datetime
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The names that one call puts together, in the order of the log."""

    user_id: str = ""
    anonymous_id: str = ""
    previous_id: str = ""
    """From an alias: this name and `user_id` are one person."""
    occurred_at: datetime
    earliest: datetime | None = None
    """Of several that are counted as this one, where it is not `occurred_at`."""
    cause: str
    """The message id, kept with a merge so that it can be explained."""
    keys: tuple[Identifier, ...] = ()
    """Further names, of declared kinds, those of the highest priority first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """What was known before a batch about the names in it."""

    profiles: Mapping[Identifier, ProfileId] = field(default_factory=dict[Identifier, ProfileId])
    users: Mapping[ProfileId, str] = field(default_factory=dict[ProfileId, str])
    """The user id each of those profiles is listed under; anonymous ones are absent."""
    taken: frozenset[ProfileId] = frozenset()
    """Ids that a new profile may not get, because somebody has them."""
    values: Mapping[ProfileId, Mapping[str, int]] = field(default_factory=dict[ProfileId, Mapping[str, int]])
    """How many names of each kind that has a limit these profiles have."""
    strangers: Mapping[Identifier, frozenset[ProfileId]] = field(
        default_factory=dict[Identifier, frozenset[ProfileId]]
    )
    """Of names with a bound on people: whom they were seen with besides the one they lead to."""
    quarantined: frozenset[Identifier] = frozenset()
    apart: frozenset[frozenset[ProfileId]] = frozenset()
    """Pairs that somebody parted: they never become one again by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Two histories that turned out to be one person's: `lost` continues as `kept`."""

    lost: ProfileId
    kept: ProfileId
    merged_at: datetime
    cause: str
    reason: str = ""
    """`login`, `alias`, or the kind of key that joined them; empty in records from before it was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A name that a call of somebody brought and that was not made theirs."""

    profile_id: ProfileId
    name: Identifier
    reason: str
    """`blocked`, `quarantined`, `limit`, `two_user_ids`, `describes_only`, `parted` or `handed_over`."""
    other: ProfileId | None
    """Whom the name leads to."""
    learned: Learned


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """A name that was seen with too many people: it joins nobody until it is released."""

    name: Identifier
    people: int
    learned: Learned


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmerge:
    """A merge that was wrong and was taken back."""

    lost: ProfileId
    kept: ProfileId
    merge: Merge
    undone_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything that is recorded of who one person is."""

    profile_id: ProfileId
    user_id: str | None
    names: Sequence[tuple[Identifier, Learned]]
    merges: Sequence[Merge]
    refusals: Sequence[Refusal]
    quarantined: Sequence[Quarantine]
    """Those of their names."""
    unmerges: Sequence[Unmerge]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """Whom each sighting is of, and what was learned about names on the way."""

    profile_ids: Sequence[ProfileId]
    """One per sighting, as known at the end of the batch."""
    first_seen: Mapping[ProfileId, datetime] = field(default_factory=dict[ProfileId, datetime])
    """Every profile of the batch, new ones included, with its earliest time in it."""
    links: Mapping[Identifier, ProfileId] = field(default_factory=dict[Identifier, ProfileId])
    """Names that now lead somewhere else than before."""
    users: Mapping[ProfileId, str] = field(default_factory=dict[ProfileId, str])
    """Profiles that are now listed under this user id."""
    merges: Sequence[Merge] = ()
    """In the order they happened: a profile that was kept may be lost in a later one."""
    came_with: Mapping[Identifier, ProfileId] = field(default_factory=dict[Identifier, ProfileId])
    """Of the `links`, those that led to a profile first which was lost in the same batch: to that one."""
    learned: Mapping[Identifier, Learned] = field(default_factory=dict[Identifier, Learned])
    """When and by which message each of the `links` was."""
    refusals: Sequence[Refusal] = ()
    quarantined: Sequence[Quarantine] = ()

    @property
    def became(self) -> Mapping[ProfileId, ProfileId]:
        """Every profile lost in the batch, in order, with the one that is kept at its end."""
        kept = {merge.lost: merge.kept for merge in self.merges}
        ends: dict[ProfileId, ProfileId] = {}
        for lost in reversed(kept):  # whoever is kept is lost later, if at all
            ends[lost] = ends.get(kept[lost], kept[lost])
        return {lost: ends[lost] for lost in kept}


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitTold:
    """A trait as one identify call told it; None takes the trait away."""

    profile_id: ProfileId
    name: str
    value: Json
    occurred_at: datetime
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitChange:
    """What one operation on traits came to: these values, from then on; null takes a trait away."""

    profile_id: ProfileId
    occurred_at: datetime
    traits: Mapping[str, Json]
