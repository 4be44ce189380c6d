"""A lifecycle with exit rules, by the front door: nobody wavers at a border, and everything agrees on it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from perennial.kernel.clock import VirtualClock
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json
from perennial.wiring import Workspace, open_app

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
STAGE = """
id: stage
name: Stage
values:
  - value: keen
    enter: {measure: days, of: visit, within: 10d, is: ">= 5"}
    exit: {measure: days, of: visit, within: 10d, is: "<= 2"}
  - {value: here, if: {did: visit, within: 10d}}
else: away
"""


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


@pytest.fixture
def workspace(tmp_path: Path, clock: VirtualClock, state_url: str) -> Iterator[Workspace]:
    """Anna visited on five days in a row up to now, Bob on four."""
    with open_app(tmp_path / "home", clock=clock, state=state_url) as app:
        app.init()
        workspace = app.workspace()
        for user, visits in (("anna", 5), ("bob", 4)):
            workspace.send([visit(user, NOON - day * DAY) for day in range(visits)])
        workspace.wait_accepted()
        workspace.save_tag(STAGE)
        workspace.save_segment("{id: keen_ones, condition: {tag: stage, is: keen}}")
        workspace.refresh_tags()
        yield workspace


def visit(user: str, when: datetime) -> Json:
    return {
        "type": "track",
        "userId": user,
        "event": "visit",
        "messageId": f"{user}{when.isoformat()}",
        "timestamp": when.isoformat(),
    }


def stages(workspace: Workspace) -> Mapping[str, Json]:
    return workspace.tag_values("stage")[0]


def who(workspace: Workspace, condition: Mapping[str, Json]) -> set[object]:
    rows = workspace.list_people(condition).rows
    return {cast("Mapping[str, object]", row)["user_id"] for row in rows}


def members(workspace: Workspace) -> object:
    [shown] = workspace.list_segments().rows
    return cast("Mapping[str, object]", shown)["people"]


def test_whoever_is_in_a_stage_stays_until_the_exit_rule_holds(
    workspace: Workspace, clock: VirtualClock
) -> None:
    assert stages(workspace) == {"anna": "keen", "bob": "here"}
    clock.advance(7 * DAY)  # Anna has four days within ten, then two
    workspace.refresh_tags()
    assert stages(workspace) == {"anna": "keen", "bob": "here"}
    assert who(workspace, {"tag": "stage", "is": "keen"}) == {"anna"}
    told = workspace.why_person("anna", condition={"tag": "stage", "is": "keen"})
    assert told["holds"] is True
    [first, *_] = cast("Mapping[str, list[Mapping[str, object]]]", told["reason"])["parts"]
    assert (first["path"], first["value"], first["holds"]) == ("tag stage: $.values[0].exit", "keen", True)
    clock.advance(DAY)
    workspace.refresh_tags()
    assert stages(workspace) == {"anna": "here", "bob": "here"}


def test_a_segment_on_a_stage_follows_people_as_the_tag_does(
    workspace: Workspace, clock: VirtualClock
) -> None:
    workspace.refresh_segments()
    assert members(workspace) == 1
    clock.advance(DAY)
    workspace.send([visit("bob", clock.now())])
    workspace.wait_accepted()
    assert members(workspace) == 2
    assert who(workspace, {"segment": "keen_ones"}) == {"anna", "bob"}
    clock.advance(5 * DAY)  # Anna has four days within ten, and Bob four
    workspace.refresh_tags()
    assert workspace.refresh_segments() == {"keen_ones": 2}


def test_a_tag_that_is_new_has_its_past_moment_by_moment(workspace: Workspace, clock: VirtualClock) -> None:
    clock.advance(7 * DAY)
    workspace.save_tag(STAGE.replace("id: stage", "id: again"))
    told = workspace.tag_transitions("again", start=NOON, every=7 * DAY)
    [step] = cast("list[Mapping[str, list[Mapping[str, object]]]]", told["steps"])
    moved = {(one["before"], one["after"]): one["people"] for one in step["shifts"]}
    assert moved == {("keen", "keen"): 1, ("here", "here"): 1}


def test_a_rule_with_another_exit_shows_who_would_change(workspace: Workspace, clock: VirtualClock) -> None:
    clock.advance(7 * DAY)
    told = workspace.diff_tag(STAGE.replace('"<= 2"', '"<= 3"'))
    [change] = cast("list[Mapping[str, object]]", told["changes"])
    assert (change["user_id"], change["before"], change["after"]) == ("anna", "keen", "here")


@pytest.mark.parametrize(
    ("case", "path", "code"),
    [
        ("{value: a, if: {did: b}, enter: {did: b}}", "$.values[0].if", "several_forms"),
        ("{value: a, exit: {did: b}}", "$.values[0]", "missing_key"),
        ("{value: a, enter: {did: b}, exit: {dit: b}}", "$.values[0].exit.dit", "unknown_form"),
        ("{value: a, enter: {did: b}, yields_to: []}", "$.values[0].yields_to", "nothing_to_yield"),
        (
            "{value: a, if: {did: b}, exit: {did: c}, yields_to: [d]}",
            "$.values[0].yields_to[0]",
            "unknown_value",
        ),
        (
            "{value: a, if: {did: b}, exit: {did: c}, yields_to: [a]}",
            "$.values[0].yields_to[0]",
            "yields_to_itself",
        ),
        (
            "{value: a, if: {did: b}, exit: {tag: x, is: a}}",
            "tag x: $.values[0].exit.all[1].not.tag",
            "cycle",
        ),
    ],
)
def test_mistakes_in_stays_are_told_with_their_place(
    workspace: Workspace, case: str, path: str, code: str
) -> None:
    with pytest.raises(InvalidDocument) as refused:
        workspace.save_tag(f"{{id: x, values: [{case}]}}")
    assert [(one.path, one.code) for one in refused.value.problems] == [(path, code)]
