"""What a journey asks of people, in words."""

from collections.abc import Iterator

from perennial.decide.journeys.model import EXITS, Branch, Journey
from perennial.kernel.conditions import LANGUAGES, Condition, explain


def sentences(journey: Journey) -> dict[str, dict[str, str]]:
    """Each condition in one sentence per language: `entry`, exits as `$exit.i`, arms as `NODE.i`."""
    return {
        place: {language: explain(condition, language) for language in LANGUAGES}
        for place, condition in conditions_in(journey)
    }


def conditions_in(journey: Journey) -> Iterator[tuple[str, Condition]]:
    """What a journey asks of people, each with its place."""
    if journey.entry.condition is not None:
        yield "entry", journey.entry.condition
    for place, condition in enumerate(journey.leaving):
        yield f"{EXITS}.{place}", condition
    for node_id, node in journey.nodes.items():
        if isinstance(node, Branch):
            for place, arm in enumerate(node.arms):
                yield f"{node_id}.{place}", arm.condition
