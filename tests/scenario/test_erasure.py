"""The erasure proof (must-show 5 of Collect): whoever was erased is in no file of the home directory.

Random markers are planted by every way in and into every store, a person is erased, and every file is
searched byte by byte: journals, replaced parts and logs included. ClickHouse's files are compressed, so their
blocks are decompressed first, as the engine lays them out. Before the erasure the same search finds each
marker: a search that finds nothing anywhere proves nothing.

A store that comes later adds itself: it plants a marker in `plant`, and its tables in
`backends/sql/personal.py`, where `test_every_table_is_known...` asks for them.
"""

import base64
import json
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

import httpx
import pyarrow as pa
import pytest
from tests.services.clickhouse import within

from perennial.api import create_app
from perennial.backends.sql.engine import open_engine
from perennial.backends.sql.imports import SqlImportLedger
from perennial.cli.local_transport import LocalTransport
from perennial.collect.events import Reception
from perennial.collect.imports import Imports, ImportSettings
from perennial.kernel.clock import SystemClock
from perennial.kernel.errors import Unavailable
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone
from perennial.showcase.mailbox import Mailbox
from perennial.testing.event_log import RememberedEvents
from perennial.wiring import App, open_app

_CHECKSUM, _HEADER = 16, 9
_CODECS = {0x82: "lz4_raw", 0x90: "zstd"}
_MULTIPLE, _NONE = 0x91, 0x02


def blocks(content: bytes) -> Iterator[bytes]:
    """The decompressed blocks of a ClickHouse file: checksum, codec, both sizes, and then the bytes."""
    at = 0
    while at + _CHECKSUM + _HEADER <= len(content):
        start = at + _CHECKSUM
        method = content[start]
        size = int.from_bytes(content[start + 1 : start + 5], "little")
        length = int.from_bytes(content[start + 5 : start + 9], "little")
        if size < _HEADER or start + size > len(content):
            return
        body = content[start + _HEADER : start + size]
        if method in _CODECS and length:
            yield pa.Codec(_CODECS[method]).decompress(body, length).to_pybytes()
        elif method == _NONE:
            yield body
        at = start + size


def texts_of(file: Path) -> Iterator[bytes]:
    content = file.read_bytes()
    yield content
    if file.suffix in (".bin", ".cidx", ".cmrk", ".cmrk2", ".cmrk3"):
        yield from blocks(content)


def found_in(home: Path, markers: Mapping[str, str]) -> dict[str, set[str]]:
    """In which files each marker is."""
    found: dict[str, set[str]] = {}
    for file in sorted(home.rglob("*")):
        if file.is_file():
            for text in texts_of(file):
                for name, marker in markers.items():
                    if marker.encode() in text:
                        found.setdefault(name, set()).add(str(file.relative_to(home)))
    return found


TEMPLATE = """
{id: hello, channel: email, subject: 'Dear {{ person.traits.name }}', text: 'Hello {{ person.traits.name }}.'}
"""
JOURNEY = """
id: cart
entry: {on: {event: add_to_cart}, key: cart_id}
reentry: per_key
goal: {event: paid, same: cart_id, for: 3d}
control: none
start: write
nodes:
  write: {send: {channel: email, template: hello, topic: news}, then: rest}
  rest: {wait: 7d, then: done}
  done: {exit: {outcome: written}}
"""
EXPORT = """
id: crm
url_secret: CRM
table: people
key: number
columns: {number: traits.number, name: traits.name}
every: 1h
"""
DOCUMENTS = {
    "segment": 'id: named\nname: Named\ncondition: {trait: name, "!=": nobody}\n',
    "tag": "id: visits\nmeasure: count\nof: '*'\n",
    "identity": "keys: [{key: loyalty_card, from: [traits.card], people: 1}]\n",
    "retention": "default: 3650d\n",
    "plan": "events: {add_to_cart: {properties: {cart_id: {type: number}}}}\n",
}


