"""Whether a chart can be walked: every edge leads somewhere, every node can be reached, no loop spins."""

from collections.abc import Iterable, Mapping, Sequence

from perennial.decide.journeys.model import EventMatch, Goal, Node, Send, Waiting, WaitUntil
from perennial.decide.journeys.parse_nodes import Chart
from perennial.decide.journeys.reading import JourneyProblems
from perennial.decide.journeys.rules import edges_of
from perennial.kernel.errors import nearest
from perennial.kernel.ids import NodeId


def check_chart(start: NodeId, chart: Chart, problems: JourneyProblems) -> None:
    """Note edges to nowhere, nodes that nobody reaches, and loops without a wait."""
    edges = [("$.start", start), *chart.edges]
    for path, target in edges:
        if target not in chart.named:
            message = f"There is no node {target!r}."
            problems.add(path, "unknown_node", message, nearest(target, chart.named))
    for node_id in sorted(chart.named - _reachable(edges, chart)):
        path = f"$.nodes.{node_id}"
        problems.add(
            path, "unreachable_node", f"Nothing leads to {node_id!r}.", "Lead an edge to it, or remove it."
        )
    loop = _spinning_loop(chart.known)
    if loop:
        way = " → ".join((*loop, loop[0]))
        message = f"The loop {way} has no wait."
        problems.add(f"$.nodes.{loop[0]}", "loop_without_wait", message, "Put a wait into the loop.")


def check_matches(
    goal: Goal | None,
    exits: Sequence[EventMatch],
    chart: Chart,
    problems: JourneyProblems,
    *,
    has_key: bool,
) -> None:
    """Note matches that compare with a key there is none of, or name a message that no node sends."""
    places = [("$.goal", goal.match)] if goal else []
    places += [(f"$.exit[{place}]", match) for place, match in enumerate(exits)]
    for node_id, node in chart.known.items():
        if isinstance(node, WaitUntil):
            places.append((f"$.nodes.{node_id}.wait_until", node.match))
        if isinstance(node, Waiting) and node.restart_on is not None:
            places.append((f"$.nodes.{node_id}.restart_on", node.restart_on))
    sends = {node_id for node_id, node in chart.known.items() if isinstance(node, Send)}
    for path, match in places:
        if match.same is not None and not has_key:
            hint = "Add `key` to the entry."
            problems.add(f"{path}.same", "needs_key", "`same` compares with the entry's key.", hint)
        if match.message is not None and match.message not in sends:
            message = f"No node {match.message!r} sends anything."
            problems.add(f"{path}.message", "unknown_node", message, nearest(match.message, sends))


def _reachable(edges: Iterable[tuple[str, NodeId]], chart: Chart) -> set[NodeId]:
    onward: dict[str, list[NodeId]] = {}
    for path, target in edges:
        onward.setdefault(_source(path), []).append(target)
    reached: set[NodeId] = set()
    waiting = list(onward.get("", []))
    while waiting:
        node_id = waiting.pop()
        if node_id in chart.named and node_id not in reached:
            reached.add(node_id)
            waiting.extend(onward.get(node_id, []))
    return reached


def _source(path: str) -> str:
    """The node an edge's path belongs to: `a` for `$.nodes.a.branch[0].then`; none for `$.start`."""
    return path.removeprefix("$.nodes.").split(".", 1)[0] if path.startswith("$.nodes.") else ""


def _spinning_loop(nodes: Mapping[NodeId, Node]) -> Sequence[NodeId]:
    """The nodes of one loop that nobody ever waits in; empty where there is none."""
    onward = {
        node_id: [target for _, target in edges_of(node) if target in nodes]
        for node_id, node in nodes.items()
        if not isinstance(node, Waiting)
    }
    finished: set[NodeId] = set()
    for first in onward:
        trail: list[NodeId] = []
        open_edges = [iter([first])]
        while open_edges:
            target = next(open_edges[-1], None)
            if target is None:
                open_edges.pop()
                if trail:
                    finished.add(trail.pop())
            elif target in trail:
                return trail[trail.index(target) :]
            elif target in onward and target not in finished:
                trail.append(target)
                open_edges.append(iter(onward[target]))
    return ()
