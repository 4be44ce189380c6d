"""A store that cannot be rewritten now says so as it says everything else: ask again."""

from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection

from perennial.backends.sql.engine import StoreUnavailable, open_store, scrub, writing
from perennial.backends.sql.tables import state


def test_a_store_that_somebody_writes_to_all_the_time_is_rewritten_later(tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'state.db'}", "state")
    engine.dispose()

    @event.listens_for(engine, "connect")
    def patience(connection: DBAPIConnection, _entry: object) -> None:
        """Whoever waits for a writer waits a millisecond."""
        connection.cursor().execute("PRAGMA busy_timeout = 1")

    with writing(engine), pytest.raises(StoreUnavailable):
        scrub(engine, state)
    scrub(engine, state)
    engine.dispose()
