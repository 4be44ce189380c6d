"""Files wherever they lie: found by name, folder and pattern, fetched and put in place."""

from collections.abc import Callable
from pathlib import Path

import pyarrow.fs as pafs
import pytest

from perennial.backends.objects import ObjectStorage, ObjectStorageSettings, PlaceNotUsable, TooLargeThere
from perennial.collect.imports import FileNotFound

SECRET = "never-to-be-seen"


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """A bucket `shop` with a few objects."""
    for name in ("shop/logs/a.jsonl", "shop/logs/b.jsonl.gz", "shop/logs/old/c.csv", "shop/logs/readme.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.fixture
def storage(bucket: Path) -> ObjectStorage:
    systems: dict[str, Callable[[], pafs.FileSystem]] = {
        "s3": lambda: pafs.SubTreeFileSystem(str(bucket), pafs.LocalFileSystem())
    }
    settings = ObjectStorageSettings(secret_key=SECRET, max_bytes=1_000)
    return ObjectStorage(settings, systems=systems)


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ("s3://shop/logs/a.jsonl", ["a.jsonl"]),
        ("s3://shop/logs", ["a.jsonl", "b.jsonl.gz", "old/c.csv"]),
        ("s3://shop/logs/*.jsonl*", ["a.jsonl", "b.jsonl.gz"]),
        ("s3://shop/*/*/c.csv", ["logs/old/c.csv"]),
    ],
)
def test_files_are_found_by_name_folder_and_pattern(
    storage: ObjectStorage, place: str, names: list[str]
) -> None:
    assert [file.name for file in storage.find(place)] == names


def test_a_folder_of_this_machine_is_found_as_well(storage: ObjectStorage, bucket: Path) -> None:
    assert [file.name for file in storage.find(f"{bucket}/shop/logs/*.jsonl")] == ["a.jsonl"]
    assert [file.name for file in storage.find(f"file://{bucket}/shop/logs")][-1] == "old/c.csv"


def test_an_object_is_fetched_as_it_lies_and_let_go_of(storage: ObjectStorage, tmp_path: Path) -> None:
    (found,) = storage.find("s3://shop/logs/b.jsonl.gz")
    with storage.local(found, tmp_path / "fetched") as copy:
        assert copy.read_text() == "shop/logs/b.jsonl.gz"
    assert list((tmp_path / "fetched").iterdir()) == []


def test_a_file_is_put_in_place(storage: ObjectStorage, bucket: Path, tmp_path: Path) -> None:
    (tmp_path / "export").write_text("rows")
    storage.store(tmp_path / "export", "s3://shop/out.csv.gz")
    storage.store(tmp_path / "export", str(tmp_path / "out.csv"))
    assert (bucket / "shop/out.csv.gz").read_text() == "rows"
    assert (tmp_path / "out.csv").read_text() == "rows"


def test_what_is_not_there_is_not_found(storage: ObjectStorage, tmp_path: Path) -> None:
    for place in ("s3://shop/none.csv", f"{tmp_path}/none/*.csv", "s3://shop/logs/*.parquet"):
        with pytest.raises(FileNotFound):
            storage.find(place)


@pytest.mark.parametrize("place", ["http://127.0.0.1/a.csv", "https://example.com/a.csv", "ftp://h/a.csv"])
def test_nobody_makes_us_call_other_servers(storage: ObjectStorage, place: str) -> None:
    with pytest.raises(PlaceNotUsable):
        storage.find(place)


def test_an_address_holds_no_credentials_and_they_are_not_repeated(storage: ObjectStorage) -> None:
    with pytest.raises(PlaceNotUsable) as refusal:
        storage.find(f"s3://key:{SECRET}@shop/a.csv")
    assert SECRET not in f"{refusal.value} {refusal.value.hint} {refusal.value.path}"
    assert SECRET not in repr(ObjectStorageSettings(secret_key=SECRET))


def test_more_than_may_be_fetched_is_refused_before_it_is(storage: ObjectStorage, bucket: Path) -> None:
    (bucket / "shop/logs/big.csv").write_bytes(b"x" * 2_000)
    with pytest.raises(TooLargeThere):
        storage.find("s3://shop/logs")


def test_a_place_that_cannot_be_written_leaves_nothing(storage: ObjectStorage, tmp_path: Path) -> None:
    (tmp_path / "export").write_text("rows")
    with pytest.raises(PlaceNotUsable):
        storage.store(tmp_path / "export", str(tmp_path / "no" / "such" / "folder.csv"))
