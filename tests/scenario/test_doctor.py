"""The doctor on a whole workspace: well when nothing is wrong, and each thing that is wrong is told."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from perennial.backends.clickhouse import EmbeddedClickHouse, Transport
from perennial.backends.clickhouse.parameters import Sql
from perennial.cli.main import main
from perennial.kernel.clock import VirtualClock
from perennial.kernel.values import Json
from perennial.runtime.doctor import Check
from perennial.wiring import App, open_app

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BUYERS = "{id: buyers, name: Buyers, condition: {did: order_paid, within: 7d}}"
TEMPLATE = "{id: hello, channel: email, subject: Hello, text: 'Hello.'}"
WELCOME = """
id: welcome
entry: {on: {event: order_paid}}
reentry: never
start: write
nodes:
  write: {send: {channel: email, template: hello, topic: marketing}, then: rest}
  rest: {wait: 3d, then: done}
  done: {exit: {outcome: written}}
"""


def opened(home: Path) -> App:
    return open_app(home, clock=VirtualClock(NOON))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with a segment, a journey with people in it, messages, and two profiles that became one."""
    home = tmp_path_factory.mktemp("shop") / "home"
    with opened(home) as app:
        app.init()
        workspace = app.workspace()
        workspace.save_segment(BUYERS)
        workspace.refresh_segments()
        workspace.save_template(TEMPLATE)
        workspace.publish_journey(WELCOME)
        for number in range(6):
            workspace.send(
                [a_call(f"p{number}", "seen", f"s{number}"), a_call(f"p{number}", "order_paid", f"o{number}")]
            )
            workspace.turn()
        workspace.send([a_call("", "seen", "d1", device="phone"), a_call("p1", "seen", "d2", device="phone")])
        workspace.turn()
    return home


@pytest.fixture
def home(shop: Path, tmp_path: Path) -> Path:
    """The shop's directory, to be spoiled."""
    return shutil.copytree(shop, tmp_path / "home", symlinks=True)


def a_call(user: str, event: str, message_id: str, *, device: str = "") -> Json:
    names = ({"userId": user} if user else {}) | ({"anonymousId": device} if device else {})
    return {"type": "track", "event": event, "messageId": message_id, **names}


def examined(home: Path) -> dict[str, Check]:
    with opened(home) as app:
        return {check.name: check for check in app.workspace().doctor().checks}


def test_a_workspace_that_is_well_passes_every_check(home: Path) -> None:
    checks = examined(home)
    assert {name: check.detail for name, check in checks.items() if not check.ok} == {}
    assert "1 merged" in checks["merges"].detail
    assert "6 active" in checks["enrollments_placed"].detail
    assert "14 are in the event store" in checks["calls_stored"].detail


