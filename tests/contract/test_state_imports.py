"""Imports: every row once, whatever interrupts them, and both ways of reading agree."""

import gzip
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from sqlalchemy import Engine
from tests.services.state import OpenStore

from perennial.backends.objects import ObjectStorage, ObjectStorageSettings
from perennial.backends.sql.imports import SqlImportLedger
from perennial.backends.sql.intake import SqlIntakeLog
from perennial.backends.sql.state import StateStore
from perennial.collect.events import Call
from perennial.collect.events.model import Refusal
from perennial.collect.imports import (
    FileNotFound,
    FileNotReadable,
    ImportResult,
    Imports,
    ImportSettings,
    MappingNeeded,
)
from perennial.collect.imports.gathering import Gathering
from perennial.collect.imports.model import Spool
from perennial.collect.imports.service import RowsElsewhere
from perennial.kernel.clock import VirtualClock
from perennial.kernel.errors import InvalidDocument, Unavailable
from perennial.kernel.ids import UserId
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone
from perennial.testing.event_log import RememberedEvents

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
LINES = """\
{"type":"track","userId":"p1","event":"order_paid","timestamp":"2026-01-03T05:00:00Z","messageId":"m-1","properties":{"amount":12.5}}
{"type":"track","userId":"p1","event":"seen","timestamp":"2026-01-03T06:00:00"}
{"type":"track","userId":"p1","event":"seen","timestamp":"2026-01-03T06:00:00"}
not json

{"type":"track","userId":"p1","event":"message_sent","timestamp":"2026-01-03T06:00:00Z"}
{"type":"track","anonymousId":"anon-7","event":"seen","timestamp":"2026-01-02T06:00:00Z"}
{"type":"identify","userId":"p1","timestamp":"2026-01-04T00:00:00Z","traits":{"city":"上海","vip":true}}
{"type":"alias","previousId":"anon-7","userId":"p1","timestamp":"2026-01-04T00:00:00Z"}
{"type":"consent","userId":"p1","timestamp":"2026-01-04T00:00:00Z","consent":"email/marketing","state":"granted","proof":"form"}
"""
MAPPING: Mapping[str, Json] = {
    "type": "track",
    "event": {"value": "item_bought"},
    "user_id": "household",
    "timestamp": "bought_at",
    "properties": {"amount": "amount", "sku": "sku", "note": "note"},
}
CSV = """\
household,bought_at,amount,sku,note
1,2026-01-03 05:00:00,12.5,00123,
1,2026-01-03 05:00:00,12.5,00123,
,2026-01-03 05:00:00,1,x,nobody
2,never,1,x,
2,2026-01-04 05:00:00,-3,4e2,"a, b"
"""


@dataclass
class Desk:
    """Everything an import needs, with an event store that can be told to fail."""

    directory: Path
    intake: Engine
    state: StateStore
    events: RememberedEvents
    imports: Imports

    def run(
        self, text: str, name: str = "history.jsonl", mapping: Mapping[str, Json] | None = None
    ) -> ImportResult:
        path = self.directory / name
        path.write_text(text)
        return self.imports.run(path, mapping=mapping)


@pytest.fixture
def desk(tmp_path: Path, open_new: OpenStore) -> Desk:
    intake, state = open_new("intake"), StateStore(open_new("state"))
    events = RememberedEvents()
    settings = ImportSettings(spool_directory=tmp_path / "spool", seed="s", zone=Zone(name="Asia/Shanghai"))
    imports = Imports(SqlImportLedger(intake), state, events, VirtualClock(NOON), settings)
    return Desk(tmp_path, intake, state, events, imports)


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    return result.read, result.accepted, result.duplicates, result.rejected


def test_equal_rows_survive_and_a_second_run_adds_nothing(desk: Desk) -> None:
    assert counts(desk.run(LINES)) == (9, 7, 0, 2)
    assert counts(desk.run(LINES)) == (9, 0, 7, 2)
    assert desk.events.counts_by_event() == {"order_paid": 1, "seen": 3}


