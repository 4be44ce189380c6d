"""A store without room says so in words that a client understands, and is as it was."""

import errno
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from perennial.backends.clickhouse.transport import EventStoreFailed, failure
from perennial.backends.home import make_directory
from perennial.backends.sql.engine import open_store, reading, writing
from perennial.kernel.errors import DiskFull, telling_full_disk


def test_a_state_store_without_room_refuses_and_keeps_what_it_had(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'intake.db'}", "intake")
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE room (body BLOB)"))
        connection.execute(text("INSERT INTO room VALUES (zeroblob(10))"))
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    with pytest.raises(DiskFull):
        _overfill(engine, pages)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM room")).scalar_one() == 1
    engine.dispose()


@pytest.mark.parametrize(
    "words",
    [
        "Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE)",
        "Code: 75. DB::ErrnoException: Cannot write: errno: 28, strerror: No space left on device.",
    ],
)
def test_an_event_store_without_room_is_told_from_one_that_failed(words: str) -> None:
    assert isinstance(failure(words), DiskFull)
    assert isinstance(failure("Code: 62. DB::Exception: Syntax error."), EventStoreFailed)


def test_a_file_without_room_is_told_from_one_that_is_missing() -> None:
    with pytest.raises(DiskFull), telling_full_disk():
        raise OSError(errno.ENOSPC, "No space left on device", "spool.partial")
    with pytest.raises(FileNotFoundError), telling_full_disk():
        Path("nowhere/at/all").read_bytes()


def test_a_directory_is_made_with_those_above_it_and_again_without_harm(tmp_path: Path) -> None:
    make_directory(tmp_path / "home" / "workspaces" / "default", mode=0o700)
    make_directory(tmp_path / "home" / "workspaces" / "default")
    assert (tmp_path / "home" / "workspaces" / "default").stat().st_mode & 0o777 == 0o700


def _overfill(engine: Engine, pages: int) -> None:
    with writing(engine) as connection:
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        connection.execute(text("INSERT INTO room VALUES (zeroblob(1000000))"))
