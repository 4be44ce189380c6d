"""`import`: history from files, with a progress bar; stopped and begun again, it goes on."""

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from perennial.cli.connection import path_step
from perennial.cli.refusals import FileMissing, Refusal
from perennial.cli.session import about_file, read_text, session_of
from perennial.cli.watching import result_of, watch
from perennial.kernel.values import Json

if TYPE_CHECKING:
    from typer._click.core import Context

    from perennial.kernel.documents import Document

_PATTERN = frozenset("*?[")


class _RunFirst(TyperGroup):
    """`import FILE` is `import run FILE`."""

    def parse_args(self, ctx: "Context", args: list[str]) -> list[str]:
        """The words, with `run` before what is no command of ours."""
        is_named = bool(args) and (args[0] in self.commands or args[0] == "--help")
        return super().parse_args(ctx, args if is_named or not args else ["run", *args])


imports = typer.Typer(
    no_args_is_help=True, cls=_RunFirst, help="History from files. `import FILE` is `import run FILE`."
)


@imports.command("run")
def import_file(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="JSON Lines, CSV or Parquet, packed or not; a folder, a pattern, an s3:// or gs:// address.",
        ),
    ],
    mapping: Annotated[
        str | None, typer.Option("--mapping", metavar="MAP.yaml", help="Which column says what.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="The import's name; the file's unless told.")
    ] = None,
) -> None:
    """Import history; a second run adds nothing, an interrupted one goes on."""
    order: dict[str, Json] = {"file": _place(file)}
    if name is not None:
        order["name"] = name
    written = None if mapping is None else _mapping_in(mapping)
    if written is not None:
        order["mapping"] = written.value
    session = session_of(context)
    with session.connection() as connection, _about(file, written):
        job = connection.post("/api/imports", order)
        job = watch(connection, job, f"/api/imports/{path_step(str(job['name']))}", done="read")
        hint = "Run the same command again: it goes on where this one stopped."
        session.show(result_of(job, stopped="The import was stopped.", hint=hint))


@imports.command("suggest")
def suggest_mapping(
    context: typer.Context, file: Annotated[str, typer.Argument(metavar="FILE", help="As for `import`.")]
) -> None:
    """Print the mapping that a file speaks for, and three rows read by it; what is printed can be saved."""
    session = session_of(context)
    with session.connection() as connection, _about(file, None):
        found = connection.post("/api/imports/suggest", {"file": _place(file)})
        if session.as_json:
            session.show(found)
            return
        sys.stdout.write(str(found["yaml"]))
        rows = found["rows"] if isinstance(found["rows"], list) else []
        for row in rows:
            sys.stdout.write(f"# {json.dumps(row, ensure_ascii=False)}\n")


def _place(file: str) -> str:
    """Where a file is for whoever does the work, which may stand in another folder."""
    if "://" in file:
        return file
    path = Path(file)
    if not _PATTERN & set(file) and not path.exists():
        raise FileMissing(f"{file}: no such file.", path=file)
    return str(path.absolute()) if _PATTERN & set(file) else str(path.resolve())


def _mapping_in(name: str) -> "Document":
    from perennial.kernel.documents import read_document

    with about_file(name):
        return read_document(read_text(name), name=name)


@contextmanager
def _about(file: str, mapping: "Document | None") -> Generator[None]:
    """Say what a refusal is about: a part of the mapping, with its line, or else the file itself."""
    try:
        yield
    except Refusal as refusal:
        if mapping is None or not refusal.problem.get("problems"):
            raise Refusal({**refusal.problem, "file": file}) from refusal
        path = str(refusal.problem.get("path")).removeprefix("$.mapping")
        line = mapping.line_of(path if path.startswith("$") else f"${path}")
        raise Refusal({**refusal.problem, "file": mapping.name, "line": line}) from refusal
