"""Tags that exclude each other, by the front door: one value in a dimension, and conditions that know it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from perennial.kernel.clock import VirtualClock
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json
from perennial.wiring import Workspace, open_app

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HEAD = "dimension: care, exclusive: true"
COMPLAINED = f"{{id: complained, {HEAD}, weight: 20, values: [{{value: soothe, if: {{did: complained}}}}]}}"
LOYAL = (
    f"{{id: loyal, {HEAD}, weight: 10, values: [{{value: thank, if: {{did: order_paid, times: '>= 2'}}}}]}}"
)
BOUGHT = f"{{id: bought, {HEAD}, weight: 10, values: [{{value: greet, if: {{did: order_paid}}}}]}}"
ANYBODY = "{id: buyer, dimension: care, weight: 99, values: [{value: buyer, if: {did: order_paid}}]}"


@pytest.fixture
def workspace(tmp_path: Path, state_url: str) -> Iterator[Workspace]:
    with open_app(tmp_path / "home", clock=VirtualClock(NOON), state=state_url) as app:
        app.init()
        workspace = app.workspace()
        calls: list[Json] = [
            {"type": "track", "userId": user, "event": event, "messageId": f"{user}{number}"}
            for user, events in {
                "anna": ("order_paid", "order_paid", "complained"),
                "bob": ("order_paid", "order_paid"),
                "carl": ("order_paid",),
                "dora": ("complained",),
                "emil": ("app_open",),
            }.items()
            for number, event in enumerate(events)
        ]
        workspace.send(calls)
        for text in (BOUGHT, LOYAL, COMPLAINED, ANYBODY):
            workspace.save_tag(text)
        yield workspace


def values(workspace: Workspace, *tags: str) -> dict[str, dict[str, Json]]:
    workspace.refresh_tags(tags)
    return {tag: dict(workspace.tag_values(tag)[0]) for tag in tags}


def who(workspace: Workspace, condition: Mapping[str, Json]) -> set[object]:
    rows = workspace.list_people(condition).rows
    return {cast("Mapping[str, object]", row)["user_id"] for row in rows}


def test_everybody_has_one_value_of_a_dimension_at_most_the_weightiest(workspace: Workspace) -> None:
    workspace.wait_accepted()
    found = values(workspace, "complained", "loyal", "bought", "buyer")
    assert found == {
        "complained": {"anna": "soothe", "dora": "soothe"},
        "loyal": {},
        "bought": {"bob": "greet", "carl": "greet"},
        # Not exclusive: it takes nobody away, and nobody is taken away from it.
        "buyer": {"anna": "buyer", "bob": "buyer", "carl": "buyer"},
    }


def test_conditions_segments_and_reasons_say_the_same_as_the_values(workspace: Workspace) -> None:
    workspace.wait_accepted()
    assert who(workspace, {"tag": "bought", "is": "greet"}) == {"bob", "carl"}
    assert who(workspace, {"tag": "loyal", "set": True}) == set()
    told = workspace.why_person("anna", tag="bought")
    assert (told["holds"], workspace.why_person("bob", tag="bought")["holds"]) == (False, True)


def test_a_weightier_rule_that_changes_gives_people_back(workspace: Workspace) -> None:
    workspace.wait_accepted()
    values(workspace, "complained", "loyal", "bought")
    workspace.save_tag(LOYAL.replace("weight: 10", "weight: 15"))
    assert values(workspace, "loyal", "bought") == {"loyal": {"bob": "thank"}, "bought": {"carl": "greet"}}


@pytest.mark.parametrize(
    ("text", "path", "code"),
    [
        ("{id: x, exclusive: true, measure: count, of: app_open}", "$.exclusive", "nothing_to_exclude"),
        (
            "{id: x, exclusive: true, values: [{value: a, if: {did: b}}], else: c}",
            "$.else",
            "excludes_everything",
        ),
        ("{id: x, exclusive: yes please, values: [{value: a, if: {did: b}}]}", "$.exclusive", "wrong_type"),
        ("{id: x, weight: -1, values: [{value: a, if: {did: b}}]}", "$.weight", "bad_weight"),
        ("{id: x, weight: 0.5, values: [{value: a, if: {did: b}}]}", "$.weight", "bad_weight"),
        (
            f"{{id: angry, {HEAD}, weight: 30, values: [{{value: a, if: {{tag: bought, is: greet}}}}]}}",
            "tag bought",
            "cycle",
        ),
    ],
)
def test_what_cannot_exclude_is_refused(workspace: Workspace, text: str, path: str, code: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        workspace.save_tag(text)
    assert any(path in one.path and one.code == code for one in refused.value.problems), (
        refused.value.problems
    )
