"""A part of the event store is gone, or its memory of tokens is: the workspace opens whole again."""

import shutil
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from perennial.kernel.clock import VirtualClock
from perennial.kernel.values import Json
from perennial.wiring import App, open_app

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BUYERS = "{id: buyers, name: Buyers, condition: {did: order_paid, within: 7d}}"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A shop with 30 people who bought and are in a segment, closed."""
    home = tmp_path / "home"
    with opened(home) as app:
        app.init()
        workspace = app.workspace()
        workspace.save_segment(BUYERS)
        workspace.refresh_segments()
        for batch in range(3):
            documents: list[Json] = [
                {
                    "type": "track",
                    "event": "order_paid",
                    "userId": f"p{batch}-{one}",
                    "messageId": f"m{batch}-{one}",
                }
                for one in range(10)
            ]
            workspace.send(documents)
            workspace.turn()
    return home


def opened(home: Path) -> App:
    return open_app(home, clock=VirtualClock(NOON))


def counted(home: Path) -> tuple[int, int, int, int]:
    """Events, our own events, and their distinct message ids; and people in the segment."""
    with opened(home) as app:
        workspace = app.workspace()
        workspace.wait_accepted()
        ids = workspace.message_ids()
        return (
            workspace.count_events(),
            workspace.count_events("segment_entered"),
            len(ids) - len(set(ids)),
            workspace.count_people({"segment": "buyers"}),
        )


def parts(home: Path) -> list[Path]:
    """The parts of the log on disk: directories of a month."""
    return [one for one in (home / "events" / "store").glob(f"*/*/{NOON:%Y%m}_*") if one.is_dir()]


def newest_blocks(home: Path) -> Mapping[Path, int]:
    """The number of the last insert into each table: parts are merged at any time, and keep their numbers."""
    newest: dict[Path, int] = {}
    for part in parts(home):
        _, _, last, *_ = part.name.split("_")
        newest[part.parent] = max(int(last), newest.get(part.parent, 0))
    return newest


def test_a_part_that_is_gone_comes_back_although_its_token_is_remembered(home: Path) -> None:
    assert counted(home) == (30, 30, 0, 30)
    lost = parts(home)
    assert lost
    for part in lost:
        shutil.rmtree(part)
    assert counted(home) == (30, 30, 0, 30)


def test_a_batch_begun_before_is_not_doubled_where_its_token_was_lost(home: Path) -> None:
    for tokens in (home / "events" / "store").glob("*/*/deduplication_logs"):
        shutil.rmtree(tokens)
    with sqlite3.connect(home / "workspaces" / "default" / "state.db") as state:
        # As if the power had gone after the rows were durable, and before the batch was committed.
        state.execute("UPDATE offsets SET position = position - 10 WHERE stream = 'intake'")
        state.execute(
            "UPDATE batches SET people = NULL"
            " WHERE stream = 'intake' AND last = (SELECT max(last) FROM batches WHERE stream = 'intake')"
        )
    state.close()
    assert counted(home) == (30, 30, 0, 30)


def test_opening_a_whole_store_looks_and_changes_nothing(home: Path) -> None:
    before = newest_blocks(home)
    assert counted(home) == (30, 30, 0, 30)
    assert newest_blocks(home) == before
