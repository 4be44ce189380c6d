"""What happened to a directory, read from the witness's journal, and what of it a disk keeps."""

import os
import stat
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from perennial.kernel.ids import bucket

Model = Literal["strict", "journaled", "torn", "everything"]
"""`everything`: nothing is lost; what the witness saw, to be compared with what is there."""

SECTOR = 512
_ENTRY = struct.Struct("<IIQQQII")
_MAGIC = 0x6B736964
_SHARES = (0.0, 0.1, 0.5, 0.9, 1.0)
"""How much of what was not synced survives a torn cut."""


class Dice:
    """Numbers from 0 up to 1, one after the other, that a seed fixes."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._rolls = 0

    def roll(self) -> float:
        """The next number."""
        self._rolls += 1
        return bucket(str(self._rolls), salt=f"disk:{self._seed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Bytes written at an offset, or (without bytes) a new length; `place` is where the journal says so."""

    place: int
    offset: int
    written: bytes | None = None


@dataclass(slots=True, eq=False)
class Node:
    """A file, a directory or a symbolic link, whatever its names are."""

    mode: int
    target: str = ""
    origin: Path | None = None
    """Where its bytes were before the process started."""
    entries: "dict[str, Node]" = field(default_factory=dict[str, "Node"])
    """Of a directory: the names in it."""
    changes: list[Change] = field(default_factory=list[Change])
    synced: int = 0
    """Everything that happened to it before this place of the journal is durable."""

    def content(self, changes: Sequence[Change]) -> bytes:
        """Its bytes after some of its changes."""
        bytes_now = bytearray(self.origin.read_bytes() if self.origin is not None else b"")
        for change in changes:
            if change.written is None:
                del bytes_now[change.offset :]
                bytes_now.extend(bytes(change.offset - len(bytes_now)))
            else:
                bytes_now.extend(bytes(max(0, change.offset - len(bytes_now))))
                bytes_now[change.offset : change.offset + len(change.written)] = change.written
        return bytes(bytes_now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """One change of names: a node appears under one, disappears from another, or both at once."""

    place: int
    node: Node | None = None
    old: tuple[Node, str] | None = None
    new: tuple[Node, str] | None = None
    is_exchange: bool = False

    @property
    def synced(self) -> int:
        """Up to where one of the directories that hold this change is durable."""
        return max(named[0].synced for named in (self.old, self.new) if named is not None)

    def carry_out(self) -> None:
        """Change the names."""
        if self.is_exchange and self.old is not None and self.new is not None:
            (here, one), (there, other) = self.old, self.new
            here.entries[one], there.entries[other] = there.entries[other], here.entries[one]
            return
        if self.old is not None:
            self.old[0].entries.pop(self.old[1], None)
        if self.new is not None and self.node is not None:
            self.new[0].entries[self.new[1]] = self.node


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Something that was there before the process started, and its inode then."""

    inode: int
    path: Path
    mode: int
    target: str = ""


class History:
    """Everything that happened to a directory, in order."""

    def __init__(self, standing: Sequence[Standing], before: Path) -> None:
        self._nodes: dict[int, Node] = {}
        self._namings: list[Naming] = []
        self._last_sync = 0
        self._all: list[Node] = []
        by_path: dict[Path, Node] = {}
        for one in standing:
            origin = before / one.path if stat.S_ISREG(one.mode) else None
            node = self._add(one.inode, Node(one.mode, target=one.target, origin=origin))
            by_path[one.path] = node
            if one.path != Path():
                by_path[one.path.parent].entries[one.path.name] = node
        self._top = by_path[Path()]

    def read(self, journal: bytes) -> None:
        """Take the witness's journal in; an entry that the kill cut short did not happen."""
        place = 0
        while place + _ENTRY.size <= len(journal):
            magic, kind, inode, parent, other, mode, size = _ENTRY.unpack_from(journal, place)
            assert magic == _MAGIC, f"the journal is damaged at {place}"
            start, after = place + _ENTRY.size, place + _ENTRY.size + size
            if after > len(journal):
                return
            entry = _Entry(
                place=place, inode=inode, parent=parent, other=other, mode=mode, body=journal[start:after]
            )
            _READERS[chr(kind)](self, entry)
            place = after

    def survive(self, model: Model, chance: Dice) -> int:
        """Reduce every node to what survives; how many changes that left out."""
        names_until = self._names_until(model, chance)
        lost = 0
        for naming in self._namings:
            if naming.place < naming.synced or (names_until is not None and naming.place < names_until):
                naming.carry_out()
            else:
                lost += 1
        for node in self._all:
            if model != "everything":
                kept = [change for change in node.changes if change.place < node.synced]
                lost += len(node.changes) - len(kept)
                late = node.changes[len(kept) :] if model == "torn" else []
                node.changes = [*kept, *_torn(late, chance)]
        return lost

    def write_to(self, root: Path) -> None:
        """Make the directory as it is now."""
        _write(self._top, root, {})

    def _names_until(self, model: Model, chance: Dice) -> int | None:
        """Up to where names survive, whether their directories were synced or not."""
        if model == "strict":
            return None
        last = max((naming.place for naming in self._namings), default=0) + 1
        if model == "everything":
            return last
        if model == "journaled":
            return self._last_sync
        return self._last_sync + round(chance.roll() * max(0, last - self._last_sync))

    def _add(self, inode: int, node: Node) -> Node:
        self._nodes[inode] = node
        self._all.append(node)
        return node

    # --- entries of the journal, by kind ----------------------------------------------------------

    def write(self, entry: "_Entry") -> None:
        """Bytes at an offset."""
        change = Change(place=entry.place, offset=entry.other, written=entry.body)
        self._nodes[entry.inode].changes.append(change)

    def resize(self, entry: "_Entry") -> None:
        """A new length."""
        self._nodes[entry.inode].changes.append(Change(place=entry.place, offset=entry.other))

    def create(self, entry: "_Entry") -> None:
        """A new file, directory or symbolic link."""
        name, target = entry.names()
        node = self._add(entry.inode, Node(entry.mode, target=target))
        self._namings.append(Naming(place=entry.place, node=node, new=(self._nodes[entry.parent], name)))

    def link(self, entry: "_Entry") -> None:
        """A further name."""
        new = (self._nodes[entry.parent], entry.names()[0])
        self._namings.append(Naming(place=entry.place, node=self._nodes[entry.inode], new=new))

    def unlink(self, entry: "_Entry") -> None:
        """A name taken away."""
        old = (self._nodes[entry.parent], entry.names()[0])
        self._namings.append(Naming(place=entry.place, old=old))

    def rename(self, entry: "_Entry", *, is_exchange: bool = False) -> None:
        """A name moved, over another one if need be: one change, whole or not at all."""
        before, after = entry.names()
        self._namings.append(
            Naming(
                place=entry.place,
                node=self._nodes[entry.inode],
                old=(self._nodes[entry.parent], before),
                new=(self._nodes[entry.other], after),
                is_exchange=is_exchange,
            )
        )

    def exchange(self, entry: "_Entry") -> None:
        """Two names swapped."""
        self.rename(entry, is_exchange=True)

    def sync(self, entry: "_Entry") -> None:
        """What happened to a node before a place is durable."""
        node = self._nodes[entry.inode]
        node.synced = max(node.synced, entry.other)
        self._last_sync = max(self._last_sync, entry.other)

    def sync_all(self, entry: "_Entry") -> None:
        """What happened to anything before a place is durable."""
        for node in self._all:
            node.synced = max(node.synced, entry.other)
        self._last_sync = max(self._last_sync, entry.other)

    def fail(self, entry: "_Entry") -> None:
        """A file came from outside or went there: this account cannot tell its bytes."""
        raise AssertionError(f"moved across the disk's border: {entry.names()}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    place: int
    inode: int
    parent: int
    other: int
    mode: int
    body: bytes

    def names(self) -> tuple[str, str]:
        """The two names of an entry; the second may be empty."""
        first, second, _ = self.body.split(b"\0")
        return os.fsdecode(first), os.fsdecode(second)


_READERS: Mapping[str, Callable[[History, _Entry], None]] = {
    "W": History.write,
    "T": History.resize,
    "C": History.create,
    "L": History.link,
    "U": History.unlink,
    "R": History.rename,
    "X": History.exchange,
    "S": History.sync,
    "A": History.sync_all,
    "?": History.fail,
}


def _torn(late: Sequence[Change], chance: Dice) -> Iterator[Change]:
    """Some sectors of what was not synced: the cache had begun to write it back, in no order."""
    share = _SHARES[int(chance.roll() * len(_SHARES))]
    for change in late:
        if change.written is None:
            if chance.roll() < share:
                yield change
            continue
        end = change.offset + len(change.written)
        start = change.offset
        while start < end:
            stop = min(end, start - start % SECTOR + SECTOR)
            if chance.roll() < share:
                written = change.written[start - change.offset : stop - change.offset]
                yield Change(place=change.place, offset=start, written=written)
            start = stop


def _write(node: Node, path: Path, names: dict[int, Path]) -> None:
    """Make a node and everything below it; a second name of a file is a link to the first."""
    if stat.S_ISLNK(node.mode):
        path.symlink_to(node.target)
    elif stat.S_ISDIR(node.mode):
        path.mkdir()
        for name, inside in node.entries.items():
            _write(inside, path / name, names)
        path.chmod(stat.S_IMODE(node.mode))
    elif id(node) in names:
        path.hardlink_to(names[id(node)])
    else:
        path.write_bytes(node.content(node.changes))
        path.chmod(stat.S_IMODE(node.mode))
        names[id(node)] = path
