"""What the console's own routes give: how a workspace stands, a journey as a picture, the session."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import Field, JsonValue

from perennial.api.schemas import Instant, Journey, NodeReadOut, Shown


class DayActivity(Shown):
    """One day of the workspace's own calendar."""

    day: date
    events: int
    people: int
    """People with an event that day, counted exactly."""


class NamedCount(Shown):
    """How many events there are under a name."""

    name: str
    events: int


class SegmentSize(Shown):
    """How many people were in a segment at its last refresh; null before the first."""

    id: str
    name: str
    people: int | None


class Effect(Shown):
    """Whether a journey helped, in the read-out's own words."""

    difference: float | None
    interval: tuple[float, float] | None
    verdict: Literal["effect_shown", "no_effect_shown", "cannot_be_measured", "srm_failed"]
    obstacle: str | None
    sentence: Mapping[str, str]
    """The verdict in words, by language (`en`, `zh-CN`)."""


class JourneyToday(Journey):
    """A journey with its runs (a person who came in twice has two), all versions together."""

    entered: int
    in_progress: int
    goal: int
    """Runs that reached the goal within its window."""
    effect: Effect


class StateCount(Shown):
    """How many messages are in a state; `withheld` are those of controls, which never come to the outbox."""

    state: str
    count: int


class Today(Shown):
    """How a workspace stands as of an instant; events and people of clients' calls only."""

    as_of: Instant
    timezone: str
    people: int
    events: int
    first_event_at: Instant | None
    last_event_at: Instant | None
    days: list[DayActivity]
    """The last 30 days up to that of `as_of`, in order, zeros included."""
    counts_by_event: list[NamedCount]
    """The most frequent names, at most 12."""
    segments: list[SegmentSize]
    tags: int
    journeys: list[JourneyToday]
    messages: list[StateCount]
    behind: int
    """Calls that were accepted and are not processed yet."""


class JourneyPicture(Journey):
    """A journey's newest version and what the log counts on it, all versions together."""

    as_of: Instant
    timezone: str
    document: Mapping[str, JsonValue]
    sentences: Mapping[str, Mapping[str, str]]
    """Each condition in words by language: the entry's as `entry`, arm i of a branch as `NODE.i`."""
    entered: int
    """People who ever came in."""
    nodes: Mapping[str, NodeReadOut]
    """Every node of the newest version, and those of earlier ones that anybody came to."""
    arms: Mapping[str, int]
    """People by the arm of their first entry."""


class WorkspaceEntry(Shown):
    """A workspace that the console can open."""

    name: str
    timezone: str
    is_rehearsal: bool
    """Lives on a clock of its own, such as the demo's replay."""
    permissions: list[str]
    """What whoever is signed in may do there."""


class ConsoleSession(Shown):
    """What the console opens with."""

    version: str
    member: str | None
    """The address of the member who is signed in; None for whoever came by a link of the machine."""
    workspaces: list[WorkspaceEntry]


class ConsoleLink(Shown):
    """An address that opens the console once, within 10 minutes."""

    url: str = Field(examples=["http://127.0.0.1:8420/enter?key=…"])
