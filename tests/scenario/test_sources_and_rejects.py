"""A partner's source sends too much and sends it wrongly: it is slowed down, mended, and counted once."""

import base64
from pathlib import Path

import httpx

from perennial.api import create_app
from perennial.cli.local_transport import LocalTransport
from perennial.wiring import App, open_app

LOCAL = {"authorization": "Bearer local_secret"}
WAIT = {"wait": "accepted"}


def calling(app: App) -> httpx.Client:
    transport = LocalTransport(create_app(app, local_token="local_secret"))
    return httpx.Client(transport=transport, base_url="http://perennial")


def key_header(key: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def orders(count: int, **fields: object) -> dict[str, object]:
    call = {"type": "track", "event": "order_paid", "userId": "p1", **fields}
    return {"batch": [{**call, "messageId": f"m{number}"} for number in range(count)]}


def test_a_source_above_its_limit_is_refused_whole_and_the_others_are_not(tmp_path: Path) -> None:
    with open_app(tmp_path / "home") as app:
        default = app.init().write_key
        with calling(app) as client:
            order = {"name": "partner", "events_per_second": 1, "burst": 100}
            partner = client.post("/api/sources", json=order, headers=LOCAL).json()["keys"][0]["write_key"]
            first = client.post("/v1/batch", json=orders(600), headers=key_header(partner))
            second = client.post("/v1/batch", json=orders(2, event="late"), headers=key_header(partner))
            other = client.post("/v1/batch", json=orders(2), headers=key_header(default))

            assert [each.status_code for each in (first, second, other)] == [200, 429, 200]
            assert int(second.headers["retry-after"]) > 400
        app.workspace().wait_accepted()
        assert app.workspace().counts_by_event() == {"order_paid": 602}


def test_refused_calls_are_found_mended_and_counted_once_however_often_they_are_tried(tmp_path: Path) -> None:
    with open_app(tmp_path / "home") as app:
        key = app.init().write_key
        with calling(app) as client:
            wrong = orders(3, event="", properties={"amount": 5})
            client.post("/v1/batch", json=wrong, headers=key_header(key))

            counts = client.get("/api/rejects/counts", params=WAIT, headers=LOCAL).json()["counts"]
            found = client.get("/api/rejects", params={"search": "m1"}, headers=LOCAL).json()["rejects"]
            order = {"code": "missing_event", "set": {"event": "order_paid"}}
            answers = [client.post("/api/rejects/replay", json=order, headers=LOCAL).json() for _ in range(2)]
            number = found[0]["id"]
            shown = client.get(f"/api/rejects/{number}", headers=LOCAL).json()
        app.workspace().wait_accepted()
        counted = app.workspace().message_ids("order_paid")

    assert [(each["code"], each["events"]) for each in counts] == [("missing_event", 3)]
    assert [(each["user_id"], each["message_id"]) for each in found] == [("p1", "m1")]
    assert [(each["tried"], each["replayed"]) for each in answers] == [(3, 3), (0, 0)]
    assert shown["replayed_at"] is not None
    assert sorted(counted) == ["m0", "m1", "m2"]
