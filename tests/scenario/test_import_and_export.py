"""History in and out by the front door: files, uploads, downloads, and databases on a schedule."""

import gzip
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import httpx
import pyarrow.parquet
import pytest

from perennial.api import create_app
from perennial.cli.local_transport import LocalTransport
from perennial.kernel.clock import VirtualClock
from perennial.kernel.values import Json
from perennial.runtime.exports import ExportCancelled, ExportOrder, Watching
from perennial.wiring import App, Workspace, open_app

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CALLS: list[dict[str, Json]] = [
    *(
        {
            "type": "track",
            "userId": f"p{number % 7}",
            "event": "order_paid",
            "timestamp": "2026-01-03T05:00:00Z",
            "messageId": f"m{number}",
            "properties": {"amount": number / 2, "sku": "00123", "gift": True, "items": [{"sku": "a"}]},
            "context": {"page": {"path": "/cart"}},
        }
        for number in range(100)
    ),
    {"type": "track", "anonymousId": "anon", "event": "seen", "timestamp": "2026-01-02T05:00:00Z"},
    {"type": "alias", "previousId": "anon", "userId": "p1", "timestamp": "2026-01-03T05:00:00Z"},
    {
        "type": "identify",
        "userId": "p1",
        "timestamp": "2026-01-03T05:00:00Z",
        "traits": {"city": "上海", "note": "=1+1"},
    },
    {"type": "identify", "userId": "p2", "timestamp": "2026-01-03T05:00:00Z", "traits": {"city": "北京"}},
    {"type": "group", "userId": "p1", "groupId": "g", "timestamp": "2026-01-03T05:00:00Z"},
    {"type": "page", "userId": "p1", "name": "Home", "timestamp": "2026-01-03T05:00:00Z"},
    {
        "type": "consent",
        "userId": "p1",
        "consent": "email/marketing",
        "state": "granted",
        "proof": "form",
        "timestamp": "2026-01-03T05:00:00Z",
    },
]  # fmt: skip
SOURCE = """
id: shop-orders
url_secret: SHOP
query: select id, uid, amount, paid_at from orders
cursor: id
mapping: {event: {value: bought}, user_id: uid, timestamp: paid_at, message_id: id}
every: 15m
"""
EXPORT = """
id: crm
url_secret: SHOP
table: people
key: user_id
columns: {user_id: user_id, city: traits.city}
people: {segment: payers}
deletes: true
every: 1h
"""
PAYERS = "{id: payers, name: Payers, condition: {did: order_paid}}"


@dataclass
class Shop:
    """A workspace with its history, its clock moved by hand, and a client with the API token."""

    app: App
    clock: VirtualClock
    client: httpx.Client
    folder: Path

    @property
    def workspace(self) -> Workspace:
        return self.app.workspace()

    def wait(self, path: str) -> dict[str, object]:
        """A job that is through."""
        while (job := self.client.get(path).json())["state"] == "running":
            pass
        return job


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    clock = VirtualClock(NOON)
    with open_app(tmp_path / "home", clock=clock) as app:
        token = app.init(timezone="Asia/Shanghai").api_token
        transport = LocalTransport(create_app(app, local_token="local"))
        headers = {"authorization": f"Bearer {token}"}
        with httpx.Client(transport=transport, base_url="http://perennial", headers=headers) as client:
            yield Shop(app, clock, client, tmp_path)


@pytest.fixture
def filled(shop: Shop) -> Shop:
    file = shop.folder / "history.jsonl.gz"
    with gzip.open(file, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(call) + "\n" for call in CALLS)
    assert shop.workspace.import_file(file).accepted == len(CALLS)
    return shop


def test_exported_events_come_back_whole_in_an_empty_workspace(filled: Shop) -> None:
    order = ExportOrder(to=str(filled.folder / "events.jsonl"), format="jsonl")
    assert filled.workspace.export_events(order).rows == len(CALLS)
    filled.app.init("copy", timezone="Asia/Shanghai")
    copy = filled.app.workspace("copy")
    result = copy.import_file(filled.folder / "events.jsonl")
    assert (result.accepted, result.rejected) == (len(CALLS), 0)
    assert copy.counts_by_event() == filled.workspace.counts_by_event()
    paid: Json = {"measure": "sum(amount)", "of": "order_paid", "is": ">= 300"}
    for condition in (None, paid, {"trait": "city", "is": "上海"}):
        assert copy.count_people(condition) == filled.workspace.count_people(condition) > 0
    again = ExportOrder(to=str(filled.folder / "again.jsonl"), format="jsonl")
    copy.export_events(again)

    def said(name: str) -> list[str]:
        lines = (filled.folder / name).read_text(encoding="utf-8").splitlines()
        return sorted(json.dumps(json.loads(line) | {"messageId": ""}, sort_keys=True) for line in lines)

    assert said("again.jsonl") == said("events.jsonl")


