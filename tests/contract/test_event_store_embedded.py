"""What embedded ClickHouse promises of its directory: kept when closed, one process at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from perennial.backends.clickhouse import ClickHouseEventStore, EmbeddedClickHouse, prepare_database
from perennial.backends.clickhouse.parameters import Parameter, Sql
from perennial.backends.clickhouse.transport import EventStoreFailed
from perennial.collect.events.columns import to_table
from perennial.kernel.errors import Refused, Unavailable
from perennial.kernel.ids import ProfileId
from perennial.testing import PersonHistory, an_event, rows_of

BATCH = to_table(rows_of(PersonHistory(profile_id=ProfileId(1), events=(an_event(),))))
HOLDER = """
import sys
from pathlib import Path
from perennial.backends.clickhouse import EmbeddedClickHouse
with EmbeddedClickHouse(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_directory_opened_again_holds_what_was_appended_and_knows_its_tokens(tmp_path: Path) -> None:
    for _ in range(2):
        with EmbeddedClickHouse(tmp_path / "it's here") as engine:
            transport = engine.database("ws_default")
            prepare_database(transport)
            store = ClickHouseEventStore(transport)
            store.append(BATCH, token="t")
            assert store.count() == 1


def test_workspaces_of_one_directory_do_not_see_each_other(tmp_path: Path) -> None:
    with EmbeddedClickHouse(tmp_path) as engine:
        stores: list[ClickHouseEventStore] = []
        for name in ("ws_a", "ws_b"):
            prepare_database(engine.database(name))
            stores.append(ClickHouseEventStore(engine.database(name)))
        stores[0].append(BATCH, token="t")
        assert [store.count() for store in stores] == [1, 0]


def test_a_closed_directory_answers_in_one_sentence(tmp_path: Path) -> None:
    engine = EmbeddedClickHouse(tmp_path)
    transport = engine.database("ws_a")
    engine.close()
    engine.close()
    with pytest.raises(Unavailable, match="closed"):
        prepare_database(transport)


def test_a_directory_another_process_has_open_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(Unavailable, match="another process"):
            EmbeddedClickHouse(tmp_path)
        holder.stdin.close()
        assert holder.wait() == 0


def test_after_a_statement_that_failed_halfway_the_next_one_gets_its_own_answer(tmp_path: Path) -> None:
    with EmbeddedClickHouse(tmp_path) as engine:
        transport = engine.database("ws_a")
        prepare_database(transport)
        for number in range(3):
            with pytest.raises(EventStoreFailed):
                transport.query(Sql("SELECT throwIf(number = 90000) AS bad FROM system.numbers LIMIT 100000"))
            with pytest.raises(EventStoreFailed):
                transport.query(Sql("SELECT match(toString(number), '(?a)b') AS bad FROM numbers(3)"))
            answer = transport.query(
                Sql("SELECT {n:UInt64} AS n"), {"n": Parameter(type="UInt64", value=number)}
            )
            assert answer["n"].to_pylist() == [number]


def test_a_path_with_a_question_mark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="question mark"):
        EmbeddedClickHouse(tmp_path / "what?")
