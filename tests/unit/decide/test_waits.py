"""What a waiting run hears of messages: its own, and of those the one that is meant."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.unit.decide.journey_builders import DAY, HOUR, NOON, an_occurrence, enrolled

from perennial.decide.journeys import Enrollment, PublishedJourney, advance, observe, parse_journey
from perennial.decide.journeys.model import Zones
from perennial.decide.journeys.write import journey_document
from perennial.kernel.events import EmittedEvent
from perennial.kernel.values import Json


def document(**wait: Json) -> dict[str, Json]:
    def send(then: str) -> Json:
        return {"send": {"channel": "email", "template": "t", "topic": "marketing"}, "then": then}

    return {
        "id": "reminder",
        "entry": {"on": {"event": "add_to_cart"}, "key": "cart_id"},
        "start": "first",
        "nodes": {
            "first": send("second"),
            "second": send("opened"),
            "opened": {
                "wait_until": {"event": "message_opened", **wait},
                "at_most": "2d",
                "then": "done",
                "on_timeout": "lost",
            },
            "done": {"exit": {"outcome": "opened"}},
            "lost": {"exit": {"outcome": "ignored"}},
        },
    }


def standing(**wait: Json) -> tuple[PublishedJourney, Enrollment]:
    """A run that has sent two messages and waits for one to be opened."""
    journey = PublishedJourney(journey=parse_journey(document(**wait)), version=1, published_at=NOON - DAY)
    run = enrolled(journey)
    return journey, advance(journey, run, now=NOON, facts={}, zones=Zones()).enrollment


def opened(run: Enrollment, node: str, *, enrollment: str = "") -> dict[str, Json]:
    return {"enrollment": enrollment or run.enrollment_id, "node": node, "by": "person"}


@pytest.mark.parametrize(
    ("wait", "node", "goes_on"),
    [({}, "second", True), ({}, "first", False), ({"message": "first"}, "first", True)],
)
def test_a_run_waits_for_its_last_message_or_for_the_one_that_is_named(
    wait: dict[str, Json], node: str, goes_on: bool
) -> None:
    journey, run = standing(**wait)
    assert run.node == "opened"
    heard = an_occurrence("message_opened", opened(run, node), at=NOON + HOUR)
    step = observe(journey, run, replace(heard, kind="perennial"), zones=Zones())
    assert (step.enrollment.node == "done") is goes_on


def test_another_runs_message_is_none_of_its_own() -> None:
    journey, run = standing()
    said = an_occurrence("message_opened", opened(run, "second", enrollment="enr_other"), at=NOON + HOUR)
    assert observe(journey, run, replace(said, kind="perennial"), zones=Zones()).enrollment == run


def test_a_wait_that_is_over_leaves_by_the_other_edge() -> None:
    journey, run = standing()
    step = advance(journey, run, now=NOON + 2 * DAY, facts={}, zones=Zones())
    edges = [
        event.properties["edge"]
        for event in step.effects
        if isinstance(event, EmittedEvent) and event.name == "journey_step"
    ]
    assert edges == ["on_timeout", "exit"]
    assert step.enrollment.outcome == "ignored"


def test_a_wait_is_written_as_it_was_read() -> None:
    written = document(same="cart_id", message="first")
    nodes = written["nodes"]
    assert isinstance(nodes, Mapping)
    waiting = nodes["opened"]
    assert isinstance(waiting, Mapping)
    chart: dict[str, Json] = {**nodes, "opened": {**waiting, "restart_on": {"event": "visit"}}}
    written["nodes"] = chart
    assert journey_document(parse_journey(written))["nodes"] == chart
