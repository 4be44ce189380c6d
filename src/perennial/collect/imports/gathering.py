"""Importing whatever lies at a place: one file, or each of a folder under its own name."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from perennial.collect.imports.model import ImportResult
from perennial.collect.imports.ports import ImportPlaces
from perennial.collect.imports.service import Imports
from perennial.kernel.values import Json


class Gathering:
    """Imports of one workspace from wherever files lie."""

    def __init__(self, imports: Imports, places: ImportPlaces, *, directory: Path) -> None:
        """`directory` holds what is fetched from elsewhere, while it is read."""
        self._imports = imports
        self._places = places
        self._directory = directory

    def run_file(self, file: Path, *, mapping: Mapping[str, Json], name: str) -> ImportResult:
        """Import a file that is here already."""
        return self._imports.run(file, mapping=mapping, name=name)

    @contextmanager
    def first(self, place: str) -> Generator[Path]:
        """The first file at a place, as a file of this machine for as long as the block lasts."""
        with self._places.local(self._places.find(place)[0], self._directory) as local:
            yield local

    def run(
        self,
        place: str,
        *,
        mapping: Mapping[str, Json] | None = None,
        name: str | None = None,
        progress: Callable[[int, int | None], None] = lambda _read, _total: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> ImportResult:
        """Import every file there; those of a folder that were imported as they are now are skipped.

        Stopped, it goes on with the file it was at. Raises what `Imports.run` does, at the first such file.
        """
        files = self._places.find(place)
        is_one = len(files) == 1 and PurePosixPath(place).name == files[0].name
        whole = name or name_of(place)
        total = ImportResult()
        for file in files:
            if is_cancelled():
                break
            before = total.read

            def advance(read: int, rows: int | None, before: int = before) -> None:
                progress(before + read, rows if is_one else None)

            with self._places.local(file, self._directory) as local:
                result = self._imports.run(
                    local,
                    mapping=mapping,
                    name=whole if is_one else f"{whole}/{file.name}",
                    progress=advance,
                    is_cancelled=is_cancelled,
                    skips_done=not is_one,
                )
            total = _sum(total, result)
        return total


def name_of(place: str) -> str:
    """What an import is called unless told: the file, or the folder, or a pattern's folder."""
    steps = [step for step in place.partition("://")[2].split("/") if step] if "://" in place else []
    steps = steps or [step for step in place.split("/") if step not in ("", ".")]
    fixed = [step for step in steps if not set("*?[") & set(step)]
    return fixed[-1] if fixed else place


def _sum(one: ImportResult, other: ImportResult) -> ImportResult:
    return replace(
        one,
        read=one.read + other.read,
        accepted=one.accepted + other.accepted,
        duplicates=one.duplicates + other.duplicates,
        rejected=one.rejected + other.rejected,
    )
