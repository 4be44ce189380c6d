"""A journey's nouns: the published chart, the run of one person through it, and what a step brings about.

Everything is frozen. A chart's nodes are a tagged union; a run (`Enrollment`) is one row; what should
happen is returned as effects, data that `deliver` and the log carry out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal

from perennial.decide.assignment.model import TREATED, Arm
from perennial.decide.policies.model import Timing
from perennial.kernel.conditions.model import Condition, EventPattern
from perennial.kernel.events import EmittedEvent, RowKind
from perennial.kernel.ids import EnrollmentId, JourneyId, MessageId, NodeId, ProfileId, SegmentId, TemplateId
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

Channel = Literal["email", "webhook"]
CHANNELS: tuple[Channel, ...] = ("email", "webhook")
OverCap = Literal["hold", "drop"]
SegmentChange = Literal["entered", "left"]

DEFAULT_MAX_AGE = timedelta(hours=24)
DEFAULT_PRIORITY = 50
MAX_STEPS = 1_000
"""Nodes one enrollment may pass in one go; more means the chart turns in circles, and it is quarantined."""
CALLED = "journey_called"
"""The event of ours that a call to let somebody in becomes; its text `journey` names the journey."""
ENTRY = NodeId("$entry")
"""Where the verdict on a journey's `entry.if` stands among the verdicts on its branches."""
EXITS = NodeId("$exit")
"""Where the verdicts on its exit conditions stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMatch:
    """Which events of the enrolled person are meant.

    With `same`, only those whose property of that name equals the enrollment's key.
    """

    pattern: EventPattern
    same: str | None = None
    message: NodeId | None = None
    """Of events of messages: which node's message; None is the last one that the run sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEntry:
    """People enter when they do an event, or when a program asks for it by a call (`is_called`)."""

    pattern: EventPattern
    is_called: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentEntry:
    """People enter when they enter or leave a segment; `include_current` also takes its present members."""

    segment: SegmentId
    change: SegmentChange
    include_current: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How people come in: what starts it, which property is the key, and what must hold at that moment."""

    on: EventEntry | SegmentEntry
    key: str | None = None
    condition: Condition | None = None
    max_age: timedelta = DEFAULT_MAX_AGE
    """Events older than this when they are looked at start nothing."""


Reentry = Literal["never", "per_key", "always"] | timedelta
"""Whether a person may come again: once ever, once per key, always, or this long after their last entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What counts as success: the event within this long after entry, the last instant included."""

    match: EventMatch
    within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Stay for a span."""

    kind: Literal["wait"] = "wait"
    duration: timedelta
    restart_on: EventMatch | None = None
    """What makes the wait begin anew."""
    then: NodeId


