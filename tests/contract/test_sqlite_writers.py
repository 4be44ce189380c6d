"""What a SQLite connection is told, by what it is going to do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from perennial.backends.sql.engine import open_engine, reading, writing

IN_MEMORY = 2
"""What `PRAGMA temp_store` answers."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.dispose()


def test_what_a_writer_keeps_aside_stays_in_memory_and_what_a_reader_sorts_does_not(engine: Engine) -> None:
    asked = "PRAGMA temp_store"
    with writing(engine) as connection:
        assert connection.exec_driver_sql(asked).scalar() == IN_MEMORY
    with reading(engine) as connection:  # the same connection again, out of the pool
        assert connection.exec_driver_sql(asked).scalar() != IN_MEMORY
