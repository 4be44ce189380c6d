"""A progress bar for people, on standard error."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


class Bar:
    """One line that moves, named after what is being done."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=Console(stderr=True))
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def __call__(self, doing: str, done: int, total: int | None) -> None:
        """Move the line to where the work has come; another name begins another line."""
        if doing not in self._tasks:
            self._tasks[doing] = self._progress.add_task(doing, total=None)
        self._progress.update(self._tasks[doing], completed=done, total=total)
