"""History comes in as an analyst would bring it: Parquet files with a mapping, JSON Lines for the rest."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from perennial.kernel.values import Json
from perennial.showcase.household_year import HouseholdYear
from perennial.wiring import Workspace

Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, and how much there is (0 where unknown)."""

_OWN = ("user_id", "at", "message_id")


def import_history(
    workspace: Workspace, year: HouseholdYear, *, until: datetime | None, progress: Progress
) -> None:
    """Import the year's events and traits up to an instant (all of them without one). Idempotent."""
    with tempfile.TemporaryDirectory(prefix="perennial-demo-") as folder:
        for name, table in year.events.items():
            part = _before(table, until)
            mapping = _mapping("track", name, "properties", part)
            _import(workspace, Path(folder), name, part, mapping, progress)
        traits = _before(year.traits, until)
        _import(
            workspace,
            Path(folder),
            "households",
            traits,
            _mapping("identify", None, "traits", traits),
            progress,
        )


def import_declared(workspace: Workspace, calls: Sequence[Json]) -> None:
    """Import what the demo itself declares: addresses and consents."""
    with tempfile.TemporaryDirectory(prefix="perennial-demo-") as folder:
        file = Path(folder) / "declared.jsonl"
        file.write_text("\n".join(json.dumps(call) for call in calls), encoding="utf-8")
        workspace.import_file(file)


def declared(year: HouseholdYear) -> Iterator[tuple[datetime, Json]]:
    """For each household an address nobody reads and a consent with proof `demo`, as of its first event."""
    seen = pa.concat_tables([table.select(["user_id", "at"]) for table in year.events.values()])
    firsts = seen.group_by("user_id").aggregate([("at", "min")]).sort_by("user_id")
    for row in firsts.to_pylist():
        household, at = str(row["user_id"]), row["at_min"]
        said = {"userId": household, "timestamp": at.isoformat()}
        yield (
            at,
            said
            | {
                "type": "identify",
                "messageId": f"address-{household}",
                "traits": {"email": f"household-{household}@example.invalid"},
            },
        )
        yield (
            at,
            said
            | {
                "type": "consent",
                "messageId": f"consent-{household}",
                "consent": "email/marketing",
                "state": "granted",
                "proof": "demo",
            },
        )


def _before(table: pa.Table, until: datetime | None) -> pa.Table:
    return (
        table
        if until is None
        else table.filter(pc.less_equal(table["at"], pa.scalar(until, table["at"].type)))
    )


def _mapping(kind: str, event: str | None, into: str, table: pa.Table) -> Mapping[str, Json]:
    columns: Mapping[str, Json] = {name: name for name in table.column_names if name not in _OWN}
    mapping: dict[str, Json] = {
        "type": kind,
        "user_id": "user_id",
        "timestamp": "at",
        "message_id": "message_id",
        into: columns,
    }
    return mapping if event is None else mapping | {"event": {"value": event}}


def _import(
    workspace: Workspace,
    folder: Path,
    name: str,
    table: pa.Table,
    mapping: Mapping[str, Json],
    progress: Progress,
) -> None:
    file = folder / f"{name}.parquet"
    pq.write_table(table, file, compression="zstd")
    workspace.import_file(
        file, mapping=mapping, progress=lambda read, total: progress(f"importing {name}", read, total or 0)
    )
    file.unlink()