WhoseClock = Literal["workspace", "person"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitClock:
    """Stay until a clock on the wall next shows a time, on certain days of the week where some are named."""

    kind: Literal["wait"] = "wait"
    until: time
    clock: WhoseClock = "workspace"
    """Whose: a person's own zone where it is known (trait `timezone`), else the workspace's."""
    days: tuple[int, ...] = ()
    """Monday is 0; none is any day."""
    restart_on: EventMatch | None = None
    """What makes the wait begin anew."""
    then: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitUntil:
    """Stay until an event happens after arrival, and no longer than a span."""

    kind: Literal["wait_until"] = "wait_until"
    match: EventMatch
    at_most: timedelta
    restart_on: EventMatch | None = None
    """What makes the span begin anew."""
    then: NodeId
    on_timeout: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchArm:
    """One way out of a branch and what must hold for it."""

    condition: Condition
    then: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Take the first arm whose condition holds at that moment, else `otherwise`."""

    kind: Literal["branch"] = "branch"
    arms: tuple[BranchArm, ...]
    otherwise: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitArm:
    """One way out of a split and its share of the weights' sum."""

    arm_id: str
    weight: float
    then: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Divide people by a salted hash: the same person always takes the same arm."""

    kind: Literal["split"] = "split"
    arms: tuple[SplitArm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Ask for a message; whether it goes out is the gate's decision."""

    kind: Literal["send"] = "send"
    channel: Channel
    template: TemplateId
    topic: str
    priority: int = DEFAULT_PRIORITY
    value: float = 0
    """What it is expected to be worth: among equals in priority the higher goes first."""
    at: Timing | None = None
    """The time of the person's day it is for; None is any."""
    expires: timedelta | None = None
    over_cap: OverCap = "hold"
    then: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Where several edges meet again."""

    kind: Literal["join"] = "join"
    then: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """The end, and what to call it."""

    kind: Literal["exit"] = "exit"
    outcome: str


Waiting = Wait | WaitClock | WaitUntil
"""Nodes at which a run stands for a while."""
Node = Wait | WaitClock | WaitUntil | Branch | Split | Send | Join | Exit


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """The flowchart as its author wrote it: who comes in, what success is, and the nodes."""

    journey_id: JourneyId
    name: str = ""
    entry: Entry
    reentry: Reentry = "never"
    goal: Goal | None = None
    exits: tuple[EventMatch, ...] = ()
    leaving: tuple[Condition, ...] = ()
    """Conditions that take a person out; they are asked before every step."""
    control: float | None = None
    """Share of people who walk the chart as data, with nothing sent; None is no control."""
    start: NodeId
    nodes: Mapping[NodeId, Node]
    examples: tuple[Json, ...] = ()
    """What the author says should come of some events, as written; `rehearsals` reads and runs them."""


JourneyState = Literal["live", "paused", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedJourney:
    """One immutable version of a journey; an enrollment stays on the version it entered."""

    journey: Journey
    version: int
    published_at: datetime
    plan: Mapping[str, Json] = field(default_factory=dict[str, Json])
    """What became of whoever stood in earlier versions, as `plans` writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyStatus:
    """Where a journey stands: its newest version, and whether it takes people in and moves them on."""

    journey_id: JourneyId
    state: JourneyState
    version: int
    published_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """An event as journeys see it: something a person did, or a segment they entered or left."""

    profile_id: ProfileId
    name: str
    kind: RowKind = "track"
    occurred_at: datetime
    message_id: str
    properties: Mapping[str, Json] = field(default_factory=dict[str, Json])


EnrollmentStatus = Literal["active", "left", "quarantined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrollment:
    """One person's run through one version of a journey. Waiting costs one row with a due time."""

    enrollment_id: EnrollmentId
    journey_id: JourneyId
    version: int
    profile_id: ProfileId
    key: str = ""
    ordinal: int = 1
    """1 for a person's first entry into this journey; only first entries are in its read-out."""
    arm: Arm = TREATED
    entered_at: datetime
    status: EnrollmentStatus = "active"
    node: NodeId
    arrived_at: datetime
    due_at: datetime | None
    """When it can move on by itself: the end of a wait, else the instant of arrival; None once ended."""
    visits: Mapping[NodeId, int]
    outcome: str = ""
    """How it ended: the exit node's outcome, `exit_rule`, `ended`, or the error of a quarantined one."""
    left_at: datetime | None = None
    goal_until: datetime | None = None
    """Last instant that counts for the goal; None where the journey has none."""
    goal_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMessage:
    """Effect: put this message to the gate. A withheld one gets its verdict and is never sent."""

    message_id: MessageId
    """Derived from `cause:channel`, so that a replay writes nothing."""
    cause: str
    """`enrollment:node:visit`."""
    enrollment_id: EnrollmentId
    journey_id: JourneyId
    version: int
    node: NodeId
    arm: Arm
    profile_id: ProfileId
    channel: Channel
    template_id: TemplateId
    topic: str
    priority: int
    value: float = 0
    at: Timing | None = None
    created_at: datetime
    expires_at: datetime | None
    over_cap: OverCap
    withheld: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Effect: record which arm a person got and how probable that was, before anything followed from it."""

    decision_id: str
    enrollment_id: EnrollmentId
    node: NodeId
    arm: str
    probability: float
    decided_at: datetime
    salt: str
    explored: bool = False
    """Whether the arm was drawn to learn rather than to win; always False for fixed weights."""


Effect = SendMessage | Decision | EmittedEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Conditions whose verdicts are needed before a person can come in (`ENTRY`) or pass a branch."""

    node: NodeId
    conditions: tuple[Condition, ...]
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """The clocks a run goes by: the workspace's, and its person's own where that is known."""

    workspace: Zone = field(default_factory=Zone)
    person: Zone | None = None

    def of(self, clock: WhoseClock) -> Zone:
        """The clock that is meant; the workspace's where a person's own is not known."""
        return self.person or self.workspace if clock == "person" else self.workspace


Facts = Mapping[NodeId, tuple[bool, ...]]
"""Answered questions of one person at one instant: verdicts in the order of the question's conditions."""


NotAdmittedReason = Literal[
    "no_match",
    "before_publication",
    "first_fill",
    "too_old",
    "no_key",
    "repeated",
    "already_enrolled",
    "reentry",
    "condition",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAdmitted:
    """The occurrence starts nothing, and why; the effects record it where the design asks for that."""

    reason: NotAdmittedReason
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where an enrollment stands now, what that brings about, and what must be asked before it can go on."""

    enrollment: Enrollment
    effects: tuple[Effect, ...] = ()
    question: Question | None = None
