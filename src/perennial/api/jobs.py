"""Imports and exports that run while their caller watches."""

import threading
from collections.abc import Callable
from typing import Generic, Literal, TypeVar

import structlog

from perennial.api.ports import Workspace
from perennial.api.problems import HttpProblem, problem_of, write_problem
from perennial.kernel.errors import NotFound, PerennialError, Refused, nearest

State = Literal["running", "done", "failed", "cancelled"]
_log = structlog.get_logger(__name__)

T = TypeVar("T")

Advance = Callable[[int, int | None], None]
"""Hears how far a job is, and how far it goes."""
Work = Callable[[Advance, Callable[[], bool]], T]
"""What a job does; it is told whom to tell, and whom to ask whether it was cancelled."""


class ImportRunning(Refused):
    """An import of this name is running already."""

    code = "import_running"


class Job(Generic[T]):
    """One piece of work on a thread of its own."""

    def __init__(self, kind: str, name: str, work: Work[T]) -> None:
        self.name = name
        self.state: State = "running"
        self.read = 0
        self.total: int | None = None
        self.result: T | None = None
        self.failure: HttpProblem | None = None
        self._kind = kind
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(work,), name=f"{kind} {name}")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def cancel(self) -> None:
        """Stop after the batch at hand; what was imported stays, and a second run goes on from there."""
        self._cancelled.set()

    def join(self) -> None:
        """Wait until the thread is through."""
        self._thread.join()

    def _run(self, work: Work[T]) -> None:
        try:
            self.result = work(self._advance, self._cancelled.is_set)
            self.state = "cancelled" if self._cancelled.is_set() else "done"
        except PerennialError as refusal:
            self.failure = problem_of(refusal)
            self.state = "cancelled" if self._cancelled.is_set() else "failed"
        except Exception as crash:  # noqa: BLE001  a thread's last frame: whoever watches must hear of it
            _log.error(f"{self._kind}_crashed", name=self.name, exc_info=crash)
            self.failure = write_problem(
                500, code="internal", message=f"The {self._kind} failed; the log says why."
            )
            self.state = "failed"

    def _advance(self, read: int, total: int | None) -> None:
        self.read, self.total = read, total


class Jobs(Generic[T]):
    """The jobs of one kind in this process, by workspace and name; the last of each name is remembered."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._jobs: dict[tuple[str, str], Job[T]] = {}
        self._lock = threading.Lock()

    def start(self, workspace: Workspace, name: str, work: Work[T]) -> Job[T]:
        """Begin a job; raises ImportRunning where one of this name is under way."""
        key = (workspace.name, name)
        with self._lock:
            earlier = self._jobs.get(key)
            if earlier is not None and earlier.state == "running":
                raise ImportRunning(hint=f"Watch it at /api/{self._kind}s/{name}.")
            job = self._jobs[key] = Job(self._kind, name, work)
            job.start()
        return job

    def find(self, workspace: Workspace, name: str) -> Job[T]:
        """The newest job of this name; raises NotFound."""
        job = self._jobs.get((workspace.name, name))
        if job is None:
            known = [named for owner, named in self._jobs if owner == workspace.name]
            raise NotFound(f"No {self._kind} is called {name!r}.", hint=nearest(name, known))
        return job

    def close(self) -> None:
        """Cancel what runs and wait for it."""
        running = [job for job in self._jobs.values() if job.state == "running"]
        for job in running:
            job.cancel()
        for job in running:
            job.join()