def test_a_file_with_more_rows_adds_only_those(desk: Desk) -> None:
    desk.run(LINES)
    more = '{"type":"track","userId":"p1","event":"seen","timestamp":"2026-01-03T06:00:00"}\n'
    assert desk.run(LINES + more).accepted == 1


def test_rows_that_cannot_be_taken_are_kept_with_their_place_and_reason(desk: Desk) -> None:
    desk.run(LINES)
    kept, _ = SqlIntakeLog(desk.intake).rejects(limit=9, source="import:history.jsonl")
    assert [(reject.path, reject.code) for reject in kept] == [
        ("$[5].event", "reserved_name"),
        ("$[3]", "bad_json"),
    ]


def test_imported_calls_make_people_with_traits_and_consents(desk: Desk) -> None:
    desk.run(LINES)
    with desk.state.read() as state:
        person = state.people.find(UserId("p1"))
        assert person is not None
        assert state.traits.of([person]) == {person: {"city": "上海", "vip": True}}
        assert list(state.consents.of([person], channel="email", topic="marketing")) == [person]
        assert state.people.count() == 1
    assert {row["profile_id"] for row in desk.events.rows} == {person}


def test_times_without_an_offset_are_local_to_the_workspace(desk: Desk) -> None:
    desk.run(LINES)
    seen = {row["occurred_at"] for row in desk.events.rows if row["name"] == "seen" and row["user_id"]}
    assert seen == {datetime(2026, 1, 2, 22, tzinfo=UTC)}
    assert all(row["received_at"] == row["occurred_at"] for row in desk.events.rows)


@pytest.mark.parametrize("after_writing", [False, True])
def test_an_import_that_broke_at_the_event_store_goes_on_where_it_was(
    desk: Desk, after_writing: bool
) -> None:
    desk.events.fail_next(after_writing=after_writing)
    with pytest.raises(Unavailable):
        desk.run(LINES)
    assert counts(desk.run(LINES)) == (9, 7, 0, 2)
    assert desk.events.counts_by_event() == {"order_paid": 1, "seen": 3}
    assert list((desk.directory / "spool").iterdir()) == []


def test_a_batch_left_by_an_interruption_is_carried_on_when_opened(desk: Desk) -> None:
    desk.events.fail_next(after_writing=False)
    with pytest.raises(Unavailable):
        desk.run(LINES)
    assert desk.imports.replay_spools() == 1
    assert desk.events.count() == 4
    assert desk.imports.replay_spools() == 0


def test_a_batch_that_was_carried_and_not_dropped_is_not_doubled(desk: Desk) -> None:
    class ForgetfulLedger(SqlImportLedger):
        def drop(self, spool: Spool) -> None:
            raise Unavailable(f"The power went before {spool.name} was dropped.")

    settings = ImportSettings(spool_directory=desk.directory / "spool", seed="s", zone=Zone())
    broken = Imports(ForgetfulLedger(desk.intake), desk.state, desk.events, VirtualClock(NOON), settings)
    (desk.directory / "history.jsonl").write_text(LINES)
    with pytest.raises(Unavailable):
        broken.run(desk.directory / "history.jsonl")
    assert desk.imports.replay_spools() == 1
    assert desk.events.count() == 4


def test_a_state_that_fails_leaves_the_batch_to_be_carried_on(desk: Desk) -> None:
    class FailingState:
        def begin(self) -> Iterator[None]:
            raise Unavailable("The state store was told to fail.")

    settings = ImportSettings(spool_directory=desk.directory / "spool", seed="s", zone=Zone())
    ledger = SqlImportLedger(desk.intake)
    broken = Imports(ledger, FailingState(), desk.events, VirtualClock(NOON), settings)  # pyright: ignore[reportArgumentType]
    (desk.directory / "history.jsonl").write_text(LINES)
    with pytest.raises(Unavailable):
        broken.run(desk.directory / "history.jsonl")
    assert desk.events.count() == 0
    assert desk.imports.replay_spools() == 1
    assert desk.events.count() == 4


