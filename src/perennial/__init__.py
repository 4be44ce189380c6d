"""Perennial closes one loop: what happened, who it was, what we know, what should happen now, did it help?

`perennial.open(directory)` opens a data directory for a notebook or a program:

    with perennial.open("my-home") as app:
        app.workspace().count_people({"did": "order_paid", "within": "30d"})
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perennial.kernel.clock import Clock
    from perennial.wiring import App

__version__ = "0.1.0"
__all__ = ["open"]


def open(home: str | Path, *, clock: "Clock | None" = None) -> "App":
    """Open a data directory, made where it is missing; close it when done (`with` does).

    `clock` replaces the machine's, for rehearsals. Raises a PerennialError with code `home_in_use` where
    another process has it open, `newer_version`, `not_writable`.
    """
    from perennial.wiring import open_app

    return open_app(Path(home), clock=clock)
