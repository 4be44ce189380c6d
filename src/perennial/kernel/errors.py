"""Errors that teach: a stable code, one sentence, a hint, and the place of the mistake."""

import errno
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake in a document: where it is, what it is, and what would be right."""

    path: str
    """JSON path from the document's root, `$` for the root: `$.nodes.pause.wait`."""
    code: str
    message: str
    hint: str = ""
    line: int | None = None
    """Line in the file it was read from, from 1, where there was a file."""


class PerennialError(Exception):
    """Something was refused or failed."""

    code: ClassVar[str] = "failed"
    is_our_fault: ClassVar[bool] = False

    def __init__(self, message: str | None = None, *, hint: str = "", path: str = "") -> None:
        self.message = message or (type(self).__doc__ or "").strip().split("\n")[0]
        self.hint = hint
        self.path = path
        super().__init__(self.message)


class InvalidDocument(PerennialError):
    """The document has mistakes; each is listed with its place."""

    code = "invalid_document"

    def __init__(self, problems: Sequence[Problem], *, message: str | None = None) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(message or first.message, hint=first.hint, path=first.path)


class Refused(PerennialError):
    """The request cannot be carried out as it stands."""

    code = "refused"


class NotFound(PerennialError):
    """There is nothing by this name."""

    code = "not_found"


class NotSupported(PerennialError):
    """This is not built yet, or this engine cannot do it."""

    code = "not_supported"


class Unavailable(PerennialError):
    """Something we depend on does not answer; nothing was lost, try again."""

    code = "unavailable"
    is_our_fault = True


class DiskFull(Unavailable):
    """There is no room left on the disk; nothing of this was kept. Make room, then send it again."""

    code = "disk_full"


@contextmanager
def telling_full_disk() -> Generator[None]:
    """The system's word that there is no room, as ours; every other failure as it is."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(path=str(error.filename or "")) from error
        raise


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint naming the closest known word, or the whole short list where none is close."""
    words = sorted(known)
    close = get_close_matches(word, words, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {close[0]!r}?"
    if not words:
        return ""
    listed = ", ".join(words[:12]) + (", …" if len(words) > 12 else "")
    return f"Known here: {listed}."