def test_an_upload_is_imported_once_however_often_it_is_sent(shop: Shop) -> None:
    body = b"uid,paid_at,order_id\n" + b"".join(
        b"u%d,2026-01-03T05:00:00Z,o%d\n" % (n, n) for n in range(50_000)
    )
    mapping = {"event": {"value": "paid"}, "user_id": "uid", "timestamp": "paid_at", "message_id": "order_id"}
    asked = {"name": "orders.csv.gz", "mapping": json.dumps(mapping)}
    for expected in ((50_000, 0), (0, 50_000)):
        begun = shop.client.post("/api/imports/uploads", params=asked, content=gzip.compress(body))
        assert begun.status_code == 202
        job = shop.wait("/api/imports/orders.csv.gz")
        result = job["result"]
        assert isinstance(result, dict)
        assert (result["accepted"], result["duplicates"]) == expected
    assert shop.workspace.count_events("paid") == 50_000
    left = [file for file in (shop.folder / "home/workspaces/default/transfers").rglob("*") if file.is_file()]
    assert left == []


def test_what_is_no_name_of_a_file_or_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/settings.toml").write_text("[imports]\nmax_upload_bytes = 1000\n")
    with open_app(tmp_path / "home") as app:
        token = app.init().api_token
        transport = LocalTransport(create_app(app))
        headers = {"authorization": f"Bearer {token}"}
        with httpx.Client(transport=transport, base_url="http://perennial", headers=headers) as client:
            for name, size, code in (
                ("../x.csv", 1, "bad_name"),
                ("x.exe", 1, "unreadable_file"),
                ("x.csv", 1_001, "too_large"),
            ):
                answer = client.post("/api/imports/uploads", params={"name": name}, content=b"x" * size)
                assert answer.json()["code"] == code
    assert list((tmp_path / "home/workspaces").rglob("*upload_*")) == []


def test_a_place_is_named_on_this_machine_only(shop: Shop) -> None:
    for path, asked in (
        ("/api/imports", {"file": "/etc/passwd"}),
        ("/api/imports/suggest", {"file": "/etc/passwd"}),
        ("/api/exports/people", {"to": "/srv/people.csv", "format": "csv"}),
        ("/api/exports/events", {"to": "s3://bucket/events.csv", "format": "csv"}),
    ):
        assert shop.client.post(path, json=asked).status_code == 403


def test_people_are_downloaded_and_let_go_of(filled: Shop) -> None:
    asked = {"format": "csv", "columns": ["user_id", "traits.note"], "for_spreadsheets": True}
    begun = filled.client.post("/api/exports/people", json=asked).json()
    assert filled.wait(f"/api/exports/{begun['id']}")["state"] == "done"
    file = filled.client.get(f"/api/exports/{begun['id']}/file")
    assert file.headers["content-type"].startswith("text/csv")
    assert file.text.splitlines()[:3] == ["user_id,traits.note", "p0,", "p1,'=1+1"]
    filled.client.delete(f"/api/exports/{begun['id']}")
    assert filled.client.get(f"/api/exports/{begun['id']}/file").status_code == 404


def test_a_segment_is_exported_as_of_its_last_refresh(filled: Shop) -> None:
    filled.workspace.save_segment(PAYERS)
    filled.workspace.refresh_segments()
    order = ExportOrder(to=str(filled.folder / "payers.parquet"), format="parquet")
    assert filled.workspace.export_segment("payers", order).rows == 7
    people = pyarrow.parquet.read_table(filled.folder / "payers.parquet").to_pylist()
    assert {person["user_id"]: person["traits"] for person in people}["p2"] == '{"city":"北京"}'


def test_a_cancelled_export_leaves_what_was_there(filled: Shop) -> None:
    target = filled.folder / "events.csv"
    target.write_text("before")
    cancelled = Event()
    cancelled.set()
    with pytest.raises(ExportCancelled):
        filled.workspace.export_events(
            ExportOrder(to=str(target), format="csv"), watching=Watching(is_cancelled=cancelled.is_set)
        )
    assert target.read_text() == "before"
    assert list((filled.folder / "home/workspaces/default/exports").iterdir()) == []


