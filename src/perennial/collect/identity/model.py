"""The nouns of identity: by which names people are seen, and whom those names turn out to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json

IdentifierKind = Literal["user", "anonymous"]


class Identifier(NamedTuple):
    """One name a person goes by: the customer's id, or a device's."""

    kind: IdentifierKind
    value: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """What was known before a batch about the names in it."""

    profiles: Mapping[Identifier, ProfileId] = field(default_factory=dict[Identifier, ProfileId])
    users: Mapping[ProfileId, str] = field(default_factory=dict[ProfileId, str])
    """The user id each of those profiles is listed under; anonymous ones are absent."""
    taken: frozenset[ProfileId] = frozenset()
    """Ids that a new profile may not get, because somebody has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Two histories that turned out to be one person's: `lost` continues as `kept`."""

    lost: ProfileId
    kept: ProfileId
    merged_at: datetime
    cause: str


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
