"""Object storage and files of this machine, through Arrow's file systems: found, fetched, put in place."""

import re
import shutil
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import pyarrow.fs as pafs

from perennial.collect.imports.model import FoundFile
from perennial.collect.imports.opening import FileNotFound, is_known
from perennial.kernel.errors import Refused, nearest, telling_full_disk

_CHUNK = 4 * 1024 * 1024
_PATTERN = frozenset("*?[")
_AWS_CODE = re.compile(r"AWS Error ([A-Z_]+)")


class PlaceNotUsable(Refused):
    """Files cannot be read or written there."""

    code = "place_not_usable"


class TooLargeThere(Refused):
    """The files there are larger than an import may fetch."""

    code = "too_large"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectStorageSettings:
    """How object storage is reached; without keys, as the machine's own environment says."""

    endpoint: str = ""
    """Of a store that speaks S3 and is not Amazon's: `http://127.0.0.1:9000`."""
    region: str = ""
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    max_bytes: int = 100 * 1024**3
    """The most that one import fetches."""


class ObjectStorage:
    """`collect.imports.ports.ImportPlaces` and `runtime.exports.ports.Storage`.

    A place is a path, a folder, a pattern (`logs/*.jsonl.gz`), or one of these in object storage
    (`s3://bucket/logs/`, `gs://…`, `file:///…`). No web addresses: nobody makes us call other servers.
    """

    def __init__(
        self,
        settings: ObjectStorageSettings,
        *,
        systems: Mapping[str, Callable[[], pafs.FileSystem]] | None = None,
    ) -> None:
        """`systems` replaces how the file system of a scheme is made."""
        self._settings = settings
        self._systems = systems or {"s3": lambda: self._s3, "gs": pafs.GcsFileSystem}

    def find(self, place: str) -> Sequence[FoundFile]:
        """The files at a place, by name. Raises FileNotFound, PlaceNotUsable."""
        with _using(place):
            system, path = self._system(place)
            found = _found(system, path, scheme=_scheme(place))
        if not found:
            raise FileNotFound(f"There is no file {place}.", path=place)
        if _scheme(place) and sum(one.size for one in found) > self._settings.max_bytes:
            raise TooLargeThere(hint="Name fewer of them, or raise `[object_storage] max_bytes`.", path=place)
        return found

    @contextmanager
    def local(self, file: FoundFile, directory: Path) -> Generator[Path]:
        """A found file as a file of this machine, for as long as the block lasts."""
        if not _scheme(file.place):
            yield Path(file.place)
            return
        directory.mkdir(parents=True, exist_ok=True)
        copy = directory / PurePosixPath(file.place).name
        try:
            with _using(file.place), telling_full_disk():
                system, path = self._system(file.place)
                # As it lies there: what is packed is unpacked when it is read.
                with system.open_input_stream(path, compression=None) as source, copy.open("wb") as sink:
                    shutil.copyfileobj(source, sink, _CHUNK)
            yield copy
        finally:
            copy.unlink(missing_ok=True)

    def store(self, file: Path, place: str) -> None:
        """Put a file to its place, whole or not at all. Raises PlaceNotUsable."""
        with _using(place):
            if not _scheme(place):
                _store_here(file, Path(place))
                return
            system, path = self._system(place)
            # An object appears when its stream is closed, and only then.
            with file.open("rb") as source, system.open_output_stream(path, compression=None) as sink:
                shutil.copyfileobj(source, sink, _CHUNK)

    def _system(self, place: str) -> tuple[pafs.FileSystem, str]:
        scheme = _scheme(place)
        if not scheme:
            return pafs.LocalFileSystem(), place
        split = urlsplit(place)
        if split.username or split.password or split.query:
            raise PlaceNotUsable(
                "An address holds no credentials.", hint="Say them in settings.toml, `[object_storage]`."
            )
        if scheme == "file":
            return pafs.LocalFileSystem(), split.path
        if scheme not in self._systems:
            known = ["file://", *(f"{one}://" for one in self._systems)]
            raise PlaceNotUsable(f"There is no storage {scheme}://.", hint=nearest(f"{scheme}://", known))
        return self._systems[scheme](), f"{split.netloc}{split.path}"

    @cached_property
    def _s3(self) -> pafs.FileSystem:
        told = self._settings
        return pafs.S3FileSystem(
            endpoint_override=told.endpoint or None,
            region=told.region or None,
            access_key=told.access_key or None,
            secret_key=told.secret_key or None,
            connect_timeout=10,
            request_timeout=60,
        )


def _scheme(place: str) -> str:
    scheme, separator, _ = place.partition("://")
    return scheme.lower() if separator else ""


def _found(system: pafs.FileSystem, path: str, *, scheme: str) -> list[FoundFile]:
    base = _fixed_part(path)
    if base == path:
        at = system.get_file_info(path)
        if at.type == pafs.FileType.File:
            return [_file(at, PurePosixPath(path).name, scheme)]
        if at.type != pafs.FileType.Directory:
            return []
    inside = system.get_file_info(pafs.FileSelector(base or ".", recursive=True, allow_not_found=True))
    files = [one for one in inside if one.type == pafs.FileType.File and is_known(one.path)]
    if base != path:
        files = [one for one in files if _matches(one.path, path)]
    return [_file(one, _below(one.path, base), scheme) for one in sorted(files, key=lambda one: one.path)]


def _fixed_part(path: str) -> str:
    """A path up to its first step with a wildcard: what is listed to look for the rest."""
    steps = path.split("/")
    fixed = next((place for place, step in enumerate(steps) if _PATTERN & set(step)), len(steps))
    return path if fixed == len(steps) else "/".join(steps[:fixed])


def _matches(path: str, pattern: str) -> bool:
    """Step by step, so that `*` stays within one folder."""
    steps, wanted = path.removeprefix("./").split("/"), pattern.removeprefix("./").split("/")
    return len(steps) == len(wanted) and all(
        fnmatchcase(step, want) for step, want in zip(steps, wanted, strict=True)
    )


def _below(path: str, base: str) -> str:
    return path.removeprefix(base.rstrip("/") + "/") if base else path.removeprefix("./")


def _file(at: pafs.FileInfo, name: str, scheme: str) -> FoundFile:
    return FoundFile(name=name, place=f"{scheme}://{at.path}" if scheme else at.path, size=at.size)


def _store_here(file: Path, place: Path) -> None:
    """Beside it first: a rename is whole, a copy from another disk is not."""
    beside = place.with_name(f".{place.name}.partial")
    try:
        with telling_full_disk():
            shutil.copyfile(file, beside)
            beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _using(place: str) -> Generator[None]:
    """Failures of a storage as ours; of its words only the code, which holds nobody's secret."""
    try:
        yield
    except OSError as error:
        code = _AWS_CODE.search(str(error))
        hint = code[1].replace("_", " ").lower() if code else (error.strerror or "It does not answer.")
        raise PlaceNotUsable("Files cannot be read or written there.", hint=hint, path=_bare(place)) from None


def _bare(place: str) -> str:
    """A place without what might be a password in it."""
    scheme, separator, rest = place.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else place
