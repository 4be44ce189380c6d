"""What a command that was refused prints: one problem document on standard error."""

import json
import sys
from collections.abc import Mapping

import msgspec

from perennial.kernel.errors import InvalidDocument, NotFound, PerennialError
from perennial.kernel.values import Json

_SHOWN = ("code", "message", "hint", "path")


class FileMissing(NotFound):
    """There is no such file, or it cannot be read."""

    code = "file_not_found"


class Refusal(Exception):
    """A problem document that the API answered with, or one about a file of the caller's."""

    def __init__(self, problem: Mapping[str, Json]) -> None:
        self.problem = problem
        super().__init__(str(problem.get("message", "")))


def problem_of(error: PerennialError) -> dict[str, Json]:
    """An error as the document that the API would answer with."""
    problem: dict[str, Json] = {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "path": error.path,
    }
    if isinstance(error, InvalidDocument):
        problem["problems"] = [msgspec.to_builtins(one) for one in error.problems]
    return problem


def print_problem(problem: Mapping[str, Json]) -> None:
    """Write the problem document as the last line of standard error."""
    document: dict[str, Json] = {name: problem.get(name) or "" for name in _SHOWN}
    document |= {name: problem[name] for name in ("file", "line", "problems") if problem.get(name)}
    print(json.dumps(document, ensure_ascii=False), file=sys.stderr, flush=True)  # noqa: T201  the interface
