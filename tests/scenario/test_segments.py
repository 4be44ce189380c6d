"""Segments by the front door: lists, frozen and scheduled ones, comparisons, and who was in them when."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar, cast

import httpx
import pytest

from perennial.api import create_app
from perennial.cli.local_transport import LocalTransport
from perennial.collect.events import Reception
from perennial.kernel.clock import VirtualClock
from perennial.kernel.ids import derive_number
from perennial.wiring import App, Workspace, open_app

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
BUYERS = "{id: buyers, condition: {did: order_paid, within: 2d}}"
NEARBY = "{id: vip_buyers, condition: {all: [{segment: vips}, {segment: buyers}]}}"


Choice = TypeVar("Choice")
Row = Mapping[str, object]


class Dice:
    """Choices that look random and are the same in every run."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._thrown = 0

    def choice(self, among: Sequence[Choice]) -> Choice:
        self._thrown += 1
        return among[derive_number(self._seed, str(self._thrown)) % len(among)]


class Door:
    """A workspace as a program sees it over HTTP, whose clock the test turns."""

    def __init__(self, client: httpx.Client, app: App, clock: VirtualClock, home: Path) -> None:
        self.client = client
        self.workspace: Workspace = app.workspace()
        self.clock = clock
        self.home = home
        self._sent = 0

    def happens(self, user: str, event: str = "order_paid", *, ahead: timedelta = timedelta()) -> None:
        self._sent += 1
        moment = (self.clock.now() + ahead).isoformat()
        call = {"type": "track", "userId": user, "event": event, "messageId": f"m{self._sent}"}
        reception = Reception(source="web", received_at=self.clock.now(), is_trusted=True)
        assert self.workspace.submit_calls([{**call, "timestamp": moment}], reception).result().accepted == 1

    def get(self, path: str, **asked: str | int) -> Mapping[str, object]:
        answer = self.client.get(path, params={"wait": "accepted", **asked})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, document: object = None, **asked: str) -> Mapping[str, object]:
        answer = self.client.post(path, json=document, params={"wait": "accepted", **asked})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def members(self, segment: str) -> set[object]:
        return {row["user_id"] for row in self.rows(f"/api/segments/{segment}/members", "people")}

    def rows(self, path: str, key: str, **asked: str) -> Sequence[Row]:
        return cast("Sequence[Row]", self.get(path, **asked)[key])


@pytest.fixture
def door(tmp_path: Path, state_url: str) -> Iterator[Door]:
    clock = VirtualClock(NOON)
    with open_app(tmp_path / "home", clock=clock, state=state_url) as app:
        keys = app.init()
        headers = {"authorization": f"Bearer {keys.api_token}"}
        transport = LocalTransport(create_app(app, local_token=None))
        with httpx.Client(transport=transport, base_url="http://home", headers=headers) as client:
            yield Door(client, app, clock, tmp_path)


def test_a_list_is_uploaded_changed_and_asked_about(door: Door) -> None:
    for user in ("anna", "bob", "cleo"):
        door.happens(user)
    door.workspace.save_segment("{id: vips, kind: list}")
    door.workspace.save_segment(BUYERS)
    door.workspace.save_segment(NEARBY)
    door.workspace.turn()
    body = "user_id,since\nanna,2020\nbob,2021\nnobody,2022\n"
    answer = door.client.post("/api/segments/vips/upload", content=body)
    assert (answer.status_code, answer.json()["people"]) == (200, 2)
    assert answer.json()["examples"] == [{"line": 4, "id": "nobody"}]
    again = door.client.post("/api/segments/vips/upload", content=body, params={"create": "true"}).json()
    assert (again["entered"], again["created"], again["people"]) == (1, 1, 3)
    once_more = door.client.post("/api/segments/vips/upload", content=body).json()
    assert (once_more["entered"], once_more["left"]) == (0, 0)
    # Whoever asks about the list knows at once: nobody waits for a refresh.
    assert door.members("vip_buyers") == {"anna", "bob"}
    door.clock.advance(MINUTE)
    changed = door.post("/api/segments/vips/members", {"add": ["cleo"], "remove": ["anna"]})
    assert (changed["entered"], changed["left"], changed["people"]) == (1, 1, 3)
    assert door.members("vip_buyers") == {"bob", "cleo"}
    assert door.workspace.doctor().ok


def test_two_who_turn_out_to_be_one_stand_on_a_list_once(door: Door) -> None:
    door.workspace.send([{"type": "track", "anonymousId": "phone", "event": "visit", "messageId": "v"}])
    door.happens("anna")
    door.workspace.save_segment("{id: vips, kind: list}")
    door.post("/api/segments/vips/members", {"add": ["anna", "phone"]})
    assert door.members("vips") == {"anna", None}
    joined = {"type": "identify", "userId": "anna", "anonymousId": "phone", "messageId": "i"}
    door.workspace.send([joined])
    door.workspace.turn()
    assert door.members("vips") == {"anna"}
    assert door.get("/api/segments/vips")["people"] == 1


