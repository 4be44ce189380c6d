"""`import`: a file of history, with a progress bar; stopped and begun again, it goes on."""

import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from perennial.cli.connection import Connection, path_step
from perennial.cli.refusals import FileMissing, Refusal
from perennial.cli.session import about_file, read_text, session_of
from perennial.kernel.values import Json

if TYPE_CHECKING:
    from perennial.kernel.documents import Document

_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 0.5


def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON Lines, CSV or Parquet.")],
    mapping: Annotated[
        str | None, typer.Option("--mapping", metavar="MAP.yaml", help="Which column says what.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="The import's name; the file's unless told.")
    ] = None,
) -> None:
    """Import history; a second run adds nothing, an interrupted one goes on."""
    if not file.is_file():
        raise FileMissing(f"{file}: no such file.", path=str(file))
    order: dict[str, Json] = {"file": str(file.resolve()), "name": name or file.name}
    written = None if mapping is None else _mapping_in(mapping)
    if written is not None:
        order["mapping"] = written.value
    session = session_of(context)
    with session.connection() as connection, _about(file, written):
        job = connection.post("/api/imports", order)
        session.show(_result_of(_watch(connection, job)))


def _mapping_in(name: str) -> "Document":
    from perennial.kernel.documents import read_document

    with about_file(name):
        return read_document(read_text(name), name=name)


@contextmanager
def _about(file: Path, mapping: "Document | None") -> Generator[None]:
    """Say what a refusal is about: a part of the mapping, with its line, or else the file itself."""
    try:
        yield
    except Refusal as refusal:
        if mapping is None or not refusal.problem.get("problems"):
            raise Refusal({**refusal.problem, "file": str(file)}) from refusal
        path = str(refusal.problem.get("path")).removeprefix("$.mapping")
        line = mapping.line_of(path if path.startswith("$") else f"${path}")
        raise Refusal({**refusal.problem, "file": mapping.name, "line": line}) from refusal


def _watch(connection: Connection, job: Mapping[str, Json]) -> Mapping[str, Json]:
    """Follow an import to its end; an interrupt cancels it and waits for the batch at hand."""
    path = f"/api/imports/{path_step(str(job['name']))}"
    pause = _FIRST_PAUSE_SECONDS
    with _progress() as show:
        while job["state"] == "running":
            try:
                time.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                job = connection.watch(path)
                read, total = job.get("read"), job.get("total")
                show("rows", read if isinstance(read, int) else 0, total if isinstance(total, int) else None)
            except KeyboardInterrupt:
                job = connection.delete(path)
    return job


def _result_of(job: Mapping[str, Json]) -> Mapping[str, Json]:
    result, problem = job.get("result"), job.get("problem")
    if isinstance(problem, Mapping):
        raise Refusal(problem)
    if job["state"] == "cancelled" or not isinstance(result, Mapping):
        hint = "Run the same command again: it goes on where this one stopped."
        raise Refusal({"code": "cancelled", "message": "The import was stopped.", "hint": hint})
    return result


def _show_nothing(_doing: str, _read: int, _total: int | None) -> None:
    """Standard error is not a person's screen."""


@contextmanager
def _progress() -> Generator[Callable[[str, int, int | None], None]]:
    if not sys.stderr.isatty():
        yield _show_nothing
        return
    from perennial.cli.progress import Bar

    with Bar() as bar:
        yield bar