def prepare(app: App) -> None:
    """What is there before the person comes."""
    workspace = app.workspace()
    workspace.save_segment(DOCUMENTS["segment"])
    workspace.save_tag(DOCUMENTS["tag"])
    workspace.publish_identity(DOCUMENTS["identity"])
    workspace.publish_plan(DOCUMENTS["plan"])
    workspace.publish_retention(DOCUMENTS["retention"])
    workspace.save_template(TEMPLATE)
    workspace.save_database_export(EXPORT)
    workspace.publish_journey(JOURNEY)
    workspace.send([{"type": "track", "userId": "stays", "event": "seen", "properties": {"n": 1}}])


def plant(app: App, folder: Path, marker: Mapping[str, str], write_key: str) -> None:
    """One person, by every way in and into every store."""
    workspace = app.workspace()
    user, device = marker["user id"], marker["device"]
    address = f"{marker['address']}@example.com"
    traits: Json = {
        "name": marker["trait"],
        "email": address,
        "card": marker["key that joins"],
        "number": marker["key of an export"],
    }
    calls: list[Json] = [
        {
            "type": "track",
            "anonymousId": device,
            "event": marker["event name"],
            "properties": {"note": marker["property"], marker["property name"]: 1},
            "context": {"page": {"title": marker["context"]}},
            "messageId": marker["message id"],
        },
        {"type": "identify", "userId": user, "anonymousId": device, "traits": traits},
        {"type": "alias", "userId": user, "previousId": marker["former id"]},
        {"type": "track", "userId": user, "event": marker["removed"], "timestamp": "2003-01-02T03:04:05Z"},
    ]
    workspace.send([{"type": "track", "anonymousId": marker[one], "event": "seen"} for one in DEVICES])
    workspace.turn()
    workspace.send(calls)
    consent = {"consent": "email/news", "state": "granted", "proof": marker["proof"]}
    workspace.record_consent(user, **consent)
    workspace.turn()
    joined: dict[str, Json] = {"type": "identify", "traits": {"card": marker["key that joins"]}}
    workspace.send([{**joined, "anonymousId": marker[one]} for one in DEVICES])
    workspace.turn()
    sent_over_http(app, marker, write_key)
    # Refused: it names the person and what was sent is kept.
    web = Reception(source="web", received_at=app.clock.now())
    workspace.submit_calls([{"type": "track", "userId": user, "text": marker["reject"]}], web).result()
    _import(app, folder, marker)
    workspace.turn()
    assert workspace.run_database_export("crm")["last_result"] == {"people": 1, "written": 1, "deleted": 0}
    removed = cast("Mapping[str, int]", workspace.run_retention()["removed"])
    assert removed == {"*": 1}
    workspace.refresh_tags()
    workspace.refresh_segments()
    workspace.dispute_tag("visits", user, by="ann", note=marker["dispute"])


def part_again(app: App, marker: Mapping[str, str]) -> str:
    """One of two merges is taken back; whose profile is one of its own again."""
    workspace = app.workspace()
    known = cast("Mapping[str, Sequence[Mapping[str, str]]]", workspace.show_identity(marker["user id"]))
    assert {merge["reason"] for merge in known["merges"]} == {"loyalty_card"}
    assert len(known["merges"]) == len(DEVICES)
    parted = known["merges"][-1]["profile_id"]
    workspace.unmerge_people(parted)
    return parted


def _import(app: App, folder: Path, marker: Mapping[str, str]) -> None:
    file = folder / "history.jsonl"
    file.write_text(row_of(marker, "import"))
    app.workspace().import_file(file)


def row_of(marker: Mapping[str, str], way: str) -> str:
    row = {
        "type": "track",
        "userId": marker["user id"],
        "event": "bought",
        "timestamp": "2026-01-02T03:04:05Z",
        "properties": {"note": marker[way]},
    }
    return json.dumps(row) + "\n"


class LostState:
    """A state store that is gone when a batch is to be carried into it."""

    def begin(self) -> Iterator[None]:
        raise Unavailable("The state store was told to be gone.")


def break_an_import_off(home: Path, folder: Path, marker: Mapping[str, str]) -> None:
    """A batch was accepted and spooled, and whoever read it is gone."""
    file = folder / "broken.jsonl"
    file.write_text(row_of(marker, "spool"))
    place = home / "workspaces" / "default"
    engine = open_engine(f"sqlite:///{place}/intake.db")
    ledger = SqlImportLedger(engine)
    settings = ImportSettings(spool_directory=place / "spool", seed="s", zone=Zone())
    broken = Imports(ledger, LostState(), RememberedEvents(), SystemClock(), settings)  # pyright: ignore[reportArgumentType]
    with pytest.raises(Unavailable):
        broken.run(file)
    engine.dispose()


