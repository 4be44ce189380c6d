"""What a rehearsal came to, counted from the same events that a live run leaves. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from perennial.decide.journeys.model import Enrollment, Journey, WaitUntil
from perennial.decide.rehearsals.model import Fate
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import JourneyId, NodeId
from perennial.kernel.values import Json

_TIMEOUT = "on_timeout"


@dataclass(slots=True)
class Tally:
    """The counts of one journey; it is told of everything and keeps what is its own."""

    journey: Journey
    entered: Counter[str] = field(default_factory=Counter[str])
    """By arm."""
    arrivals: Counter[NodeId] = field(default_factory=Counter[NodeId])
    edges: dict[NodeId, Counter[str]] = field(
        default_factory=lambda: defaultdict[NodeId, Counter[str]](Counter)
    )
    ended: Counter[str] = field(default_factory=Counter[str])
    """By outcome."""
    ignored: Counter[str] = field(default_factory=Counter[str])
    """Who met the entry and did not come in, by reason."""
    sent: Counter[str] = field(default_factory=Counter[str])
    """By channel."""
    withheld: Counter[str] = field(default_factory=Counter[str])
    dropped: Counter[str] = field(default_factory=Counter[str])
    """By reason."""
    held: dict[str, set[str]] = field(default_factory=lambda: defaultdict[str, set[str]](set))
    """Messages that had to wait, by reason."""

    def see(self, events: Sequence[EmittedEvent]) -> None:
        """Count events of the trail."""
        own = self.journey.journey_id
        for event in events:
            if event.properties.get("journey") == own:
                self._count(event.name, event.properties)

    def judge(self, fates: Sequence[Fate]) -> None:
        """Count what became of messages."""
        for fate in fates:
            if fate.message.journey_id != self.journey.journey_id:
                continue
            match fate.word:
                case "sent":
                    self.sent[fate.message.channel] += 1
                case "withheld":
                    self.withheld[fate.message.channel] += 1
                case "held":
                    self.held[fate.reason].add(fate.message.message_id)
                case "dropped":
                    self.dropped[fate.reason] += 1

    def assumed(self) -> Mapping[NodeId, int]:
        """How often an answer to a message that was never sent was taken for none, by node."""
        counted = {node: self.edges[node][_TIMEOUT] for node in sorted(self.edges)}
        return {
            node: many for node, many in counted.items() if many and _asks_of_a_message(self.journey, node)
        }

    def _count(self, name: str, said: Mapping[str, Json]) -> None:
        match name:
            case "journey_entered":
                self.entered[str(said["arm"])] += 1
                self.arrivals[_node(said["node"])] += 1
            case "journey_step":
                self.edges[_node(said["node"])][str(said["edge"])] += 1
                if "next" in said:
                    self.arrivals[_node(said["next"])] += 1
            case "journey_left":
                self.ended[str(said["outcome"])] += 1
            case "journey_entry_ignored":
                self.ignored[str(said["reason"])] += 1
            case _:
                pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How many runs reached the goal, and how many had the time to."""

    reached: int
    matured: int
    matured_reached: int

    @property
    def base_rate(self) -> float | None:
        """Share of runs that reached the goal though nothing was sent; None where nobody had the time."""
        return self.matured_reached / self.matured if self.matured else None


def reach_of(runs: Sequence[Enrollment], journey_id: JourneyId, *, end: datetime) -> Reach:
    """What the goal came to by the end: a run has matured when its window has ended, or it is reached."""
    own = [run for run in runs if run.journey_id == journey_id and run.goal_until is not None]
    matured = [run for run in own if run.goal_until is not None and run.goal_until <= end]
    return Reach(
        reached=sum(run.goal_at is not None for run in own),
        matured=len(matured),
        matured_reached=sum(run.goal_at is not None for run in matured),
    )


def report_document(tally: Tally, reach: Reach, *, waiting: int) -> dict[str, Json]:
    """The report as it is shown and kept."""
    nodes: dict[str, Json] = {
        node: {"entered": tally.arrivals[node], "left": dict(sorted(tally.edges[node].items()))}
        for node in tally.journey.nodes
    }
    return {
        "journey": tally.journey.journey_id,
        "entered": tally.entered.total(),
        "arms": dict(sorted(tally.entered.items())),
        "nodes": nodes,
        "outcomes": dict(sorted(tally.ended.items())),
        "not_entered": dict(sorted(tally.ignored.items())),
        "messages": dict(sorted(tally.sent.items())),
        "withheld": dict(sorted(tally.withheld.items())),
        "held": {reason: len(them) for reason, them in sorted(tally.held.items())},
        "dropped": dict(sorted(tally.dropped.items())),
        "still_held": waiting,
        "goal": {"reached": reach.reached, "matured": reach.matured, "base_rate": reach.base_rate},
        "assumed": {str(node): many for node, many in tally.assumed().items()},
    }


def _asks_of_a_message(journey: Journey, node: NodeId) -> bool:
    """Whether a node waits for what somebody does with a message: nobody knows of one never sent."""
    found = journey.nodes.get(node)
    return isinstance(found, WaitUntil) and found.match.pattern.event.startswith("message_")


def _node(value: Json) -> NodeId:
    return NodeId(str(value))
