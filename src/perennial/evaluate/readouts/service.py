"""Reading a journey's outcome."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from perennial.decide.journeys import Journey, JourneyShelf, get_journey
from perennial.evaluate.readouts.model import Comparison, Estimate, NodeCounts, Readout
from perennial.evaluate.readouts.ports import JourneyFacts
from perennial.evaluate.readouts.rules import compare
from perennial.evaluate.readouts.words import sentences
from perennial.kernel.ids import JourneyId
from perennial.kernel.values import Json


def comparisons(
    journeys: Sequence[Journey], facts: JourneyFacts, *, now: datetime
) -> Mapping[JourneyId, Comparison]:
    """Whether each journey helped, all of them counted in one pass."""
    groups = facts.arms([journey.journey_id for journey in journeys], now=now)
    return {
        journey.journey_id: compare(
            groups[journey.journey_id],
            control_share=journey.control,
            has_goal=journey.goal is not None,
        )
        for journey in journeys
    }


def read(shelf: JourneyShelf, facts: JourneyFacts, journey_id: JourneyId, *, now: datetime) -> Readout:
    """What came of a journey so far, counted from the log. Raises JourneyNotFound.

    People who came in under another control share than the newest version's are not compared.
    """
    published = get_journey(shelf, journey_id)
    return Readout(
        journey_id=journey_id,
        version=published.version,
        nodes=node_counts(published.journey, facts, now=now),
        messages=facts.messages(journey_id, now=now),
        comparison=comparisons([published.journey], facts, now=now)[journey_id],
    )


def node_counts(journey: Journey, facts: JourneyFacts, *, now: datetime) -> tuple[NodeCounts, ...]:
    """Every node by id: those of this version, and those of others that anybody came to."""
    counted = {node.node: node for node in facts.nodes(journey.journey_id, now=now)}
    unseen = {
        node: NodeCounts(node=node, entered=0, left={}) for node in journey.nodes if node not in counted
    }
    return tuple({**counted, **unseen}[node] for node in sorted({*counted, *unseen}))


def readout_document(readout: Readout) -> Mapping[str, Json]:
    """A read-out as the edges print it; rates and differences are shares of 1."""
    comparison = readout.comparison
    gap = comparison.difference
    return {
        "journey": readout.journey_id,
        "version": readout.version,
        "entered": comparison.people,
        "arms": [
            {
                "arm": arm.arm,
                "people": arm.people,
                "matured": arm.matured,
                "reached": arm.reached,
                "goal_rate": arm.goal_rate,
            }
            for arm in comparison.arms
        ],
        "difference": None if gap is None else gap.value,
        "interval": None if gap is None else [gap.low, gap.high],
        "relative": _relative(comparison.relative),
        "verdict": comparison.verdict,
        "obstacle": comparison.obstacle,
        "sentence": sentences(comparison),
        "srm": _srm(comparison),
        "matured_share": comparison.matured_share,
        "people_needed": comparison.people_needed,
        "smallest_visible": comparison.smallest_visible,
        "left_out": comparison.left_out,
        "nodes": {node.node: _node(node) for node in readout.nodes},
        "messages": dict(readout.messages),
    }


def _relative(estimate: Estimate | None) -> Json:
    return None if estimate is None else {"value": estimate.value, "interval": [estimate.low, estimate.high]}


def _srm(comparison: Comparison) -> Json:
    check = comparison.srm
    return None if check is None else {"p_value": check.p_value, "ok": not check.is_alarming}


def _node(node: NodeCounts) -> Json:
    return {
        "entered": node.entered,
        "left": dict(node.left),
        "waiting": node.waiting,
        "ended_here": node.ended_here,
    }