def test_a_cancelled_import_keeps_what_it_has_and_goes_on_later(desk: Desk) -> None:
    path = desk.directory / "history.jsonl"
    path.write_text(LINES)
    assert desk.imports.run(path, is_cancelled=lambda: True).read == 0
    assert desk.imports.run(path).accepted == 7


def test_a_merge_in_a_file_reaches_the_event_store(desk: Desk) -> None:
    known = "".join(
        f'{{"type":"track","userId":"{user}","event":"seen","timestamp":"2026-01-03T06:00:00Z"}}\n'
        for user in ("old", "new")
    )
    desk.run(known, "first.jsonl")
    desk.run(
        '{"type":"alias","previousId":"old","userId":"new","timestamp":"2026-01-04T06:00:00Z"}\n',
        "second.jsonl",
    )
    by_user = {row["user_id"]: row["profile_id"] for row in desk.events.rows if row["name"] == "seen"}
    assert desk.events.overrides == {by_user["old"]: by_user["new"]}


def test_a_csv_says_numbers_where_it_writes_them_and_nothing_where_it_is_empty(desk: Desk) -> None:
    assert counts(desk.run(CSV, "items.csv", MAPPING)) == (5, 3, 0, 2)
    first = desk.events.rows[0]
    assert dict(first["numbers"]) == {"amount": 12.5}  # pyright: ignore[reportArgumentType, reportCallIssue]
    assert dict(first["texts"]) == {"sku": "00123"}  # pyright: ignore[reportArgumentType, reportCallIssue]
    kept, _ = SqlIntakeLog(desk.intake).rejects(limit=9)
    assert {(reject.path, reject.code) for reject in kept} == {
        ("$[2]", "missing_id"),
        ("$[3].timestamp", "bad_timestamp"),
    }


def test_a_second_run_lists_no_reject_again(desk: Desk) -> None:
    log = SqlIntakeLog(desk.intake)
    first = counts(desk.run(CSV, "items.csv", MAPPING))
    listed, _ = log.rejects(limit=9)
    assert counts(desk.run(CSV, "items.csv", MAPPING)) == (5, 0, 3, first[3])
    assert log.rejects(limit=9)[0] == listed


def test_a_row_with_too_many_cells_is_a_reject_and_stops_nobody_else(desk: Desk) -> None:
    ragged = CSV.replace("\n", "\n7,2026,too,many,cells,by,far,indeed\n", 1)
    assert counts(desk.run(ragged, "items.csv", MAPPING)) == (6, 3, 0, 3)
    kept, _ = SqlIntakeLog(desk.intake).rejects(limit=9)
    assert (kept[0].code, kept[0].payload) == ("bad_row", "7,2026,too,many,cells,by,far,indeed")


def test_columns_and_rows_are_read_alike(desk: Desk) -> None:
    """The same file column by column, and row by row because its type is a column."""
    desk.run(CSV, "columns.csv", MAPPING)
    lines = CSV.splitlines()
    typed = "\n".join([f"kind,{lines[0]}", *(f"track,{line}" for line in lines[1:])])
    desk.run(typed, "rows.csv", {**MAPPING, "type": "kind"})

    def told(source: str) -> list[list[object]]:
        parts = ("profile_id", "occurred_at", "name", "kind", "user_id", "numbers", "texts", "lists")
        return [[row[part] for part in parts] for row in desk.events.rows if row["source"] == source]

    assert told("import:columns.csv") == told("import:rows.csv")


def test_a_parquet_file_keeps_its_types(desk: Desk) -> None:
    table = pa.table(
        {
            "household": [1, 2],
            "bought_at": pa.array([NOON, NOON], pa.timestamp("us", tz="UTC")),
            "amount": [1.5, None],
            "sku": ["12", "x"],
            "note": [[1, 2], None],
        }
    )
    path = desk.directory / "items.parquet"
    pyarrow.parquet.write_table(table, path)
    assert desk.imports.run(path, mapping=MAPPING).accepted == 2
    first, second = desk.events.rows
    assert first["numbers"] == [("amount", 1.5), ("sku", 12.0)]
    assert first["texts"] == [("sku", "12")]
    assert first["lists"] == [("note", ["1", "2"])]
    assert (second["numbers"], second["texts"], second["lists"]) == ([], [("sku", "x")], [])


