"""A workspace's files, searched byte by byte for what should not be there any more."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

_PORTION = 8 * 2**20


class WorkspaceFiles:
    """`collect.privacy.ports.FileErasure` on a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def count(self) -> Mapping[str, int]:
        """How many exports wait to be fetched."""
        waiting = len(self._waiting())
        return {"exports waiting": waiting} if waiting else {}

    def erase(self) -> None:
        """Remove exports that wait to be fetched: whoever asked for them asks again."""
        for file in self._waiting():
            file.unlink(missing_ok=True)

    def _waiting(self) -> list[Path]:
        return [file for file in (self._folder / "transfers").glob("*/export*") if file.is_file()]

    def search(self, texts: Sequence[str]) -> tuple[int, int]:
        """How many files were searched byte by byte, and in how many of them one of these was found."""
        pattern = re.compile(b"|".join(re.escape(text.encode()) for text in texts))
        longest = max(len(text.encode()) for text in texts)
        files = [file for file in sorted(self._folder.rglob("*")) if file.is_file()]
        return len(files), sum(_holds(file, pattern, longest) for file in files)


def _holds(file: Path, pattern: re.Pattern[bytes], longest: int) -> bool:
    tail = b""
    try:
        with file.open("rb") as opened:
            while portion := opened.read(_PORTION):
                if pattern.search(tail + portion):
                    return True
                tail = portion[-longest:]
    except FileNotFoundError:
        pass  # removed while we looked
    return False
