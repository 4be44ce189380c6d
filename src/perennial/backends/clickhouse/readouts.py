"""What the log says of a journey, counted in ClickHouse."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from perennial.backends.clickhouse.arrow import integers
from perennial.backends.clickhouse.parameters import Parameter
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport
from perennial.decide.assignment import CONTROL, TREATED, Arm
from perennial.evaluate.readouts.model import ArmGroup, NodeCounts
from perennial.kernel.ids import JourneyId, NodeId


class ClickHouseJourneyFacts:
    """`evaluate.readouts.ports.JourneyFacts` on a ClickHouse of any kind."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def arms(
        self, journey_ids: Sequence[JourneyId], *, now: datetime
    ) -> Mapping[JourneyId, Sequence[ArmGroup]]:
        """People by their first entry's arm and control share: all, matured, and with the goal reached."""
        found = self._transport.query(
            statement("journey_arms"),
            {"journeys": Parameter(type="Array(String)", value=journey_ids), "now": _instant(now)},
        )
        journeys = [JourneyId(str(journey)) for journey in found["journey"].to_pylist()]
        shares = [float(str(share)) for share in found["control_share"].to_pylist()]
        arms: list[Arm] = [CONTROL if arm == CONTROL else TREATED for arm in found["arm"].to_pylist()]
        counts = zip(*(integers(found, name) for name in ("people", "matured", "reached")), strict=True)
        groups: dict[JourneyId, list[ArmGroup]] = {journey_id: [] for journey_id in journey_ids}
        for journey, arm, share, (people, matured, reached) in zip(
            journeys, arms, shares, counts, strict=True
        ):
            group = ArmGroup(arm=arm, control_share=share, people=people, matured=matured, reached=reached)
            groups[journey].append(group)
        return groups

    def nodes(self, journey_id: JourneyId, *, now: datetime) -> Sequence[NodeCounts]:
        """How often each node was entered and left by each edge, by node id."""
        found = self._transport.query(statement("journey_nodes"), _asked(journey_id, now))
        columns = (found[name].to_pylist() for name in ("node", "way", "edge"))
        passages: dict[str, dict[tuple[str, str], int]] = {}
        for node, way, edge, times in zip(*columns, integers(found, "times"), strict=True):
            passages.setdefault(str(node), {})[str(way), str(edge)] = times
        return [_node(NodeId(node), times) for node, times in passages.items()]

    def messages(self, journey_id: JourneyId, *, now: datetime) -> Mapping[str, int]:
        """The journey's messages by the furthest state each has come to: sent, withheld, held …"""
        found = self._transport.query(statement("journey_messages"), _asked(journey_id, now))
        states = [str(state) for state in found["state"].to_pylist()]
        return dict(zip(states, integers(found, "messages"), strict=True))


def _asked(journey_id: JourneyId, now: datetime) -> Mapping[str, Parameter]:
    return {"journey": Parameter(type="String", value=journey_id), "now": _instant(now)}


def _instant(instant: datetime) -> Parameter:
    return Parameter(type="DateTime64(6, 'UTC')", value=instant)


def _node(node: NodeId, times: Mapping[tuple[str, str], int]) -> NodeCounts:
    return NodeCounts(
        node=node,
        entered=times.get(("entered", ""), 0),
        left={edge: count for (way, edge), count in times.items() if way == "left"},
        ended_here=times.get(("ended", ""), 0),
    )
