"""What `rejects` asks the API for."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from perennial.cli.connection import Place
from perennial.cli.main import main
from perennial.collect.rejects import Mending, RejectQuery
from perennial.testing.installation import FakeInstallation


@pytest.fixture
def installation() -> FakeInstallation:
    return FakeInstallation()


def run(installation: FakeInstallation, home: Path, *words: str) -> int:
    @contextmanager
    def open_home(_place: Place) -> Generator[FakeInstallation]:
        yield installation

    return main(["--home", str(home), *words], open_home=open_home)


def test_a_replay_says_which_calls_and_what_to_change_in_them(
    installation: FakeInstallation, tmp_path: Path
) -> None:
    words = (
        "--set",
        "properties.amount=12.5",
        "--set",
        "properties.note=a=b",
        "--map",
        "Order Paid=order_paid",
    )
    assert run(installation, tmp_path, "rejects", "replay", "7", "--code", "blocked", *words) == 0

    asked = dict(installation.workspaces["default"].asked)["replay_rejects"]
    assert asked == (
        RejectQuery(ids=[7], code="blocked"),
        Mending(
            values={"properties.amount": 12.5, "properties.note": "a=b"}, names={"Order Paid": "order_paid"}
        ),
    )


@pytest.mark.parametrize("wrong", [("--set", "amount"), ("--map", "=new")])
def test_a_change_that_says_nothing_is_wrong_usage(
    installation: FakeInstallation, tmp_path: Path, wrong: tuple[str, str]
) -> None:
    assert run(installation, tmp_path, "rejects", "replay", *wrong) == 2
    assert installation.workspaces["default"].asked == []
