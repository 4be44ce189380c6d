"""What holds on PostgreSQL because several processes share it: turns, order, and clear refusals."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs
from tests.services.postgres import PASSWORD, PostgresServer

from perennial.backends.sql.engine import (
    StateUnavailable,
    StoreUnavailable,
    open_engine,
    open_store,
    place_store,
    reading,
)
from perennial.backends.sql.intake import SqlIntakeLog
from perennial.backends.sql.postgres import BadStateUrl
from perennial.backends.sql.state import StateStore
from perennial.backends.sql.stores import open_stores
from perennial.collect.events import Call
from perennial.collect.events.model import Submission
from perennial.kernel.errors import NotSupported, PerennialError

pytestmark = pytest.mark.service
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.fixture
def url(shared_database: str) -> str:
    return shared_database


@pytest.fixture
def two(url: str) -> Iterator[tuple[Engine, Engine]]:
    """The same store, opened by two processes."""
    pair = (open_store(url, "state", schema="ws_two"), open_store(url, "state", schema="ws_two"))
    yield pair
    for engine in pair:
        engine.dispose()


def submission(*message_ids: str) -> Submission:
    calls = [
        Call(
            kind="track",
            name="seen",
            occurred_at=NOON,
            received_at=NOON,
            message_id=message_id,
            source="web",
            user_id="u",
            anonymous_id="",
            previous_id="",
        )
        for message_id in message_ids
    ]
    return Submission(source="web", received_at=NOON, calls=calls, rejects=[])


def test_a_second_writer_waits_and_sees_what_the_first_one_wrote(two: tuple[Engine, Engine]) -> None:
    first, second = (StateStore(engine) for engine in two)
    seen: list[int] = []
    entering = Event()

    def write_after() -> None:
        entering.set()
        with second.begin() as transaction:
            seen.append(transaction.offsets.get("calls"))

    other = Thread(target=write_after)
    with first.begin() as transaction:
        other.start()
        assert entering.wait(timeout=10)
        transaction.offsets.advance("calls", first=1, last=7)
        assert seen == []
    other.join(timeout=30)
    assert seen == [7]


def test_writers_of_another_workspace_and_of_the_intake_do_not_wait(url: str) -> None:
    engine = open_store(url, "state", schema="ws_one")
    log = SqlIntakeLog(place_store(engine, "intake", schema="ws_one"))
    other = StateStore(place_store(engine, "state", schema="ws_other"))
    with StateStore(engine).begin(), other.begin():
        assert log.append([submission("neighbour")]) == [1]
    engine.dispose()


def test_two_processes_take_the_same_call_once_and_positions_appear_in_order(url: str) -> None:
    engines = [open_store(url, "intake", schema="ws_taken") for _ in range(2)]
    logs = [SqlIntakeLog(engine) for engine in engines]
    counts: list[int] = []

    def take(log: SqlIntakeLog, name: str) -> None:
        counts.extend(log.append([submission("shared", f"{name}-{turn}")])[0] for turn in range(20))

    threads = [Thread(target=take, args=(log, f"p{place}")) for place, log in enumerate(logs)]
    for thread in threads:
        thread.start()
    upto, read = 0, list[int]()
    while any(thread.is_alive() for thread in threads):
        # Whoever reads behind the last position it saw must never miss one that commits later.
        found = list(logs[0].read(after=upto, limit=1_000).positions)
        read += found
        upto = max([upto, *found])
    for thread in threads:
        thread.join()
    read += list(logs[0].read(after=upto, limit=1_000).positions)
    assert (sum(counts), read) == (41, list(logs[1].read(after=0, limit=1_000).positions))
    for engine in engines:
        engine.dispose()


def test_a_commit_is_on_the_disk_even_where_the_server_was_told_otherwise(
    postgres_server: PostgresServer, postgres_databases: Callable[[], str]
) -> None:
    url = postgres_databases()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER ROLE perennial SET synchronous_commit = off")
    engine = open_store(url, "state")
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
    engine.dispose()
    with postgres_server.connect() as connection:
        connection.execute("ALTER ROLE perennial RESET synchronous_commit")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("perennial:hush-hush@127.0.0.1:{port}/postgres", "password authentication failed"),
        ("perennial:{right}@127.0.0.1:{port}/nowhere", 'database "nowhere" does not exist'),
        ("perennial:hush-hush@127.0.0.1:1/postgres", "refused"),
    ],
)
def test_a_server_that_cannot_be_used_is_told_in_one_sentence_without_the_password(
    postgres_server: PostgresServer, place: str, said: str, tmp_path: Path
) -> None:
    right = PASSWORD.replace(" ", "%20")
    stores = open_stores(f"postgresql://{place.format(port=postgres_server.port, right=right)}", tmp_path)
    with pytest.raises(StateUnavailable, match="cannot be opened") as refusal:
        stores.root()
    stores.close()
    assert said in refusal.value.hint
    told = f"{refusal.value} {refusal.value.hint} {refusal.value.path}"
    assert not any(secret in told for secret in ("hush-hush", PASSWORD, right))


def test_what_the_driver_says_goes_to_the_log_and_not_to_whoever_asked(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    address = f"postgresql://perennial:hush-hush@127.0.0.1:{postgres_server.port}/postgres"
    engine, stores = open_engine(address), open_stores(address, tmp_path)
    refusals: list[PerennialError] = []
    with capture_logs() as logged:
        with pytest.raises(StoreUnavailable) as refusal, reading(engine):
            pass
        refusals.append(refusal.value)
        with pytest.raises(StoreUnavailable) as refusal:
            stores.state("shop")
        refusals.append(refusal.value)
    for refused in refusals:
        told = f"{refused} {refused.hint} {refused.path}"
        assert refused.hint == "Ask again in a moment."
        assert "127.0.0.1" not in told
    assert ["127.0.0.1" in entry["words"] for entry in logged] == [True, True]
    assert "hush-hush" not in str(logged)
    engine.dispose()
    stores.close()


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("postgresql://u:secret@host:port/db", BadStateUrl),
        ("postgresql://u:secret@host", BadStateUrl),
        ("mysql://u:secret@host/db", NotSupported),
        ("secret", NotSupported),
    ],
)
def test_a_bad_address_is_refused_and_not_repeated(
    url: str, kind: type[PerennialError], tmp_path: Path
) -> None:
    with pytest.raises(kind) as refusal:
        open_stores(url, tmp_path)
    assert refusal.value.hint.startswith("Write ")
    assert "secret" not in f"{refusal.value} {refusal.value.hint}"
