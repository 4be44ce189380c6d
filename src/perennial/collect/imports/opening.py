"""What a file is by its name, and its bytes: compressed ones unpacked as they are read."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

import pyarrow as pa

from perennial.kernel.errors import NotFound, Refused, nearest

Format = Literal["lines", "csv", "parquet"]
FORMATS: dict[str, Format] = {
    ".jsonl": "lines",
    ".ndjson": "lines",
    ".json": "lines",
    ".csv": "csv",
    ".parquet": "parquet",
}
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2"}
LONGEST_LINE = 1024 * 1024
"""Bytes; a call has at most 32 KB, and what is longer than this is not read into memory to say so."""
_BUFFER = 1024 * 1024


class FileNotReadable(Refused):
    """The file cannot be read as what its name says."""

    code = "unreadable_file"


class FileNotFound(NotFound):
    """There is no such file."""

    code = "file_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a file is, by its name."""

    format: Format
    compression: str | None = None


def kind_of(name: str) -> Kind:
    """What a file of this name is. Raises FileNotReadable."""
    path = Path(name.lower())
    compression = COMPRESSIONS.get(path.suffix)
    inner = path.with_suffix("") if compression else path
    found = FORMATS.get(inner.suffix)
    if found is None:
        raise FileNotReadable(f"{name} is of no known kind.", hint=nearest(inner.suffix, FORMATS))
    if found == "parquet" and compression:
        raise FileNotReadable(f"{name} is packed twice.", hint="Parquet compresses itself: unpack it first.")
    return Kind(format=found, compression=compression)


def is_known(name: str) -> bool:
    """Whether a file of this name can be imported."""
    try:
        kind_of(name)
    except FileNotReadable:
        return False
    return True


def unpacked(path: Path, kind: Kind) -> BinaryIO:
    """A file's bytes, unpacked as they are read."""
    if kind.compression is None:
        return path.open("rb")
    packed = pa.CompressedInputStream(pa.OSFile(str(path), "rb"), kind.compression)
    # Arrow's files read into buffers as Python's raw files do, and are typed as nothing.
    return io.BufferedReader(cast("io.RawIOBase", packed), _BUFFER)


def bounded_lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file; of one that is too long its beginning, a byte longer than is allowed."""
    while line := file.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            _skip_line(file)
        yield line


def _skip_line(file: BinaryIO) -> None:
    while rest := file.readline(LONGEST_LINE):
        if rest.endswith(b"\n"):
            return
