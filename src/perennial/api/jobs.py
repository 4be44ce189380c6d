"""Imports that run while their caller watches."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

from perennial.api.ports import Workspace
from perennial.api.problems import HttpProblem, problem_of, write_problem
from perennial.collect.imports.model import ImportResult
from perennial.kernel.errors import NotFound, PerennialError, Refused, nearest
from perennial.kernel.values import Json

State = Literal["running", "done", "failed", "cancelled"]
_log = structlog.get_logger(__name__)


class ImportRunning(Refused):
    """An import of this name is running already."""

    code = "import_running"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A file to import, and how to read it."""

    file: Path
    name: str
    mapping: Mapping[str, Json] | None


class Job:
    """One import on a thread of its own."""

    def __init__(self, workspace: Workspace, order: Order) -> None:
        self.name = order.name
        self.state: State = "running"
        self.read = 0
        self.total: int | None = None
        self.result: ImportResult | None = None
        self.failure: HttpProblem | None = None
        self._cancelled = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(workspace, order), name=f"import {order.name}"
        )

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def cancel(self) -> None:
        """Stop after the batch at hand; what was imported stays, and a second run goes on from there."""
        self._cancelled.set()

    def join(self) -> None:
        """Wait until the thread is through."""
        self._thread.join()

    def _run(self, workspace: Workspace, order: Order) -> None:
        try:
            self.result = workspace.import_file(
                order.file,
                mapping=order.mapping,
                name=order.name,
                progress=self._advance,
                is_cancelled=self._cancelled.is_set,
            )
            self.state = "cancelled" if self._cancelled.is_set() else "done"
        except PerennialError as refusal:
            self.failure = problem_of(refusal)
            self.state = "cancelled" if self._cancelled.is_set() else "failed"
        except Exception as crash:  # noqa: BLE001  a thread's last frame: whoever watches must hear of it
            _log.error("import_crashed", name=order.name, exc_info=crash)
            self.failure = write_problem(500, code="internal", message="The import failed; the log says why.")
            self.state = "failed"

    def _advance(self, read: int, total: int | None) -> None:
        self.read, self.total = read, total


class ImportJobs:
    """The imports of this process, by workspace and name; the last of each name is remembered."""

    def __init__(self) -> None:
        self._jobs: dict[tuple[str, str], Job] = {}
        self._lock = threading.Lock()

    def start(self, workspace: Workspace, order: Order) -> Job:
        """Begin an import; raises ImportRunning where one of this name is under way."""
        key = (workspace.name, order.name)
        with self._lock:
            earlier = self._jobs.get(key)
            if earlier is not None and earlier.state == "running":
                raise ImportRunning(hint=f"Watch it at /api/imports/{order.name}.")
            job = self._jobs[key] = Job(workspace, order)
            job.start()
        return job

    def find(self, workspace: Workspace, name: str) -> Job:
        """The newest import of this name; raises NotFound."""
        job = self._jobs.get((workspace.name, name))
        if job is None:
            known = [named for owner, named in self._jobs if owner == workspace.name]
            raise NotFound(f"No import is called {name!r}.", hint=nearest(name, known))
        return job

    def close(self) -> None:
        """Cancel what runs and wait for it."""
        running = [job for job in self._jobs.values() if job.state == "running"]
        for job in running:
            job.cancel()
        for job in running:
            job.join()