def test_a_mapping_tells_all_its_mistakes(desk: Desk) -> None:
    with pytest.raises(InvalidDocument) as refusal:
        desk.run(CSV, "items.csv", {"evnt": "x", "user_id": 7})
    assert sorted(problem.code for problem in refusal.value.problems) == [
        "bad_value",
        "bad_value",
        "unknown_key",
    ]


def test_a_zone_that_does_not_exist_is_refused_with_the_nearest(desk: Desk) -> None:
    with pytest.raises(InvalidDocument) as refusal:
        desk.run(CSV, "items.csv", {**MAPPING, "zone": "Asia/Toky"})
    (problem,) = refusal.value.problems
    assert (problem.path, problem.code, problem.hint) == (
        "$.zone",
        "unknown_zone",
        "Did you mean 'Asia/Tokyo'?",
    )


def test_a_column_that_is_not_there_is_named_with_the_nearest(desk: Desk) -> None:
    with pytest.raises(InvalidDocument) as refusal:
        desk.run(CSV, "items.csv", {**MAPPING, "user_id": "houshold"})
    (problem,) = refusal.value.problems
    assert (problem.path, problem.code, problem.hint) == (
        "$.user_id",
        "unknown_column",
        "Did you mean 'household'?",
    )


def test_files_that_cannot_be_imported_say_why(desk: Desk) -> None:
    with pytest.raises(FileNotFound):
        desk.imports.run(desk.directory / "absent.jsonl")
    with pytest.raises(MappingNeeded):
        desk.run(CSV, "items.csv")
    with pytest.raises(FileNotReadable):
        desk.run(CSV, "items.xlsx")
    with pytest.raises(FileNotReadable):
        desk.run("no parquet", "items.parquet", MAPPING)


@pytest.mark.parametrize("packed", ["gz", "zst", "bz2"])
def test_packed_files_are_read_as_they_are_unpacked(desk: Desk, packed: str) -> None:
    for name, text, mapping in (("history.jsonl", LINES, None), ("items.csv", CSV, MAPPING)):
        path = desk.directory / f"{name}.{packed}"
        with pa.output_stream(path, compression="detect") as file:
            file.write(text.encode())
        plain = desk.run(text, name, mapping)
        assert desk.imports.run(path, mapping=mapping) == plain


def test_a_packed_file_that_is_cut_off_is_refused(desk: Desk) -> None:
    whole = gzip.compress("".join(f"{LINES}" for _ in range(100)).encode())
    path = desk.directory / "cut.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileNotReadable):
        desk.imports.run(path)


def test_a_line_that_does_not_end_is_a_reject_and_fills_no_memory(desk: Desk) -> None:
    path = desk.directory / "endless.jsonl.gz"
    with gzip.open(path, "wb") as file:
        file.write(b"x" * 20_000_000 + b"\n" + LINES.encode())
    assert counts(desk.imports.run(path)) == (10, 7, 0, 3)
    kept, _ = SqlIntakeLog(desk.intake).rejects(limit=9, source="import:endless.jsonl.gz")
    assert ("$[0]", "too_large") in [(reject.path, reject.code) for reject in kept]


@pytest.mark.parametrize(
    ("unit", "stated"), [("s", 1767416400), ("ms", 1767416400000), ("us", 1767416400000000)]
)
@pytest.mark.parametrize("kind", [{"value": "track"}, "kind"])
def test_times_are_read_in_the_unit_that_is_told(desk: Desk, unit: str, stated: int, kind: Json) -> None:
    mapping: Mapping[str, Json] = {
        "type": kind,
        "event": {"value": "seen"},
        "user_id": "user",
        "timestamp": "at",
        "time_unit": unit,
    }
    assert desk.run(f"user,at,kind\nu1,{stated},track\n", "times.csv", mapping).accepted == 1
    assert desk.events.rows[0]["occurred_at"] == datetime(2026, 1, 3, 5, tzinfo=UTC)


