"""`export`: events and people to a file or to object storage."""

from pathlib import Path
from typing import Annotated

import typer

from perennial.cli.commands.people import AsOf, Condition, condition_in
from perennial.cli.connection import path_step
from perennial.cli.session import session_of
from perennial.cli.watching import result_of, watch
from perennial.kernel.errors import Refused
from perennial.kernel.values import Json

exports = typer.Typer(no_args_is_help=True, help="What the workspace holds, written to a file.")

_FORMATS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet"}
To = Annotated[str, typer.Option("--to", metavar="FILE", help="A file, or an s3:// or gs:// address.")]
Format = Annotated[
    str | None, typer.Option("--format", help="jsonl, csv or parquet; the file's own unless told.")
]
Columns = Annotated[
    str | None, typer.Option("--columns", metavar="A,B", help="These columns, such as user_id,traits.city.")
]
ForSpreadsheets = Annotated[
    bool, typer.Option("--for-spreadsheets", help="CSV: no text that a spreadsheet takes for a formula.")
]
Reveal = Annotated[
    bool, typer.Option("--reveal", help="Write values of personal properties as they are, not masked.")
]


class UnknownFormat(Refused):
    """A file's name says no format that is written."""

    code = "unknown_format"


@exports.command("events")
def export_events(  # noqa: PLR0913, PLR0917  a command's options are its arguments
    context: typer.Context,
    to: To,
    format_: Format = None,
    columns: Columns = None,
    for_spreadsheets: ForSpreadsheets = False,
    reveal: Reveal = False,
    event: Annotated[
        list[str] | None, typer.Option("--event", metavar="NAME", help="Only these events; repeatable.")
    ] = None,
    start: Annotated[str | None, typer.Option("--from", metavar="ISO", help="From this instant on.")] = None,
    end: Annotated[str | None, typer.Option("--until", metavar="ISO", help="Before this instant.")] = None,
    ours: Annotated[
        bool, typer.Option("--ours", help="CSV and Parquet: what Perennial logged as well.")
    ] = False,
) -> None:
    """Export events; as JSON Lines they can be imported again as they are."""
    asked: dict[str, Json] = {"names": event, "since": start, "until": end, "with_ours": ours}
    _export(context, "/api/exports/events", _order(to, format_, columns, for_spreadsheets, reveal) | asked)


@exports.command("people")
def export_people(  # noqa: PLR0913, PLR0917  as above
    context: typer.Context,
    to: To,
    format_: Format = None,
    columns: Columns = None,
    for_spreadsheets: ForSpreadsheets = False,
    reveal: Reveal = False,
    condition: Condition = None,
    as_of: AsOf = None,
) -> None:
    """Export people with their traits and tags: everyone, or who meets a condition."""
    with condition_in(condition) as question:
        asked: dict[str, Json] = {"condition": question, "as_of": as_of}
        _export(
            context, "/api/exports/people", _order(to, format_, columns, for_spreadsheets, reveal) | asked
        )


@exports.command("segment")
def export_segment(
    context: typer.Context,
    segment_id: Annotated[str, typer.Argument(metavar="ID")],
    to: To,
    format_: Format = None,
    columns: Columns = None,
    for_spreadsheets: ForSpreadsheets = False,
    reveal: Reveal = False,
) -> None:
    """Export the people of a segment as of its last refresh."""
    path = f"/api/exports/segments/{path_step(segment_id)}"
    _export(context, path, _order(to, format_, columns, for_spreadsheets, reveal))


def _order(
    to: str, format_: str | None, columns: str | None, for_spreadsheets: bool, reveal: bool
) -> dict[str, Json]:
    format_ = format_ or _FORMATS.get(Path(to).suffix.lower())
    if format_ is None:
        hint = "Call the file .jsonl, .csv or .parquet, or say --format."
        raise UnknownFormat(f"{to} is of no known kind.", hint=hint)
    return {
        "to": to if "://" in to else str(Path(to).absolute()),
        "format": format_,
        "columns": None if columns is None else [name.strip() for name in columns.split(",")],
        "for_spreadsheets": for_spreadsheets,
        "reveal": reveal,
    }


def _export(context: typer.Context, path: str, order: dict[str, Json]) -> None:
    session = session_of(context)
    with session.connection() as connection:
        job = connection.ask(path, order)
        job = watch(connection, job, f"/api/exports/{path_step(str(job['id']))}", done="written")
        session.show(result_of(job, stopped="The export was stopped.", hint="Nothing of it was kept."))
