"""The tutorial, word for word: every `sh` block in order, as one script, in a copy of the checkout.

Two things differ from the page. `make setup` is left out: this checkout's own environment is put in
place, with the copy's sources first. The two port numbers are free ones.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

ROOT = Path(__file__).parents[2]
SETUP = "make setup\n"
PORTS = ("8425", "8426")
SECONDS = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What following the tutorial printed and left behind."""

    home: Path
    out: str
    err: str

    def documents(self, key: str) -> Sequence[dict[str, object]]:
        """The JSON documents it printed that have this member, in order."""
        found = [
            cast("dict[str, object]", json.loads(line))
            for line in self.out.splitlines()
            if line.startswith("{") and f'"{key}"' in line
        ]
        return [document for document in found if key in document]


def blocks() -> Sequence[str]:
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    return re.findall(r"^```sh\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)


def free_ports(count: int) -> Sequence[int]:
    with_sockets = [socket.socket() for _ in range(count)]
    try:
        for one in with_sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in with_sockets]
    finally:
        for one in with_sockets:
            one.close()


def script_of(found: Sequence[str]) -> str:
    script = "".join(found)
    assert script.count(SETUP) == 1
    script = script.replace(SETUP, "")
    for written, free in zip(PORTS, free_ports(len(PORTS)), strict=True):
        assert written in script
        script = script.replace(written, str(free))
    return f"set -euo pipefail\n{script}"


def copy_checkout(target: Path) -> None:
    """The files git knows, and new ones it would take; with this checkout's environment."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    (target / ".venv").symlink_to(ROOT / ".venv")


@contextmanager
def ended_whatever_happens(process: "subprocess.Popen[str]") -> Generator[None]:
    """The script starts a server and a mailbox; where it fails half-way, they must not stay."""
    try:
        yield
    finally:
        # Where it ended, and everything it started too, there is no group left to end.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("tutorial")
    checkout = folder / "checkout"
    checkout.mkdir()
    copy_checkout(checkout)
    out, err = folder / "out", folder / "err"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(checkout / "src"), "LANG": "C.UTF-8"}
    with out.open("w") as written, err.open("w") as complained:
        process = subprocess.Popen(
            ["bash", "-c", script_of(blocks())],
            cwd=checkout,
            env=environment,
            stdout=written,
            stderr=complained,
            text=True,
            start_new_session=True,
        )
        with ended_whatever_happens(process):
            code = process.wait(SECONDS)
    found = Run(home=checkout / "tutorial-home", out=out.read_text("utf-8"), err=err.read_text("utf-8"))
    assert code == 0, found.out[-3000:] + found.err[-3000:]
    return found


def test_history_is_imported_once(run: Run) -> None:
    first, again = run.documents("accepted")
    assert first == {"read": 7, "accepted": 6, "duplicates": 0, "rejected": 1}
    assert again == {"read": 7, "accepted": 0, "duplicates": 6, "rejected": 1}


def test_events_are_counted_and_the_typing_mistake_is_named(run: Run) -> None:
    history, withheld = run.documents("events")
    assert history == {"events": 3}
    assert withheld["events"] in (0, 1)
    assert "Did you mean 'measure'?" in run.err


def test_the_one_who_spent_enough_got_the_mail_or_is_a_control(run: Run) -> None:
    withheld = run.documents("events")[-1]["events"]
    mails = [json.loads(line) for line in (run.home / "mailbox.jsonl").read_text("utf-8").splitlines()]
    [listed] = run.documents("messages")[:1]
    rows = cast("Sequence[dict[str, object]]", listed["messages"])
    assert [mail["to"] for mail in mails] == ([] if withheld else [["li@example.com"]])
    assert [row["state"] for row in rows] == ([] if withheld else ["sent"])
    assert all("上海" in mail["text"] for mail in mails)


def test_the_read_out_does_not_make_up_a_number(run: Run) -> None:
    read_out = run.documents("verdict")[-1]
    assert read_out["entered"] == 2
    assert read_out["verdict"] == "cannot_be_measured"
    assert read_out["difference"] is None


def test_the_library_reads_the_same_home_at_the_end(run: Run) -> None:
    assert run.out.splitlines()[-2:] == ["5", "1"]
