"""How an instant is read that a caller wrote."""

from datetime import datetime

from perennial.api.ports import Workspace
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.values import instant_of


def instant_given(text: str | None, path: str, workspace: Workspace) -> datetime | None:
    """The instant a caller wrote, if they did."""
    return None if text is None else read_instant(text, path, workspace)


def read_instant(text: str, path: str, workspace: Workspace) -> datetime:
    """The instant a caller wrote; a date or a time without offset is local to the workspace."""
    instant = instant_of(text, workspace.zone)
    if instant is None:
        hint = "Write 2026-01-03, 2026-01-03T05:00:00 or 2026-01-03T05:00:00Z."
        raise InvalidDocument(
            [Problem(path=path, code="bad_instant", message=f"{text!r} is not an instant.", hint=hint)]
        )
    return instant
