"""A shop prints a code, pays for a channel, and asks who came by it and what each of them cost."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from perennial.api import create_app
from perennial.cli.local_transport import LocalTransport
from perennial.kernel.clock import VirtualClock
from perennial.kernel.values import Json
from perennial.wiring import App, open_app

LOCAL = {"authorization": "Bearer local_secret"}
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
PERSON = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1"}
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


def calling(app: App, **headers: str) -> httpx.Client:
    transport = LocalTransport(create_app(app, local_token="local_secret"))
    return httpx.Client(transport=transport, base_url="http://perennial", headers=headers)


def declare(client: httpx.Client) -> None:
    for channel, order in {
        "wechat": {"name": "公众号", "kind": "social", "sources": ["WX"]},
        "fair": {"name": "Spring fair", "stability": "unstable"},
    }.items():
        assert client.put(f"/api/channels/{channel}", json=order).status_code == 200
    order = {"channel": "fair", "target": "https://shop.example/hello?lang=zh#top", "campaign": "spring 春"}
    assert client.put("/api/channel-codes/booth1", json=order).status_code == 200


def visit(user: str, day: int, *, message: str = "", device: str = "", **campaign: str) -> dict[str, Json]:
    who: dict[str, Json] = {"anonymousId": device} if device else {"userId": user}
    return {
        "type": "page",
        **who,
        "messageId": message or f"{user}{device}-{day}",
        "timestamp": datetime(2026, 3, day, 9, tzinfo=UTC).isoformat(),
        "context": {"campaign": dict(campaign)} if campaign else {},
    }


def traits(app: App, user: str) -> dict[str, Json]:
    app.workspace().wait_accepted()
    exported = json.loads(json.dumps(app.workspace().export_person(user), default=str))
    told = {row["name"]: json.loads(row["value"]) for row in exported["state"].get("traits", [])}
    return {name: value for name, value in told.items() if value is not None}


def who(app: App, *, as_of: datetime | None = None, **trait: str) -> list[str]:
    [(name, value)] = trait.items()
    app.workspace().wait_accepted()
    page = app.workspace().list_people({"trait": name, "is": value}, as_of=as_of)
    people = json.loads(json.dumps(page[0], default=str))
    return sorted(person["user_id"] or "" for person in people)


@pytest.fixture
def app(tmp_path: Path) -> App:
    made = open_app(tmp_path / "home", clock=VirtualClock(NOW))
    made.init()
    return made


def test_a_code_is_followed_counted_and_paid_for(app: App, tmp_path: Path) -> None:
    with app, calling(app, **LOCAL) as client:
        declare(client)
        sent_on = client.get("/c/booth1?ref=poster&utm_source=evil", headers=PERSON)
        again = client.get("/c/booth1", headers=PERSON)
        client.head("/c/booth1", headers=PERSON)
        client.get("/c/booth1", headers={**PERSON, "sec-purpose": "prefetch"})
        client.get("/c/booth1", headers={"user-agent": "Googlebot/2.1"})
        landing = {**visit("anna", 10), "context": {"page": {"url": sent_on.headers["location"]}}}
        app.workspace().send([landing])
        cost = {
            "channel": "fair",
            "from": "2026-03-01",
            "to": "2026-04-01",
            "amount": 3201,
            "currency": "CNY",
        }
        file = {"text": "channel,day,amount,currency\nwechat,2026-03-05,1000,CNY\n"}
        kept = [client.post("/api/channel-costs/import", json=file).json() for _ in range(2)]
        client.post("/api/channel-costs", json=cost)
        report = client.get("/api/channels/report", params={**MARCH, "wait": "accepted"}).json()["channels"]
        days = client.get("/api/channel-costs", params=MARCH).json()["costs"]
        drawn = client.get("/api/channel-codes/booth1/qr", params={"base": "https://go.example/"}).json()
        missing = client.get("/c/nothing", headers=PERSON)

    assert sent_on.status_code == 302
    assert sent_on.headers["location"] == (
        "https://shop.example/hello?lang=zh&utm_source=fair&utm_campaign=spring%20%E6%98%A5"
        "&pn_code=booth1&ref=poster#top"
    )
    assert sent_on.cookies["perennial_visitor"] == again.cookies["perennial_visitor"]
    assert missing.status_code == 404
    fair, wechat = report
    assert (fair["clicks"], fair["people_gained"]) == (2, 1)
    assert (fair["costs"], fair["cost_per_person"]) == ({"CNY": 3100}, {"CNY": 3100})
    assert (wechat["people_gained"], wechat["costs"], wechat["cost_per_person"]) == (0, {"CNY": 1000}, {})
    assert kept == [{"costs": 1, "added": 1}, {"costs": 1, "added": 0}]
    assert sum(one["amount"] for one in days) == 4100
    assert drawn["address"] == "https://go.example/c/booth1"
    assert b"<svg" in base64.b64decode(drawn["image"])


def test_first_and_last_touch_are_traits_as_of_any_moment_however_late_they_are_heard(app: App) -> None:
    with app, calling(app, **LOCAL) as client:
        declare(client)
        shop = app.workspace()
        shop.send(
            [visit("anna", 10, source="wx", name="ten"), visit("anna", 12), visit("anna", 15, source="fair")]
        )
        told = traits(app, "anna")
        shop.send([visit("anna", 5, source="newsletter", medium="email")])
        late = traits(app, "anna")
        shop.send([visit("anna", 7, source="fair", message="between")])
        by_day = {
            day: [
                who(app, as_of=datetime(2026, 3, day, 10, tzinfo=UTC), first_touch_source=source)
                for source in ("newsletter", "wx")
            ]
            for day in (4, 5, 10, 15, 20)
        }
        last = who(app, last_touch_channel="fair")
        last_then = who(app, as_of=datetime(2026, 3, 11, tzinfo=UTC), last_touch_channel="wechat")

    assert (told["first_touch_channel"], told["first_touch_campaign"]) == ("wechat", "ten")
    assert (told["last_touch_channel"], told["last_touch_at"]) == ("fair", "2026-03-15T09:00:00.000000Z")
    assert (late["first_touch_source"], late["first_touch_medium"]) == ("newsletter", "email")
    assert "first_touch_channel" not in late
    assert by_day == {4: [[], []], **{day: [["anna"], []] for day in (5, 10, 15, 20)}}
    assert (last, last_then) == (["anna"], ["anna"])


@pytest.mark.parametrize("device_is_first", [True, False])
def test_a_merge_joins_first_touches_and_taking_it_back_parts_them(
    app: App, *, device_is_first: bool
) -> None:
    device_day, anna_day = (5, 10) if device_is_first else (10, 5)
    with app, calling(app, **LOCAL) as client:
        declare(client)
        shop = app.workspace()
        shop.send([visit("", device_day, device="phone", source="wx")])
        shop.send([visit("anna", anna_day, source="fair")])
        shop.wait_accepted()
        shop.send([{"type": "identify", "userId": "anna", "anonymousId": "phone", "messageId": "joins"}])
        first = "wechat" if device_is_first else "fair"
        merged = traits(app, "anna")["first_touch_channel"]
        found = who(app, first_touch_channel=first), who(app, first_touch_channel="wechat")
        early = who(app, as_of=datetime(2026, 3, 6, tzinfo=UTC), first_touch_channel=first)
        [merge] = client.get("/api/people/anna/identity").json()["merges"]
        lost = str(merge["profile_id"])
        shop.unmerge_people(lost)
        parted = traits(app, "anna").get("first_touch_channel")
        apart = who(app, first_touch_channel="fair"), who(app, first_touch_channel="wechat")
        report = shop.report_channels(first=NOW.date() - timedelta(days=19), last=NOW.date())

    assert (merged, early) == (first, ["anna"])
    assert found == (["anna"], ["anna"] if device_is_first else [])
    assert parted == "fair"
    assert apart == (["anna"], [""])
    assert {one["channel"]: one["people_gained"] for one in report} == {"fair": 1, "wechat": 1}


def test_imported_history_has_first_and_last_touches_too(app: App, tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    file.write_text(
        "event,user_id,timestamp,utm_source,n\n"
        "page_viewed,anna,2026-03-02T09:00:00Z,wx,1\n"
        "page_viewed,anna,2026-03-03T09:00:00Z,,2\n"
        "page_viewed,anna,2026-03-01T09:00:00Z,fair,3\n"
        "page_viewed,ben,2026-03-04T09:00:00Z,,4\n",
        encoding="utf-8",
    )
    with app, calling(app, **LOCAL) as client:
        declare(client)
        shop = app.workspace()
        shop.import_file(file, mapping=json.loads(json.dumps(shop.suggest_mapping(file).mapping)))
        told, nobody = traits(app, "anna"), traits(app, "ben")
    assert (told["first_touch_channel"], told["last_touch_channel"]) == ("fair", "wechat")
    assert not nobody


def test_without_a_channel_nothing_is_kept_of_touches(app: App) -> None:
    with app:
        app.workspace().send([visit("anna", 10, source="wx")])
        assert traits(app, "anna") == {}