def sent_over_http(app: App, marker: Mapping[str, str], write_key: str) -> None:
    """By the clients' protocols; and an export is left to be fetched."""
    user = marker["user id"]
    cart = {"userId": user, "event": "add_to_cart", "properties": {"cart_id": marker["key of a run"]}}
    record = {
        "type": "track",
        "event": "sa_seen",
        "distinct_id": user,
        "time": 1_767_225_600_000,
        "properties": {"note": marker["sensors"], "$is_login_id": True},
    }
    packed = base64.b64encode(json.dumps(record).encode()).decode()
    transport = LocalTransport(create_app(app, local_token="local"))
    with closing(httpx.Client(transport=transport, base_url="http://localhost")) as client:
        basic = (write_key, "")
        assert client.post("/v1/track", json=cart, auth=basic).status_code == 200
        batch = {"batch": [{"type": "page", "userId": user, "name": marker["segment"]}]}
        assert client.post("/v1/batch", json=batch, auth=basic).status_code == 200
        assert client.get(f"/sa?{urlencode({'project': write_key, 'data': packed})}").status_code == 200
        seen = {"type": "track", "event": "seen", "userId": user}
        from_rudder = {"batch": [{**seen, "channel": "web", "properties": {"note": marker["rudderstack"]}}]}
        plain = {"content-type": "text/plain;charset=UTF-8"}  # as its browser client says
        sent = client.post("/v1/batch", content=json.dumps(from_rudder), auth=basic, headers=plain)
        assert sent.status_code == 200
        from_pixel = {**seen, "properties": {"note": marker["pixel"]}}
        pixel = base64.b64encode(json.dumps({**from_pixel, "writeKey": write_key}).encode()).decode()
        assert client.get(f"/v1/pixel/track?{urlencode({'data': pixel})}").status_code == 200
        app.workspace().turn()
        local = {"authorization": "Bearer local", "x-perennial-workspace": "default"}
        body = row_of(marker, "upload")
        asked = {"name": "sent.jsonl"}
        begun = client.post("/api/imports/uploads", params=asked, content=body, headers=local)
        assert begun.status_code == 202, begun.text
        while (job := client.get("/api/imports/sent.jsonl", headers=local).json())["state"] == "running":
            pass
        assert job["state"] == "done", job
        ordered = client.post("/api/exports/people", json={}, headers=local)
        assert ordered.status_code < 300, ordered.text


DEVICES = ("merged", "unmerged")
WAYS = (
    "user id",
    "device",
    "former id",
    "merged",
    "unmerged",
    "event name",
    "removed",
    "property",
    "property name",
    "context",
    "message id",
    "trait",
    "address",
    "key that joins",
    "key of a run",
    "proof",
    "reject",
    "import",
    "segment",
    "sensors",
    "rudderstack",
    "pixel",
    "upload",
    "spool",
    "key of an export",
    "dispute",
)


@pytest.fixture
def markers() -> dict[str, str]:
    return {way: secrets.token_hex(16) for way in WAYS}


class Engine:
    """Where events are kept, and the folders that hold what is kept."""

    def __init__(self, events: str | None, folders: Sequence[Path]) -> None:
        self.events = events
        self.folders = folders

    def found(self, markers: Mapping[str, str]) -> dict[str, set[str]]:
        """In which files each marker is, of the home and of servers."""
        found: dict[str, set[str]] = {}
        for folder in self.folders:
            for name, files in found_in(folder, markers).items():
                found.setdefault(name, set()).update(files)
        return found


_installations = count()
SERVERS = [
    pytest.param(name, marks=pytest.mark.service) for name in ("clickhouse_server", "clickhouse_cluster")
]


