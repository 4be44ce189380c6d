"""A disk with a volatile cache: what a power cut leaves of a directory, from the journal of a process.

`volatile_disk.c` writes down what a process does to a directory and what it has made durable. From that
and from the directory as it was before, three disks are worked out:

- `strict`: what POSIX promises and nothing more. A file has the bytes it had at its last fsync; a name is
  there, or gone, only if its directory was synced afterwards.
- `journaled`: as ext4 and XFS are. Names reach the disk in the order they were made, with the next sync
  of anything; the bytes and the length of a file only with its own sync.
- `torn`: as `journaled`, and of everything that was not synced a random part survives too: names up to
  some moment, and of every file any sectors at all.
"""

import shutil
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.crash.history import Dice, History, Model, Standing

MODELS: tuple[Model, ...] = ("strict", "journaled", "torn")
_WITNESS = Path(__file__).parent / "volatile_disk.c"
# Shared memory of SQLite's connections: written through mmap, and made anew after a crash.
_MEMORY_SUFFIX = "-shm"


def compile_witness(folder: Path) -> Path:
    """The preloaded library. Raises FileNotFoundError where there is no C compiler."""
    library = folder / "volatile_disk.so"
    command = ["gcc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-fvisibility=hidden"]
    subprocess.run([*command, "-o", str(library), str(_WITNESS), "-ldl", "-lpthread"], check=True)
    return library


class Disk:
    """A directory under a witness: what a process does there, and what a power cut leaves of it."""

    def __init__(self, root: Path, library: Path) -> None:
        self.root = root.resolve()
        self._library = library
        self._before = self.root.with_name(f"{self.root.name}.before")
        self._journal = self.root.with_name(f"{self.root.name}.journal")
        self.root.mkdir(exist_ok=True)
        self.settle()

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process needs in its environment to be witnessed."""
        return {
            "LD_PRELOAD": str(self._library),
            "PERENNIAL_DISK": str(self.root),
            "PERENNIAL_DISK_JOURNAL": str(self._journal),
        }

    def settle(self) -> None:
        """Take what is on the disk now for durable, and count changes from here; with no process running."""
        shutil.rmtree(self._before, ignore_errors=True)
        shutil.copytree(self.root, self._before, symlinks=True)
        self._journal.write_bytes(b"")
        self._standing = [_standing(path, self.root) for path in [self.root, *sorted(self.root.rglob("*"))]]

    def cut(self, model: Model, *, seed: int = 0) -> int:
        """Cut the power, with no process running: the directory becomes what is left. How much was lost.

        The number counts writes, truncations and names that were made and did not survive.
        """
        history = self._history()
        lost = history.survive(model, Dice(seed))
        shutil.rmtree(self.root)
        history.write_to(self.root)
        self.settle()
        return lost

    def differences(self) -> list[str]:
        """Where the witness's account and the directory differ; to be asked when no process is writing."""
        history = self._history()
        history.survive("everything", Dice(0))
        told = self.root.with_name(f"{self.root.name}.told")
        history.write_to(told)
        ours, theirs = _contents(told), _contents(self.root)
        shutil.rmtree(told)
        names = sorted(ours.keys() | theirs.keys())
        return [name for name in names if ours.get(name) != theirs.get(name)]

    def _history(self) -> "History":
        history = History(self._standing, self._before)
        history.read(self._journal.read_bytes())
        return history


def _standing(path: Path, root: Path) -> Standing:
    found = path.lstat()
    target = str(path.readlink()) if stat.S_ISLNK(found.st_mode) else ""
    return Standing(inode=found.st_ino, path=path.relative_to(root), mode=found.st_mode, target=target)


def _contents(root: Path) -> dict[str, bytes | str | None]:
    """Every file's bytes, every link's target and every directory, by relative path."""
    found: dict[str, bytes | str | None] = {}
    for path in root.rglob("*"):
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_dir():
            found[name] = None
        elif not name.endswith(_MEMORY_SUFFIX):
            found[name] = path.read_bytes()
    return found
