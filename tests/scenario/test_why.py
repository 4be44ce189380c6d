"""Why somebody is in a segment or not, by the front door: engines, API, command line; node by node."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import httpx
import pytest

from perennial.api import create_app
from perennial.cli.local_transport import LocalTransport
from perennial.collect.events import Reception
from perennial.kernel.clock import VirtualClock
from perennial.kernel.values import Json
from perennial.wiring import App, Workspace, open_app

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
Row = Mapping[str, object]

BUYERS = "{id: buyers, condition: {did: order_paid, times: '>= 2', within: 30d}}"
STAGE = """
id: stage
values:
  - {value: active, if: {did: app_open, within: 7d}}
  - {value: dormant, if: {did: app_open, within: 90d}}
else: lost
"""
SPENT = "{id: spent, measure: sum(amount), of: order_paid, within: 30d}"
QUESTION = {
    "all": [
        {"segment": "buyers"},
        {"any": [{"trait": "city", "in": ["北京"]}, {"not": {"tag": "stage", "is": "lost"}}]},
        {"measure": "sum(amount)", "of": "order_paid", "within": "30d", "is": ">= 500"},
        {"change": "count", "of": "app_open", "over": "7d", "against": "previous", "is": "<= -30%"},
    ]
}


class Desk:
    """A workspace behind its API, at noon."""

    def __init__(self, client: httpx.Client, app: App) -> None:
        self.client = client
        self.workspace: Workspace = app.workspace()
        self._sent = 0

    def hears(self, user: str, ago: timedelta, call: Mapping[str, Json]) -> None:
        self._sent += 1
        at = (NOON - ago).isoformat()
        sent: dict[str, Json] = {"userId": user, "messageId": f"m{self._sent}", "timestamp": at, **call}
        reception = Reception(source="shop", received_at=NOON, is_trusted=True)
        assert self.workspace.submit_calls([sent], reception).result().accepted == 1

    def pays(self, user: str, amount: float, ago: timedelta) -> None:
        order: dict[str, Json] = {"type": "track", "event": "order_paid", "properties": {"amount": amount}}
        self.hears(user, ago, order)

    def opens(self, user: str, *days: int) -> None:
        for ago in days:
            self.hears(user, ago * DAY, {"type": "track", "event": "app_open"})

    def why(self, user: str, **asked: object) -> Row:
        answer = self.client.post(f"/api/people/{user}/why", json=asked, params={"wait": "accepted"})
        assert answer.status_code == 200, answer.text
        return cast("Row", answer.json())

    def refused(self, user: str, **asked: object) -> tuple[int, Row]:
        answer = self.client.post(f"/api/people/{user}/why", json=asked, params={"wait": "accepted"})
        return answer.status_code, cast("Row", answer.json())


@pytest.fixture
def desk(tmp_path: Path, state_url: str) -> Iterator[Desk]:
    with open_app(tmp_path / "home", clock=VirtualClock(NOON), state=state_url) as app:
        token = {"authorization": f"Bearer {app.init().api_token}"}
        transport = LocalTransport(create_app(app))
        with httpx.Client(transport=transport, base_url="http://perennial", headers=token) as client:
            desk = Desk(client, app)
            desk.hears("anna", 40 * DAY, {"type": "identify", "traits": {"city": "北京"}})
            desk.hears("anna", 20 * DAY, {"type": "identify", "traits": {"city": "上海"}})
            desk.pays("anna", 300, 31 * DAY)
            desk.pays("anna", 120.5, 3 * DAY)
            desk.opens("anna", 8, 9, 10, 3, 20)
            desk.hears("bob", DAY, {"type": "identify", "traits": {"email": "bob@example.com"}})
            workspace = desk.workspace
            workspace.save_segment(BUYERS)
            workspace.save_tag(STAGE)
            workspace.save_tag(SPENT)
            yield desk


def parts(reason: object) -> Sequence[Row]:
    assert isinstance(reason, Mapping)
    return cast("Sequence[Row]", reason["parts"])


def test_every_part_says_whether_it_holds_and_what_was_seen(desk: Desk) -> None:
    told = desk.why("anna", condition=QUESTION)
    assert told["holds"] is False
    segment, any_of, spent, change = parts(told["reason"])
    (inside,) = parts(segment)
    assert (segment["holds"], inside["path"], inside["seen"]) == (
        False,
        "segment buyers: $",
        {"count": 1, "last_at": "2026-02-27T12:00:00Z"},
    )
    city, not_lost = parts(any_of)
    assert (city["holds"], city["seen"]) == (
        False,
        {"value": "上海", "told_at": "2026-02-10T12:00:00Z", "source": "shop"},
    )
    (tag,) = parts(not_lost)
    assert (not_lost["holds"], tag["holds"], tag["seen"]) == (True, False, {"value": "active"})
    assert [part["value"] for part in parts(tag)] == ["active", "dormant"]
    assert (spent["holds"], cast("Row", spent["seen"])["value"]) == (False, 120.5)
    assert (change["holds"], cast("Row", change["seen"])["percent"]) == (True, pytest.approx(-200 / 3))


def test_the_lines_read_well_in_both_languages(desk: Desk) -> None:
    reading = cast("Mapping[str, Sequence[str]]", desk.why("anna", condition=QUESTION)["reading"])
    assert list(reading["en"]) == [
        "✗ All of these:",
        "  ✗ The person is in the segment buyers.",
        "    ✗ The person did order_paid at least 2 times in the last 30 days. "
        "Seen: once, the last time 2026-02-27 12:00.",
        "  ✓ At least one of these:",
        "    ✗ The person has a trait city that is “北京”. Seen: “上海”, told 2026-02-10 12:00 by shop.",
        "    ✓ This must not hold:",
        "      ✗ The person has a tag stage that is “lost”. Seen: “active”.",
        "        ✓ “active”: The person did app_open in the last 7 days. "
        "Seen: once, the last time 2026-02-27 12:00.",
        "        ✓ “dormant”: The person did app_open in the last 90 days. "
        "Seen: 5 times, the last time 2026-02-27 12:00.",
        "  ✗ The person has at least 500 as the total amount of order_paid in the last 30 days. "
        "Seen: 120.5, the last time 2026-02-27 12:00.",
        "  ✓ The person has seen the number of app_open in the last 7 days fall by at least 30% "
        "compared with the 7 days before. Seen: 3 before, 1 now, -66.7%, first seen 2026-01-30 12:00.",
    ]
    assert list(reading["zh-CN"]) == [
        "✗ 以下全部满足：",
        "  ✗ 此人属于分群“buyers”。",
        "    ✗ 此人最近 30 天内发生过至少 2 次 order_paid。实际：1 次，最近一次在 2026-02-27 12:00。",
        "  ✓ 以下至少满足一项：",
        "    ✗ 此人的特征 city 是“北京”。实际：“上海”，2026-02-10 12:00 由 shop 告知。",
        "    ✓ 以下不得满足：",
        "      ✗ 此人的标签 stage 是“lost”。实际：“active”。",
        "        ✓ “active”：此人最近 7 天内发生过 app_open。实际：1 次，最近一次在 2026-02-27 12:00。",
        "        ✓ “dormant”：此人最近 90 天内发生过 app_open。实际：5 次，最近一次在 2026-02-27 12:00。",
        "  ✗ 此人最近 30 天内 order_paid 的 amount 总和不小于 500。"
        "实际：120.5，最近一次在 2026-02-27 12:00。",
        "  ✓ 此人最近 7 天内 app_open 的次数比之前 7 天下降至少 30%。"
        "实际：之前 3，现在 1，-66.7%，首次出现于 2026-01-30 12:00。",
    ]


def test_the_past_is_explained_as_it_was(desk: Desk) -> None:
    then = (NOON - 21 * DAY).isoformat()
    told = desk.why("anna", condition=QUESTION, as_of=then)
    city = parts(parts(told["reason"])[1])[0]
    assert (city["holds"], cast("Row", city["seen"])["value"]) == (True, "北京")
    assert cast("Row", parts(parts(told["reason"])[0])[0]["seen"])["count"] == 1


def test_a_tag_tells_the_value_it_gives(desk: Desk) -> None:
    assert cast("Row", cast("Row", desk.why("anna", tag="spent")["reason"])["seen"]) == {"value": 120.5}
    assert cast("Row", cast("Row", desk.why("bob", tag="stage")["reason"])["seen"]) == {"value": "lost"}


def test_a_list_says_since_when_somebody_is_on_it(desk: Desk) -> None:
    desk.workspace.save_segment("{id: vips, kind: list}")
    desk.workspace.change_members("vips", add=["anna"], remove=[])
    on = cast("Row", desk.why("anna", segment="vips")["reason"])
    off = cast("Row", desk.why("bob", segment="vips")["reason"])
    assert (on["holds"], cast("Row", on["seen"])["entered_at"]) == (True, "2026-03-02T12:00:00Z")
    assert (off["holds"], off["seen"]) == (False, {})


def test_what_was_said_last_of_a_consent_or_an_arm_is_shown(desk: Desk) -> None:
    desk.workspace.record_consent("anna", consent="email/marketing", state="granted", proof="form 7")
    asked = {
        "any": [{"consent": "email/marketing", "is": "withdrawn"}, {"assigned": "winback", "is": "control"}]
    }
    told = desk.why("anna", condition=asked)
    consent, arm = parts(told["reason"])
    assert (consent["holds"], cast("Row", consent["seen"])["value"]) == (False, "granted")
    assert (arm["holds"], arm["seen"]) == (False, {"value": None})
    reading = cast("Mapping[str, Sequence[str]]", told["reading"])
    assert "“granted”, told 2026-03-02 12:00 by api." in reading["en"][1]


def test_what_cannot_be_explained_is_refused_with_its_reason(desk: Desk) -> None:
    assert desk.refused("nobody", segment="buyers")[1]["code"] == "unknown_person"
    assert desk.refused("anna", segment="bayers")[0] == 404
    status, problem = desk.refused("anna")
    assert (status, problem["code"]) == (422, "invalid_document")
    status, problem = desk.refused("anna", condition={"segment": "bayers"})
    assert status == 422
    (one,) = cast("Sequence[Row]", problem["problems"])
    assert (one["path"], one["code"]) == ("$.condition.segment", "unknown_segment")
