"""Workspaces are opened one by one: what is wrong with one of them, or slow, is nothing to the others."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event
from threading import enumerate as running_threads
from time import monotonic

import pytest

from perennial.backends.sql.engine import NewerVersion, StoreUnavailable
from perennial.wiring import App, open_app

SECONDS = 60


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An installation of two shops, closed."""
    with open_app(tmp_path / "home") as app:
        for name in ("north", "south"):
            app.init(name)
            app.workspace(name)
    return tmp_path / "home"


def set_revision(home: Path, name: str, revision: str) -> str:
    """Say which migration a workspace's state was last brought to; the one it said before."""
    with closing(sqlite3.connect(home / "workspaces" / name / "state.db")) as state, state:
        (before,) = state.execute("SELECT version_num FROM alembic_version").fetchone()
        state.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    return str(before)


def break_ledger(home: Path) -> None:
    """What is read when a workspace is as good as open is not there."""
    with closing(sqlite3.connect(home / "workspaces" / "north" / "intake.db")) as intake, intake:
        intake.execute("ALTER TABLE spools RENAME TO stolen")


def eventually(is_so: Callable[[], bool]) -> None:
    start, pause = monotonic(), Event()
    while not is_so():
        assert monotonic() - start < SECONDS, "it did not happen in time"
        pause.wait(0.02)


def intakes() -> int:
    """The threads that make calls durable: one per open workspace."""
    return sum(thread.name == "intake" for thread in running_threads())


def hear(app: App, name: str) -> int:
    """Send a workspace a call, and wait until it is counted there."""
    workspace = app.workspace(name)
    workspace.send([{"type": "track", "userId": "li", "event": "app_open"}])
    workspace.wait_accepted()
    return workspace.count_events()


def test_a_workspace_that_cannot_be_opened_stops_no_other_and_is_opened_once_it_can_be(home: Path) -> None:
    revision = set_revision(home, "north", "state_9999")
    with open_app(home) as app:
        app.start()
        assert hear(app, "south") == 1
        with pytest.raises(NewerVersion):
            app.workspace("north")
        set_revision(home, "north", revision)
        assert hear(app, "north") == 1


def test_a_workspace_whose_files_are_broken_stops_no_other(home: Path) -> None:
    break_ledger(home)
    with open_app(home) as app:
        app.start()
        assert hear(app, "south") == 1


def test_an_installation_of_which_nothing_can_be_opened_does_not_start(home: Path) -> None:
    for name in ("north", "south"):
        set_revision(home, name, "state_9999")
    with open_app(home) as app, pytest.raises(NewerVersion):
        app.start()


def test_a_workspace_that_could_not_be_opened_leaves_no_thread_behind(home: Path) -> None:
    break_ledger(home)
    with open_app(home) as app:
        before = intakes()
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                app.workspace("north")
        assert intakes() == before


def test_a_workspace_that_is_slow_to_open_keeps_nobody_from_another(home: Path) -> None:
    folder = home / "workspaces" / "north"
    (folder / "spool").rmdir()
    with (
        open_app(home) as app,
        closing(sqlite3.connect(folder / "state.db", isolation_level=None)) as other,
        ThreadPoolExecutor() as threads,
    ):
        other.execute("BEGIN IMMEDIATE")  # whoever opens it waits for this writer
        slow = threads.submit(app.workspace, "north")
        eventually((folder / "spool").is_dir)
        assert threads.submit(hear, app, "south").result(SECONDS) == 1
        assert not slow.done()
        other.execute("ROLLBACK")
        assert slow.result(SECONDS).name == "north"
