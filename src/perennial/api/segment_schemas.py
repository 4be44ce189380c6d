"""What the API takes and gives about segments, precisely."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from perennial.api.schemas import Given, Instant, PathText, ProfileText, Shown

SegmentId = Annotated[str, Field(min_length=1, max_length=64)]
PersonName = Annotated[str, Field(min_length=1, max_length=256)]
Size = Annotated[int, Field(ge=1, le=1_000)]
MAX_NAMED = 10_000
Mode = Literal["replace", "add", "remove"]


class PreviewAsked(Given):
    """A condition that is not saved."""

    condition: JsonValue
    as_of: str | None = None
    size: Size = 10


class CombinationAsked(Given):
    """Segments, and what to make of them."""

    operation: Literal["union", "intersect", "except"]
    segments: Annotated[list[SegmentId], Field(min_length=1, max_length=100)]
    size: Size = 10


class OverlapAsked(Given):
    """Segments to compare, each with each."""

    segments: Annotated[list[SegmentId], Field(min_length=2, max_length=50)]


class FreezeAsked(Given):
    """What a frozen segment is called, and which moment it keeps."""

    as_id: SegmentId
    name: str | None = None
    as_of: str | None = None


class MembersChanged(Given):
    """People to put on a list and to take off it, by any of their ids."""

    add: Annotated[list[PersonName], Field(default_factory=list[str], max_length=MAX_NAMED)]
    remove: Annotated[list[PersonName], Field(default_factory=list[str], max_length=MAX_NAMED)]
    create: bool = False
    """Whether unknown user ids become people."""


class ListOrder(Given):
    """A file that says who is on a list."""

    file: PathText
    mode: Mode = "replace"
    create: bool = False


class UnknownPerson(Shown):
    """An entry of a list that names nobody we know."""

    line: int
    id: str


class ListChanged(Shown):
    """What became of a list."""

    segment: str
    read: int
    entered: int
    left: int
    people: int
    created: int
    unknown: int
    examples: list[UnknownPerson]
    """The first hundred of the unknown."""


class PersonShown(Shown):
    """One person, as lists show them."""

    profile_id: ProfileText
    user_id: str | None


class Preview(Shown):
    """How many people meet a condition, and some of them."""

    people: int
    of: int
    """Everyone known at that moment."""
    as_of: Instant
    sentence: Mapping[str, str]
    sample: list[PersonShown]


class Overlap(Shown):
    """How many people each two segments share."""

    segments: list[str]
    shared: list[list[int]]
    """A row for each segment; on the diagonal, how many it has."""
    as_of: Instant


class Sample(Shown):
    """Some people of a segment, the same whenever asked."""

    people: list[PersonShown]


class Member(PersonShown):
    """Somebody who is in a segment, and since when."""

    entered_at: Instant


class Members(Shown):
    """A page of members, by profile id."""

    people: list[Member]
    next: str | None


class SegmentSize(Shown):
    """How many were in a segment at a moment."""

    at: Instant
    people: int


class SegmentSizes(Shown):
    """How large a segment was, oldest first."""

    sizes: list[SegmentSize]


class SegmentOfPerson(Shown):
    """A segment that a person is in, and since when."""

    segment: str
    entered_at: Instant


class SegmentsOfPerson(Shown):
    """The segments that a person is in."""

    profile_id: ProfileText
    segments: list[SegmentOfPerson]


class SegmentMove(Shown):
    """A person entered a segment or left it."""

    segment: str
    direction: Literal["entered", "left"]
    at: Instant
    cause: str
    version: int


class SegmentMoves(Shown):
    """When a person entered and left segments, newest first."""

    moves: list[SegmentMove]
    next: str | None
