"""The data directory: made where it is missing, and held by one process at a time."""

import fcntl
import os
import shutil
from pathlib import Path

from perennial.kernel.errors import PerennialError


class HomeInUse(PerennialError):
    """Another process has this data directory open."""

    code = "home_in_use"


class HomeNotWritable(PerennialError):
    """The data directory cannot be made or written to."""

    code = "not_writable"


def make_directory(path: Path, *, mode: int = 0o777) -> None:
    """Make a directory, and those above it, where they are missing; its name survives a power cut.

    A synced file is not enough: it is lost with a directory that nobody synced. Raises OSError.
    """
    if not path.parent.is_dir():
        make_directory(path.parent)
    path.mkdir(mode=mode, exist_ok=True)
    sync_directory(path.parent)


def remove_directory(path: Path) -> None:
    """Take a directory away with everything in it; it is gone after a power cut too. Idempotent."""
    if path.exists():
        shutil.rmtree(path)
        sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make durable which names stand in a directory. Raises OSError."""
    try:
        directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        # Somebody else's directory that may be entered and not read: it is the system's to write it back.
        return
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def free_space(path: Path) -> tuple[int, int]:
    """Free and total bytes where a directory is."""
    usage = shutil.disk_usage(path)
    return usage.free, usage.total


class HomeLock:
    """Holds a data directory until it is let go; the system lets go for a process that dies."""

    def __init__(self, home: Path) -> None:
        try:
            # Only its owner: it holds addresses, keys and what people did.
            make_directory(home, mode=0o700)
            self._file = os.open(home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise HomeNotWritable(
                f"The data directory {home} cannot be written to: {error.strerror}.",
                hint="Choose another with --home, or mend its owner and permissions.",
                path=str(home),
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._file, 20).decode().strip()
            os.close(self._file)
            raise HomeInUse(
                f"The data directory {home} is in use by process {holder or 'unknown'}.",
                hint="Stop that process, or let it finish; commands talk to a running server by themselves.",
                path=str(home),
            ) from error
        os.ftruncate(self._file, 0)
        os.write(self._file, str(os.getpid()).encode())

    def release(self) -> None:
        """Let go of the directory."""
        os.close(self._file)