def test_the_command_says_so_and_exits_with_zero_or_one(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(home), "--json", "doctor"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is True
    assert {tuple(check) for check in told["checks"]} == {("name", "ok", "detail")}
    in_state("UPDATE enrollments SET node = 'nowhere'")(home)
    assert main(["--home", str(home), "--json", "doctor"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [check["name"] for check in told["checks"] if not check["ok"]] == ["enrollments_placed"]


Tampering = Callable[[Path], None]


def in_state(*statements: str, file: str = "state.db") -> Tampering:
    def tamper(home: Path) -> None:
        path = home / "workspaces" / "default" / file
        with closing(sqlite3.connect(path)) as state, state:
            for statement in statements:
                state.execute(statement)

    return tamper


def in_events(*statements: str) -> Tampering:
    def tamper(home: Path) -> None:
        with EmbeddedClickHouse(home / "events") as engine:
            transport: Transport = engine.database("ws_default")
            for statement in statements:
                transport.command(Sql(statement))

    return tamper


def damaged(home: Path) -> None:
    """Overwrite pages in the middle of the file, as a failing disk would; the header stays."""
    path = home / "workspaces" / "default" / "state.db"
    with closing(sqlite3.connect(path)) as state:
        state.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = state.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_merges_1'"
        ).fetchone()
        (size,) = state.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(bytes([10]) + bytes(7))


ROWS_AGAIN = (
    "INSERT INTO {database:Identifier}.events SELECT * FROM {database:Identifier}.events"
    " WHERE message_id = 's3' SETTINGS insert_deduplicate = 0"
)
A_CELL = (
    "INSERT INTO {database:Identifier}.rollup (name, quarter, profile_id, is_activity, events)"
    " VALUES ('seen', '2026-03-02 12:00:00', 999, 1, 5)"
)
LEFT_UNHEARD = (
    "INSERT INTO {database:Identifier}.events"
    " SELECT * REPLACE ('segment_left' AS name, occurred_at + 1 AS occurred_at)"
    " FROM {database:Identifier}.events WHERE kind = 'perennial' AND texts['segment'] = 'buyers'"
)
STRANGE_OVERRIDE = "INSERT INTO {database:Identifier}.overrides VALUES (998, 999, 100)"
NOT_SYNCED = "ALTER TABLE {database:Identifier}.events MODIFY SETTING fsync_after_insert = 0"
BROKEN: dict[str, tuple[str, Tampering]] = {
    "a damaged index": ("state_intact", damaged),
    "a table made without syncing": ("events_settings", in_events(NOT_SYNCED)),
    "a row that stands twice": ("events_once", in_events(ROWS_AGAIN)),
    "a cell nobody's events made": ("rollup", in_events(A_CELL)),
    "a merge that never was": ("merges", in_events(STRANGE_OVERRIDE)),
    "a merge the event store never heard of": (
        "merges",
        in_events("TRUNCATE TABLE {database:Identifier}.overrides"),
    ),
    "a member who left by the log": ("segment_members", in_events(LEFT_UNHEARD)),
    "a member nobody counted": (
        "segment_members",
        in_state(
            "DELETE FROM segment_members WHERE profile_id = (SELECT min(profile_id) FROM segment_members)"
        ),
    ),
    "a reader ahead of the log": (
        "calls_processed",
        in_state("UPDATE offsets SET position = 99 WHERE stream = 'intake'"),
    ),
    "own events that cannot be": (
        "own_events_copied",
        in_state("UPDATE offsets SET position = 999 WHERE stream = 'emitted'"),
    ),
    "a batch that is gone": (
        "calls_in_batches",
        in_state("DELETE FROM batches WHERE stream = 'intake' AND first = 5"),
    ),
    "batches that overlap": (
        "own_events_in_batches",
        in_state("UPDATE batches SET last = last + 1 WHERE stream = 'emitted' AND first = 1"),
    ),
    "a batch from tomorrow": (
        "clock",
        in_state("UPDATE batches SET recorded_at = recorded_at + 86400000000"),
    ),
    "a name of nobody": ("names", in_state("UPDATE identities SET profile_id = 5 WHERE value = 'p2'")),
    "a name of somebody merged away": (
        "names",
        in_state("UPDATE identities SET profile_id = (SELECT lost FROM merges) WHERE value = 'phone'"),
    ),
    "an enrollment on a version that is not there": (
        "enrollments_placed",
        in_state("UPDATE enrollments SET version = 7"),
    ),
    "somebody in a journey twice": (
        "enrollments_once",
        in_state(
            "UPDATE enrollments SET profile_id = (SELECT profile_id FROM identities WHERE value = 'p2')"
            " WHERE profile_id = (SELECT profile_id FROM identities WHERE value = 'p3')"
        ),
    ),
    "a message in a state there is not": ("messages", in_state("UPDATE messages SET state = 'lost'")),
    "a message that is being sent since yesterday": (
        "messages",
        in_state("UPDATE messages SET state = 'sending', due_at = due_at - 86400000000"),
    ),
    "a message that was sent and was not": (
        "messages",
        in_state("UPDATE messages SET state = 'sent', sent_at = NULL"),
    ),
    "an import with rows that are nowhere": (
        "imports_carried",
        in_state(
            "INSERT INTO spools (token, name, path, accepted_at) VALUES ('t', 'history', 'gone', 1)",
            file="intake.db",
        ),
    ),
    "a message nobody asked for": (
        "message_causes",
        in_state("UPDATE messages SET enrollment_id = 'enr_nobody', cause = 'enr_nobody:write:1'"),
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_is_found(home: Path, case: str) -> None:
    check, tamper = BROKEN[case]
    tamper(home)
    found = examined(home)
    assert not found[check].ok, found[check].detail


LOST: dict[str, tuple[str, str]] = {
    "a call that the event store lost": (
        "calls_stored",
        "ALTER TABLE {database:Identifier}.events DELETE WHERE message_id = 's3' SETTINGS mutations_sync = 1",
    ),
    "an event of ours that the event store lost": (
        "own_events_stored",
        "ALTER TABLE {database:Identifier}.events DELETE WHERE name = 'journey_entered'"
        " SETTINGS mutations_sync = 1",
    ),
    "a schema file that was never applied": (
        "events_schema",
        "ALTER TABLE {database:Identifier}.schema_versions DELETE WHERE version > 1"
        " SETTINGS mutations_sync = 1",
    ),
}


@pytest.mark.parametrize("case", LOST)
def test_what_is_lost_while_it_runs_is_found_and_a_start_brings_it_back(home: Path, case: str) -> None:
    check, statement = LOST[case]
    with opened(home) as app:
        workspace = app.workspace()
        in_events(statement)(home)
        found = {one.name: one for one in workspace.doctor().checks}
        assert not found[check].ok, found[check].detail
    assert examined(home)[check].ok
