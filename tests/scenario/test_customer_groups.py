"""Customers in groups (k-means), by the front door: names stay, and conditions go by what is stored."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from perennial.kernel.clock import VirtualClock
from perennial.kernel.ids import bucket
from perennial.kernel.values import Json
from perennial.wiring import Workspace, open_app

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
KINDS = """
id: kinds
name: Kinds of customers
rfm: {of: order_paid, f: count, kmeans: true}
"""
BEST = "{id: best, condition: {tag: kinds, is: champions}}"
OTHERS = "{id: others, condition: {not: {tag: kinds, is: champions}}}"
CALLS = {"often": (12, 90.0), "once": (1, 8.0)}
EACH = 12
OFTEN = {f"often{number}" for number in range(EACH)}


def order(user: str, number: int, when: datetime, amount: float) -> Json:
    return {
        "type": "track",
        "userId": user,
        "event": "order_paid",
        "messageId": f"{user}-{number}-{when.isoformat()}",
        "timestamp": when.isoformat(),
        "properties": {"amount": amount},
    }


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


@pytest.fixture
def workspace(tmp_path: Path, clock: VirtualClock, state_url: str) -> Iterator[Workspace]:
    """Twelve people who bought a lot lately, and twelve who bought once, long ago; one who never did."""
    with open_app(tmp_path / "home", clock=clock, state=state_url) as app:
        app.init()
        workspace = app.workspace()
        calls: list[Json] = [{"type": "identify", "userId": "nobody", "messageId": "n", "traits": {"a": 1}}]
        for kind, (orders, amount) in CALLS.items():
            for user in (f"{kind}{number}" for number in range(EACH)):
                start = DAY if kind == "often" else 200 * DAY
                spread = 1 + bucket(user, salt="spread") / 4
                calls += [
                    order(user, one, NOON - spread * start - one * DAY, amount * spread)
                    for one in range(orders)
                ]
        workspace.send(calls)
        workspace.wait_accepted()
        workspace.save_tag(KINDS)
        workspace.save_segment(BEST)
        workspace.save_segment(OTHERS)
        yield workspace


def by_value(workspace: Workspace) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for user, value in workspace.tag_values("kinds")[0].items():
        found.setdefault(str(value), set()).add(user)
    return found


def who(workspace: Workspace, condition: Mapping[str, Json]) -> set[object]:
    rows = workspace.list_people(condition).rows
    return {cast("Mapping[str, object]", row)["user_id"] for row in rows}


def sizes(workspace: Workspace) -> dict[object, object]:
    rows = cast("Sequence[Mapping[str, object]]", workspace.list_segments().rows)
    return {row["id"]: row["people"] for row in rows}


def test_people_are_in_the_groups_in_which_they_lie(workspace: Workspace) -> None:
    workspace.turn()
    once = {f"once{number}" for number in range(EACH)}
    assert by_value(workspace) == {"champions": OFTEN, "lost": once}
    [shown] = cast("Sequence[Mapping[str, object]]", workspace.list_tags().rows)
    grouping = cast("Mapping[str, object]", shown["grouping"])
    assert (shown["layer"], grouping["structure"]) == ("result", "clear")
    groups = cast("Sequence[Mapping[str, float | str]]", grouping["groups"])
    money = {str(group["value"]): round(float(group["m"])) for group in groups}
    assert money["lost"] < 20
    assert money["champions"] > 900


def test_conditions_segments_and_reasons_go_by_the_values_that_are_stored(workspace: Workspace) -> None:
    assert who(workspace, {"tag": "kinds", "is": "champions"}) == set()  # nothing is computed yet
    workspace.turn()
    workspace.turn()
    assert who(workspace, {"tag": "kinds", "is": "champions"}) == OFTEN
    assert who(workspace, {"all": [{"tag": "kinds", "set": False}, {"not": {"did": "order_paid"}}]}) == {
        "nobody"
    }
    assert sizes(workspace) == {"best": EACH, "others": EACH + 1}
    told = workspace.why_person("often3", tag="kinds")
    reason = cast("Mapping[str, Mapping[str, object]]", told["reason"])
    assert (told["holds"], reason["seen"]["value"]) == (True, "champions")


def test_refresh_after_refresh_whoever_did_nothing_keeps_the_group(
    workspace: Workspace, clock: VirtualClock
) -> None:
    workspace.turn()
    before = by_value(workspace)
    for number in range(1, 4):
        clock.advance(60 * DAY)
        newcomers = [order(f"new{number}-{one}", one, clock.now(), 5.0 + number) for one in range(9)]
        workspace.send([order("once1", number, clock.now(), 300.0), *newcomers])
        workspace.wait_accepted()
        workspace.refresh_tags()
    after = by_value(workspace)
    for value, people in before.items():
        assert people - {"once1"} <= after[value]
    changes = cast("Sequence[Mapping[str, object]]", workspace.person_tags("once1")["changes"])
    assert changes, "whoever bought again moved"
    assert workspace.person_tags("often1")["changes"] == []


def test_segments_follow_when_a_refresh_gave_people_other_groups(
    workspace: Workspace, clock: VirtualClock
) -> None:
    workspace.turn()
    workspace.turn()
    clock.advance(HOUR / 2)  # nothing is due by itself
    workspace.send([order("once1", one, clock.now() - one * HOUR / 20, 90.0) for one in range(12)])
    workspace.wait_accepted()
    workspace.refresh_tags()
    workspace.turn()
    assert by_value(workspace)["champions"] == OFTEN | {"once1"}
    assert sizes(workspace) == {"best": EACH + 1, "others": EACH}


def test_values_that_expired_are_nobodys_in_conditions_too(workspace: Workspace, clock: VirtualClock) -> None:
    workspace.save_tag(KINDS + "expires: 2d\nrefresh: manual\n")
    workspace.refresh_tags()
    assert who(workspace, {"tag": "kinds", "is": "champions"}) == OFTEN
    clock.advance(3 * DAY)
    assert who(workspace, {"tag": "kinds", "set": True}) == set()
