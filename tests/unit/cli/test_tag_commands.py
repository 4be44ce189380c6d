"""What `tag` and `people tags` ask the API for, and what they print."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from perennial.cli.connection import Place
from perennial.cli.main import main
from perennial.testing.installation import FakeInstallation

MARCH = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def installation() -> FakeInstallation:
    return FakeInstallation()


def run(installation: FakeInstallation, home: Path, *words: str) -> int:
    @contextmanager
    def open_home(_place: Place) -> Generator[FakeInstallation]:
        yield installation

    return main(["--home", str(home), *words], open_home=open_home)


def asked(installation: FakeInstallation, method: str) -> object:
    return dict(installation.workspaces["default"].asked)[method]


def test_a_diff_sends_the_document_as_it_was_written(
    installation: FakeInstallation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "tag.yaml"
    file.write_text("id: stage  # 阶段\n", encoding="utf-8")
    words = ("--as-of", "2026-03-01T00:00:00Z", "--limit", "5", "--after", "20")
    assert run(installation, tmp_path, "--json", "tag", "diff", str(file), *words) == 0
    assert asked(installation, "diff_tag") == ("id: stage  # 阶段\n", MARCH, 5, "20")
    told = json.loads(capsys.readouterr().out)
    assert told["changes"] == [
        {"profile_id": "prf_0000000000001", "user_id": "p1", "before": "new", "after": "active"}
    ]


def test_transitions_are_asked_with_moments_and_a_step(
    installation: FakeInstallation, tmp_path: Path
) -> None:
    words = ("--from", "2026-03-01T00:00:00Z", "--every", "1d")
    assert run(installation, tmp_path, "tag", "transitions", "stage", *words) == 0
    assert asked(installation, "tag_transitions") == ("stage", MARCH, None, timedelta(days=1))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--from", "yesterday"), "bad_instant"),
        (("--from", "2026-03-01", "--every", "often"), "bad_duration"),
    ],
)
def test_a_moment_or_step_that_is_none_is_refused(
    installation: FakeInstallation,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: str,
) -> None:
    assert run(installation, tmp_path, "--json", "tag", "transitions", "stage", *words) == 1
    problem = json.loads(capsys.readouterr().err)
    assert [one["code"] for one in problem["problems"]] == [code]
    assert installation.workspaces["default"].asked == []


def test_a_preset_is_printed_so_that_it_can_be_saved(
    installation: FakeInstallation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(installation, tmp_path, "tag", "preset", "activity", "--event", "app_open") == 0
    assert capsys.readouterr().out == "id: activity\nmeasure: count\nof: app_open\n"


def test_without_a_name_the_presets_are_listed(
    installation: FakeInstallation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(installation, tmp_path, "--json", "tag", "preset") == 0
    assert json.loads(capsys.readouterr().out) == {"presets": ["activity"]}


def test_a_dispute_says_whose_value_and_why(installation: FakeInstallation, tmp_path: Path) -> None:
    words = ("dispute", "stage", "p1", "--note", "moved", "--by", "ann")
    assert run(installation, tmp_path, "tag", *words) == 0
    assert asked(installation, "dispute_tag") == ("stage", "p1", "ann", "moved")


def test_lists_are_asked_in_pages(installation: FakeInstallation, tmp_path: Path) -> None:
    page = ("--limit", "2", "--after", "9")
    assert run(installation, tmp_path, "tag", "disputes", "stage", *page) == 0
    assert run(installation, tmp_path, "people", "tags", "p1", *page) == 0
    assert run(installation, tmp_path, "tag", "lineage", "stage") == 0
    assert asked(installation, "list_disputes") == ("stage", 2, "9")
    assert asked(installation, "person_tags") == ("p1", 2, "9")
    assert asked(installation, "tag_lineage") == "stage"