def test_what_is_frozen_stays_and_what_is_scheduled_waits(door: Door) -> None:
    door.happens("anna")
    door.workspace.save_segment(BUYERS)
    weekly = "{id: nightly, kind: scheduled, condition: {segment: buyers}, refresh: {daily: '07:30'}}"
    door.workspace.save_segment(weekly)
    door.workspace.turn()
    frozen = door.post("/api/segments/buyers/freeze", {"as_id": "first_buyers"})
    assert (frozen["kind"], frozen["people"]) == ("frozen", 1)
    door.clock.advance(HOUR)
    door.happens("bob")
    door.workspace.turn()
    assert door.members("buyers") == {"anna", "bob"}
    assert (door.members("first_buyers"), door.members("nightly")) == ({"anna"}, {"anna"})
    door.clock.advance(19 * HOUR)  # to half past seven, and a little more
    door.workspace.turn()
    assert (door.members("first_buyers"), door.members("nightly")) == ({"anna"}, {"anna", "bob"})


def test_segments_are_previewed_combined_and_compared(door: Door) -> None:
    for user in ("anna", "bob"):
        door.happens(user)
    for user in ("bob", "cleo"):
        door.happens(user, "visit")
    door.workspace.save_segment(BUYERS)
    door.workspace.save_segment("{id: visitors, condition: {did: visit}}")
    preview = door.post("/api/segments/preview", {"condition": {"not": {"did": "visit"}}})
    assert (preview["people"], preview["of"]) == (1, 3)
    counts = {
        operation: door.post(
            "/api/segments/combine", {"operation": operation, "segments": ["buyers", "visitors"]}
        )["people"]
        for operation in ("union", "intersect", "except")
    }
    assert counts == {"union": 3, "intersect": 1, "except": 1}
    overlap = door.post("/api/segments/overlap", {"segments": ["buyers", "visitors"]})
    assert overlap["shared"] == [[2, 1], [1, 2]]
    refused = door.client.post("/api/segments/overlap", json={"segments": ["buyers", "visitor"]})
    assert (refused.status_code, "'visitors'" in refused.json()["hint"]) == (404, True)


def test_a_person_s_segments_and_how_they_came_by_them(door: Door) -> None:
    door.workspace.save_segment(BUYERS)
    door.workspace.turn()
    door.happens("anna")
    door.workspace.turn()
    now = door.get("/api/people/anna/segments")["segments"]
    assert now == [{"segment": "buyers", "entered_at": "2026-03-02T12:00:00Z"}]
    door.clock.advance(timedelta(days=2) + MINUTE)
    door.workspace.turn()
    assert door.get("/api/people/anna/segments")["segments"] == []
    moves = door.rows("/api/people/anna/segments/history", "moves", segment="buyers")
    told = [(move["direction"], move["cause"]) for move in moves]
    assert told == [("left", "refresh"), ("entered", "event")]
    sizes = door.rows("/api/segments/buyers/sizes", "sizes")
    assert [point["people"] for point in sizes] == [1, 0]
    assert door.client.get("/api/people/nobody/segments").status_code == 404


def test_time_moves_people_between_two_full_refreshes(door: Door) -> None:
    door.happens("anna")
    door.workspace.save_segment("{id: now_and_then, condition: {did: order_paid, within: 10m}}")
    door.workspace.turn()
    assert door.members("now_and_then") == {"anna"}
    door.clock.advance(11 * MINUTE)
    door.workspace.turn()
    assert door.members("now_and_then") == set()


def test_what_a_clock_ahead_of_ours_says_counts_when_it_has_happened(door: Door) -> None:
    door.workspace.save_segment(BUYERS)
    door.workspace.turn()
    door.happens("anna", ahead=5 * MINUTE)
    door.workspace.turn()
    assert door.members("buyers") == set()
    door.clock.advance(6 * MINUTE)
    door.workspace.turn()
    assert door.members("buyers") == {"anna"}


@pytest.mark.parametrize("seed", ["one", "two"])
def test_a_full_refresh_finds_nothing_to_correct_whatever_came_in_whatever_order(
    door: Door, seed: str
) -> None:
    """Events, some late and some early, lists and time, in any order."""
    chance, users = Dice(seed), ("anna", "bob", "cleo", "dan")
    door.workspace.save_segment("{id: vips, kind: list}")
    for document in (
        BUYERS,
        NEARBY,
        "{id: today, condition: {did: order_paid, within: {calendar: today}}}",
        "{id: fading, condition: {measure: last_ago, of: order_paid, between: [0.02, 0.5]}}",
        "{id: quiet, condition: {not: {did: visit, within: 20m}}}",
    ):
        door.workspace.save_segment(document)
    for user in users:
        door.happens(user, "visit")
    door.workspace.turn()
    for _ in range(25):
        door.clock.advance(timedelta(seconds=1))  # no two turns are taken at one instant
        match chance.choice((0, 1, 2, 3)):
            case 0:
                door.clock.advance(chance.choice((MINUTE, 7 * MINUTE, 25 * MINUTE, HOUR, 90 * MINUTE)))
            case 1:
                user = chance.choice(users)
                door.post("/api/segments/vips/members", {chance.choice(("add", "remove")): [user]})
            case _:
                away = chance.choice((timedelta(), 3 * MINUTE, -HOUR, -30 * HOUR))
                door.happens(chance.choice(users), chance.choice(("order_paid", "visit")), ahead=away)
        door.workspace.turn()
    door.clock.advance(MINUTE)
    door.workspace.turn()
    before = {one: door.members(one) for one in _SEGMENTS}
    door.workspace.refresh_segments()
    assert {one: door.members(one) for one in _SEGMENTS} == before
    assert [door.get(f"/api/segments/{one}")["drift"] for one in _SEGMENTS] == [0] * len(_SEGMENTS)
    assert [check for check in door.workspace.doctor().checks if not check.ok] == []


_SEGMENTS = ("vips", "buyers", "vip_buyers", "today", "fading", "quiet")
