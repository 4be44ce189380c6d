"""What the API takes and gives about who people are."""

from pydantic import Field

from perennial.api.schemas import MAX_NAME, Given, Instant, ProfileText, Shown


class KnownName(Shown):
    """One name a person goes by."""

    kind: str
    value: str
    since: Instant
    message_id: str
    """The message that said so; empty in what was recorded before this was kept."""


class KnownMerge(Shown):
    """Two histories that became one person's."""

    profile_id: ProfileText
    """The profile that was lost; an un-merge names it."""
    kept: ProfileText
    reason: str
    """`login`, `alias` or a kind of key."""
    merged_at: Instant
    message_id: str


class UndoneMerge(KnownMerge):
    """A merge that was taken back."""

    undone_at: Instant


class RefusedName(Shown):
    """A name that a call brought and that was not made this person's."""

    kind: str
    value: str
    reason: str
    other: str | None
    """The other person it was about."""
    since: Instant
    message_id: str


class QuarantinedName(Shown):
    """A name that was seen with too many people: it joins nobody."""

    kind: str
    value: str
    people: int
    since: Instant
    message_id: str


class PersonIdentity(Shown):
    """Everything recorded of who one person is."""

    profile_id: ProfileText
    user_id: str | None
    names: list[KnownName]
    merges: list[KnownMerge]
    refused: list[RefusedName]
    quarantined: list[QuarantinedName]
    unmerged: list[UndoneMerge]


class UnmergeOrder(Given):
    """A merge to take back."""

    profile_id: str = Field(max_length=MAX_NAME, examples=["prf_0a1b2c3d4e5f6"])
    """The profile that was lost in it."""


class NameGiven(Given):
    """A name, by kind and value."""

    kind: str = Field(max_length=MAX_NAME)
    value: str = Field(max_length=MAX_NAME)


class ReleasedName(Shown):
    """A name that may join people again."""

    kind: str
    value: str


class QuarantinedPage(Shown):
    """Names that join nobody."""

    quarantined: list[QuarantinedName]
    next: str | None
