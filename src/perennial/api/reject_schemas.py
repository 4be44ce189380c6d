"""What is said of refused calls."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AwareDatetime, Field, JsonValue

from perennial.api.schemas import Given, Shown
from perennial.collect.rejects import Mending, RejectQuery

_Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
_Text = Annotated[str, Field(min_length=1, max_length=1000)]
_Path = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^.]+(\.[^.]+){0,19}$")]


class Reject(Shown):
    """A call that was refused, and why."""

    id: int
    source: str
    received_at: AwareDatetime
    path: str
    code: str
    message: str
    hint: str
    payload: JsonValue
    event: str
    user_id: str
    anonymous_id: str
    message_id: str
    """As the call said; once it was taken, the event's."""
    events: int
    """How many calls this stands for: beyond a thousand, those of one request are only counted."""
    replayed_at: AwareDatetime | None
    """When it was tried again and taken."""


class Rejects(Shown):
    """A page of rejects."""

    rejects: list[Reject]
    next: str | None


class RejectCount(Shown):
    """How many calls were refused for one reason, of those that are kept."""

    code: str
    events: int
    replayed: int
    first_at: AwareDatetime
    last_at: AwareDatetime


class RejectCounts(Shown):
    """Every reason, the most frequent first."""

    counts: list[RejectCount]


class RejectReplay(Given):
    """Which refused calls to try again, and what to change in each; at least something of which ones."""

    ids: Annotated[list[_Id], Field(max_length=1000)] | None = None
    code: _Text | None = None
    source: _Text | None = None
    event: _Text | None = None
    start: AwareDatetime | None = Field(default=None, alias="from")
    end: AwareDatetime | None = Field(default=None, alias="to")
    search: _Text | None = None
    set: Annotated[Mapping[_Path, JsonValue], Field(max_length=100)] = Field(
        default_factory=dict[str, JsonValue]
    )
    """New values by dotted path of the call: `properties.amount`."""
    names: Annotated[Mapping[_Text, _Text], Field(max_length=100)] = Field(default_factory=dict[str, str])
    """Other names of events, by the old one."""

    def query(self) -> RejectQuery:
        """Which ones."""
        return RejectQuery(
            ids=self.ids,
            code=self.code,
            source=self.source,
            event=self.event,
            start=self.start,
            end=self.end,
            search=self.search,
        )

    def mending(self) -> Mending:
        """What to change."""
        return Mending(values=dict(self.set), names=dict(self.names))


class RejectsReplayed(Shown):
    """What became of the calls that were tried again."""

    tried: int
    replayed: int
    refused: int
    skipped: int