def test_a_folder_that_grew_is_read_where_it_did(desk: Desk) -> None:
    folder = desk.directory / "logs"
    folder.mkdir()
    good = (
        '{"type":"track","userId":"p1","event":"seen","timestamp":"2026-01-03T06:00:00Z","messageId":"m%d"}\n'
    )
    (folder / "a.jsonl").write_text(good % 1)
    (folder / "b.jsonl").write_text(good % 2)
    gathering = Gathering(
        desk.imports, ObjectStorage(ObjectStorageSettings()), directory=desk.directory / "fetched"
    )
    assert counts(gathering.run(str(folder))) == (2, 2, 0, 0)
    (folder / "b.jsonl").write_text(good % 2 + good % 3)
    (folder / "c.jsonl").write_text(good % 4)
    assert counts(gathering.run(str(folder))) == (4, 2, 2, 0)
    assert {row["source"] for row in desk.events.rows} == {
        "import:logs/a.jsonl",
        "import:logs/b.jsonl",
        "import:logs/c.jsonl",
    }
    heard: list[int] = []
    again = gathering.run(str(folder), progress=lambda read, _total: heard.append(read))
    # Not one of them was read again.
    assert (counts(again), heard) == ((4, 0, 4, 0), [])


def test_a_file_with_rejects_is_read_again_in_case_they_are_taken_today(desk: Desk) -> None:
    folder = desk.directory / "logs"
    folder.mkdir()
    (folder / "a.jsonl").write_text(LINES)
    gathering = Gathering(
        desk.imports, ObjectStorage(ObjectStorageSettings()), directory=desk.directory / "fetched"
    )
    gathering.run(str(folder))
    heard: list[int] = []
    gathering.run(str(folder), progress=lambda read, _total: heard.append(read))
    assert heard != []


@dataclass
class Strict:
    """A version, or a plan, that refuses events of some names; the others pass as they are."""

    refused: frozenset[str]
    judges_clocks = False

    def concerns(self, events: Iterable[str]) -> bool:
        return not self.refused.isdisjoint(events)

    def conceal(self, payload: str) -> str:
        return payload

    def __call__(self, call: Call, /) -> Call | Refusal:
        if call.name in self.refused:
            return Refusal(code="refused", message="It is refused.", path="")
        return call


def strict(desk: Desk, *refused: str) -> Imports:
    """Imports that refuse some events, and say that they read files as any others do."""
    settings = ImportSettings(spool_directory=desk.directory / "spool", seed="s", zone=Zone())
    ledger = SqlImportLedger(desk.intake)
    return Imports(
        ledger,
        desk.state,
        desk.events,
        VirtualClock(NOON),
        settings,
        screening=lambda _source: (Strict(frozenset(refused)), ""),
    )


def test_rows_that_were_refused_before_come_to_the_event_store_once_they_are_taken(desk: Desk) -> None:
    (desk.directory / "history.jsonl").write_text(LINES)
    strict(desk, "order_paid").run(desk.directory / "history.jsonl")
    assert desk.events.counts_by_event() == {"seen": 3}
    assert desk.imports.run(desk.directory / "history.jsonl").accepted == 1
    assert desk.events.counts_by_event() == {"order_paid": 1, "seen": 3}
    assert strict(desk, "seen").run(desk.directory / "history.jsonl").accepted == 0
    assert desk.events.counts_by_event() == {"order_paid": 1, "seen": 3}


def test_a_lost_batch_is_not_made_again_of_other_rows(desk: Desk) -> None:
    (desk.directory / "history.jsonl").write_text(LINES)
    desk.events.fail_next(after_writing=False)
    with pytest.raises(Unavailable):
        desk.run(LINES)
    for spool in (desk.directory / "spool").iterdir():
        spool.unlink()
    with pytest.raises(RowsElsewhere):
        strict(desk, "order_paid").run(desk.directory / "history.jsonl")
    assert desk.events.count() == 0
    assert desk.imports.run(desk.directory / "history.jsonl").duplicates == 0
    assert desk.events.counts_by_event() == {"order_paid": 1, "seen": 3}
