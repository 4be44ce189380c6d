"""What commands do with files of numbers, and with documents that somebody else may have saved meanwhile."""

from pathlib import Path
from typing import Annotated

import typer

from perennial.cli.refusals import FileMissing, Refusal
from perennial.cli.session import about_file, read_text, session_of
from perennial.kernel.values import Json

Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write the numbers to this .csv or .parquet."),
]
Replaces = Annotated[
    int | None,
    typer.Option(
        "--replaces", metavar="VERSION", help="Refuse unless this version is the live one; 0 for none."
    ),
]
_FORMATS = ("csv", "parquet")


def format_of(out: Path) -> str:
    """What a file's name says it is."""
    found = out.suffix.removeprefix(".").lower()
    if found in _FORMATS:
        return found
    message = f"{out.name!r} ends in neither .csv nor .parquet."
    raise Refusal({"code": "unknown_format", "message": message, "hint": "Name it numbers.csv."})


def written(out: Path, content: bytes) -> dict[str, Json]:
    """Write a file whole; what is shown of it."""
    try:
        out.write_bytes(content)
    except OSError as error:
        message = f"{out}: {error.strerror or 'cannot be written'}."
        raise FileMissing(message, path=str(out), hint="Name a place that can be written.") from error
    return {"file": str(out), "bytes": len(content)}


def save_kept(context: typer.Context, path: str, file: str, replaces: int | None) -> None:
    """Save a document as it was written; mistakes are told with its lines."""
    session = session_of(context)
    text = read_text(file)
    with session.connection() as connection, about_file(file):
        session.show(connection.post_text(path, text, replaces=replaces))
