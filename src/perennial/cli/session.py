"""What every command gets: where it works, how it asks, and how it prints."""

import json
import os
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from perennial.cli.connection import Connection, OpenHome, Place, connect
from perennial.cli.refusals import FileMissing, Refusal, problem_of
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One run of the command line."""

    place: Place
    as_json: bool
    open_home: OpenHome

    @contextmanager
    def connection(self, *, may_create: bool = False) -> Generator[Connection]:
        """The API, wherever it is."""
        with connect(replace(self.place, may_create=may_create), self.open_home) as connection:
            yield connection

    def show(self, document: Mapping[str, Json]) -> None:
        """Print a command's result: one JSON document with `--json`, else words and tables for people."""
        if self.as_json:
            sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
            sys.stdout.flush()
            return
        from perennial.cli.tables import print_tables

        print_tables(document)


def session_of(context: typer.Context) -> Session:
    """The session that the global options made."""
    session = context.obj
    if not isinstance(session, Session):
        raise TypeError("the command line was entered without its global options")
    return session


def read_text(name: str) -> str:
    """A file's text, or standard input for `-`; raises FileMissing."""
    if name == STANDARD_INPUT:
        return sys.stdin.read()
    try:
        return Path(name).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileMissing(f"{name} is not UTF-8 text.", path=name) from error
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "cannot be read"
        raise FileMissing(
            f"{name}: {reason}.", path=name, hint="Check the path; `-` reads standard input."
        ) from error


@contextmanager
def about_file(name: str) -> Generator[None]:
    """Name the file, and the line of the first mistake, in any refusal of what was read from it."""
    try:
        yield
    except Refusal as refusal:
        raise Refusal({**refusal.problem, "file": name, **_first_line(refusal.problem)}) from refusal
    except InvalidDocument as error:
        problem = problem_of(error)
        raise Refusal({**problem, "file": name, **_first_line(problem)}) from error


def _first_line(problem: Mapping[str, Json]) -> dict[str, Json]:
    problems = problem.get("problems")
    if not isinstance(problems, Sequence) or isinstance(problems, str) or not problems:
        return {}
    first = problems[0]
    return {"line": first.get("line")} if isinstance(first, Mapping) else {}
