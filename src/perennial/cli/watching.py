"""Following a job to its end, with a progress bar where a person looks on."""

import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

from perennial.cli.connection import Connection
from perennial.cli.refusals import Refusal
from perennial.kernel.values import Json

_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 0.5


def watch(connection: Connection, job: Mapping[str, Json], path: str, *, done: str) -> Mapping[str, Json]:
    """Follow a job to its end; an interrupt cancels it and waits for the batch at hand.

    `done` is the member that says how far it is.
    """
    pause = _FIRST_PAUSE_SECONDS
    with _progress() as show:
        while job["state"] == "running":
            try:
                time.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                job = connection.watch(path)
                so_far, total = job.get(done), job.get("total")
                show(
                    "rows",
                    so_far if isinstance(so_far, int) else 0,
                    total if isinstance(total, int) else None,
                )
            except KeyboardInterrupt:
                job = connection.delete(path)
    return job


def result_of(job: Mapping[str, Json], *, stopped: str, hint: str) -> Mapping[str, Json]:
    """What a job came to. Raises Refusal where it failed or was stopped."""
    result, problem = job.get("result"), job.get("problem")
    if isinstance(problem, Mapping) and job["state"] != "cancelled":
        raise Refusal(problem)
    if job["state"] == "cancelled" or not isinstance(result, Mapping):
        raise Refusal({"code": "cancelled", "message": stopped, "hint": hint})
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