@pytest.fixture(params=["embedded", *SERVERS])
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Engine:
    home = tmp_path / "home"
    if request.param == "embedded":
        return Engine(None, [home])
    url = within(str(request.getfixturevalue(request.param)), f"erasure{next(_installations)}")
    # The servers' own folders, logs and system tables included.
    return Engine(url, [home, *tmp_path_factory.getbasetemp().glob("clickhouse*")])


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody's database that people are exported to: what is in it is not ours to erase."""
    place = tmp_path / "crm.db"
    with closing(sqlite3.connect(place)) as database:
        database.execute("create table people (number text primary key, name text)")
    monkeypatch.setenv("PERENNIAL_SECRET_CRM", f"sqlite:///{place}")
    return place


def read_everywhere(app: App) -> str:
    """What the catalogue of events says of names and values: it is made of the log."""
    local = {"authorization": "Bearer local", "x-perennial-workspace": "default"}
    transport = LocalTransport(create_app(app, local_token="local"))
    with closing(httpx.Client(transport=transport, base_url="http://localhost", headers=local)) as client:
        events = client.get("/api/schema/events")
        assert events.status_code == 200, events.text
        names = [one["name"] for one in events.json()["events"]]
        shown = [client.get("/api/schema/properties", params={"event": name}).text for name in names]
    return events.text + "".join(shown)


def test_an_erased_person_is_in_no_file_and_what_is_searched_for_was_there(
    tmp_path: Path, engine: Engine, elsewhere: Path, markers: dict[str, str]
) -> None:
    home = tmp_path / "home"
    with (
        Mailbox(SystemClock()) as mailbox,
        open_app(
            home, events=engine.events, smtp_urls={"default": f"{mailbox.url}?from=shop@example.com"}
        ) as app,
    ):
        credentials = app.init()
        workspace = app.workspace()
        prepare(app)
        plant(app, tmp_path, markers, credentials.write_key)
        assert len(mailbox.mails) == 1
        parted = part_again(app, markers)
        break_an_import_off(home, tmp_path, markers)
        assert markers["event name"] in read_everywhere(app)
        before = engine.found(markers)
        assert set(before) == set(markers)
        workspace.erase_person(parted)
        receipt = workspace.erase_person(markers["user id"], reason="asked for it", by="desk")
        assert engine.found(markers) == {}
        assert not any(marker in read_everywhere(app) for marker in markers.values())
        assert markers["key of an export"].encode() in elsewhere.read_bytes()
        assert receipt["state"] == "done"
        proof = cast("Mapping[str, int]", receipt["proof"])
        assert (proof["event rows left"], proof["files found"]) == (0, 0)
        erased = cast("Mapping[str, int]", receipt["erased"])
        assert erased.keys() >= {"events", "logged calls", "rejects", "messages", "enrollments", "consents"}
        assert erased.keys() >= {
            "exported_rows",
            "export crm",
            "tag_values",
            "segment_members",
            "tag_disputes",
            "merges",
            "carried",
        }
        assert not any(marker in str(receipt) for marker in markers.values())
        assert workspace.count_events() == 1
        # Whoever comes late is turned away, and nothing of it is kept.
        late = {"type": "track", "userId": markers["user id"], "event": "seen"}
        assert workspace.send([late]).accepted == 0
        assert workspace.import_file(tmp_path / "history.jsonl").accepted == 0
        refused = workspace.show_erasure(str(receipt["erasure_id"]))["refused_since"]
        assert refused == 1
        workspace.turn()
        assert [check for check in workspace.doctor().checks if not check.ok] == []
    # A start looks for what a power cut took: it brings nothing back.
    with open_app(home, events=engine.events) as app:
        workspace = app.workspace()
        workspace.turn()
        assert workspace.count_events() == 1
        assert engine.found(markers) == {}


def test_whoever_may_return_comes_back_as_somebody_new(tmp_path: Path) -> None:
    call: dict[str, Json] = {"type": "track", "userId": "li", "event": "seen"}
    with open_app(tmp_path / "home") as app:
        app.init()
        workspace = app.workspace()
        workspace.send([call, {"type": "identify", "userId": "li", "traits": {"city": "x"}}])
        workspace.turn()
        workspace.erase_person("li", allow_return=True)
        assert workspace.count_people() == 0
        assert workspace.send([call]).accepted == 1
        workspace.turn()
        assert (workspace.count_people(), workspace.count_events()) == (1, 1)
        assert workspace.count_people({"trait": "city", "set": True}) == 0
