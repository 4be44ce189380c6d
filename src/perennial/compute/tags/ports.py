"""What tags need of the state store; every method works inside the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from perennial.compute.definitions.ports import DefinitionShelf
from perennial.compute.profiles.people_port import Person
from perennial.compute.tags.model import (
    Cuts,
    Dispute,
    Groups,
    RecordedChange,
    Scalar,
    TagColumn,
    TagFailure,
    TagFill,
    TagValue,
    ValueChange,
)
from perennial.kernel.conditions.moment import Ask
from perennial.kernel.ids import ProfileId, TagId


class TagShelf(Protocol):
    """Tags' versions, everyone's values, and the cuts that scores rest on."""

    @property
    def definitions(self) -> DefinitionShelf:
        """Every version of every tag."""
        ...

    def fills(self) -> Mapping[TagId, TagFill]:
        """How far each tag that was ever computed is up to date."""
        ...

    def cuts_at(self, tag_id: TagId, version: int, instant: datetime) -> Cuts | None:
        """The newest cuts of a version at or before an instant."""
        ...

    def record_cuts(self, tag_id: TagId, version: int, cuts: Cuts) -> None:
        """Keep cuts with their time; earlier ones stay."""
        ...

    @property
    def groups(self) -> "GroupsShelf":
        """Where groups of customers lay."""
        ...

    def write_values(
        self, tag_id: TagId, column: TagColumn, *, computed_at: datetime
    ) -> Sequence[ValueChange]:
        """Write everyone's value where it is another than before, and say whose it was.

        People who are not in the column have none from now on.
        """
        ...

    @property
    def past(self) -> "PastValues":
        """Values as they were stored by an instant, the present among them."""
        ...

    @property
    def history(self) -> "TagHistory":
        """What became of values, and what is said of them."""
        ...

    def record_fill(self, fill: TagFill) -> None:
        """Note how far a tag is up to date."""
        ...

    def failures(self) -> Mapping[TagId, TagFailure]:
        """The tags that could not be computed when they were last tried."""
        ...

    def record_failures(self, failures: Sequence[TagFailure]) -> None:
        """Note that tags could not be computed; a fill takes that back."""
        ...

    def values_of(
        self, profile_ids: Sequence[ProfileId], *, only: Sequence[TagId] | None = None
    ) -> Mapping[ProfileId, Mapping[str, Scalar]]:
        """These people's values by tag (of these tags only); who has none is absent."""
        ...

    def page(self, tag_id: TagId, *, limit: int, after: Person | None = None) -> Sequence[TagValue]:
        """Values of people after one of them, sorted by user id, the anonymous last by profile id."""
        ...


class GroupsShelf(Protocol):
    """Where the groups of each version lay at its refreshes."""

    def at(self, tag_id: TagId, version: int, instant: datetime) -> Groups | None:
        """The newest groups of a version at or before an instant."""
        ...

    def record(self, tag_id: TagId, version: int, groups: Groups) -> None:
        """Keep groups with their time; earlier ones stay."""
        ...


class PastValues(Protocol):
    """Values of tags as they were stored by an instant.

    A value is known from when it was first stored; one that has changed since also for the time before
    that, back to the tag's first version.
    """

    def everyone(self, tag_id: TagId, instant: datetime) -> TagColumn:
        """Everyone's value, ascending ids, without details."""
        ...

    def of_asks(self, tag_id: TagId, asks: Sequence[Ask]) -> Sequence[Scalar | None]:
        """The value of each ask's person by the ask's instant; None where there was none."""
        ...


class TagHistory(Protocol):
    """How people's values changed, and which are said to be wrong."""

    def record(self, changes: Sequence[RecordedChange]) -> None:
        """Keep how values changed."""
        ...

    def of_person(
        self, profile_id: ProfileId, *, limit: int, before: int | None = None
    ) -> Sequence[tuple[int, RecordedChange]]:
        """How a person's values changed, the latest first, each with its number; below `before`, if given."""
        ...

    def value_of(self, tag_id: TagId, profile_id: ProfileId) -> Scalar | None:
        """A person's value of a tag as last computed."""
        ...

    def dispute(self, dispute: Dispute) -> None:
        """Keep that a value is said to be wrong."""
        ...

    def disputes(
        self, tag_id: TagId, *, limit: int, before: int | None = None
    ) -> Sequence[tuple[int, Dispute]]:
        """What is said to be wrong of a tag, the latest first, each with its number."""
        ...

    def disputed(self) -> Mapping[TagId, int]:
        """Of how many people each tag's present value is said to be wrong."""
        ...