def test_a_column_that_is_not_exported_is_refused_with_the_nearest(filled: Shop) -> None:
    begun = filled.client.post("/api/exports/people", json={"columns": ["user_idd"]}).json()
    problem = filled.wait(f"/api/exports/{begun['id']}")["problem"]
    assert isinstance(problem, dict)
    assert (problem["path"], problem["hint"]) == ("$.columns[0]", "Did you mean 'user_id'?")


@pytest.fixture
def database(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    """Somebody's database, its address a secret."""
    path = shop.folder / "shop.db"
    monkeypatch.setenv("PERENNIAL_SECRET_SHOP", f"sqlite:///{path}")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("create table orders (id integer primary key, uid text, amount real, paid_at text)")
    connection.execute("create table people (user_id text primary key, city text)")
    connection.execute("insert into people values ('theirs', 'kept')")
    yield connection
    connection.close()


def test_a_database_source_brings_in_what_is_new_when_it_is_due(
    shop: Shop, database: sqlite3.Connection
) -> None:
    def bought(number: int) -> None:
        database.execute("insert into orders values (?, 'p1', 2.5, '2026-01-03T05:00:00Z')", [number])

    bought(1)
    shop.workspace.save_database_source(SOURCE)
    shop.workspace.turn()
    assert shop.workspace.count_events("bought") == 1
    bought(2)
    shop.workspace.turn()
    assert shop.workspace.count_events("bought") == 1
    shop.clock.advance(timedelta(minutes=15))
    shop.workspace.turn()
    assert shop.workspace.count_events("bought") == 2
    (listed,) = shop.client.get("/api/database-sources").json()["sources"]
    assert listed["last_result"] == {"read": 2, "accepted": 1, "duplicates": 1, "rejected": 0}
    assert (listed["last_run_at"], listed["last_problem"]) == ("2026-03-02T12:15:00Z", None)
    assert "sqlite" not in json.dumps(listed)


def test_a_source_that_fails_says_why_and_is_tried_again(
    shop: Shop, database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.workspace.save_database_source(SOURCE)
    monkeypatch.delenv("PERENNIAL_SECRET_SHOP")
    shop.workspace.turn()
    (listed,) = shop.client.get("/api/database-sources").json()["sources"]
    assert listed["last_problem"]["code"] == "secret_missing"
    monkeypatch.setenv("PERENNIAL_SECRET_SHOP", f"sqlite:///{shop.folder}/shop.db")
    database.execute("insert into orders values (1, 'p1', 2.5, '2026-01-03T05:00:00Z')")
    shop.clock.advance(timedelta(minutes=1))
    shop.workspace.turn()
    assert shop.workspace.count_events("bought") == 1


def test_a_database_export_keeps_a_table_as_people_are(filled: Shop, database: sqlite3.Connection) -> None:
    filled.workspace.save_segment(PAYERS)
    filled.workspace.refresh_segments()
    filled.workspace.save_database_export(EXPORT)
    assert filled.workspace.run_database_export("crm")["last_result"] == {
        "people": 7,
        "written": 7,
        "deleted": 0,
    }
    assert filled.workspace.run_database_export("crm")["last_result"] == {
        "people": 7,
        "written": 0,
        "deleted": 0,
    }
    filled.workspace.send(
        [{"type": "identify", "userId": "p1", "traits": {"city": "深圳"}, "messageId": "i"}]
    )
    filled.workspace.wait_accepted()
    assert filled.workspace.run_database_export("crm")["last_result"] == {
        "people": 7,
        "written": 1,
        "deleted": 0,
    }
    assert ("p1", "深圳") in database.execute("select * from people").fetchall()
    filled.workspace.save_segment(PAYERS.replace("{did: order_paid}", "{trait: city, is: 深圳}"))
    filled.workspace.refresh_segments()
    filled.workspace.run_database_export("crm")
    # Rows that were there before us stay.
    left = database.execute("select * from people order by user_id").fetchall()
    assert left == [("p1", "深圳"), ("theirs", "kept")]


def test_documents_of_transfers_tell_all_their_mistakes(shop: Shop) -> None:
    text = "{id: Crm, url_secret: 'postgresql://u:geheim@h/d', table: t, key: id, columns: {}, evry: 1h}"
    answer = shop.client.post("/api/database-exports", content=text)
    assert answer.status_code == 422
    assert {one["path"] for one in answer.json()["problems"]} == {
        "$.id",
        "$.url_secret",
        "$.columns",
        "$.evry",
    }
    assert "geheim" not in answer.text
    without_id = SOURCE.replace(", message_id: id", "")
    answer = shop.client.post("/api/database-sources", content=without_id)
    assert answer.json()["path"] == "$.mapping.message_id"
