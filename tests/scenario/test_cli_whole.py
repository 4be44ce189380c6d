"""The commands as they are typed, each a process of its own, on a real data directory."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SECONDS = 60
HISTORY = """\
{"type":"track","userId":"p1","event":"order_paid","timestamp":"2026-01-03T05:00:00Z","messageId":"m-1","properties":{"amount":12.5}}
{"type":"track","userId":"p2","event":"order_paid","timestamp":"2026-01-04T05:00:00Z","messageId":"m-2","properties":{"amount":3}}
{"type":"identify","userId":"p1","timestamp":"2026-01-03T05:00:00Z","traits":{"city":"上海"}}
{"type":"track","event":"order_paid","timestamp":"2026-01-05T05:00:00Z"}
"""


class Shell:
    """Types commands for one data directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def type(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command as it stands."""
        line = [sys.executable, "-m", "perennial", "--home", "home", *words]
        return subprocess.run(
            line, cwd=self.folder, capture_output=True, text=True, timeout=SECONDS, check=False
        )

    def read(self, *words: str) -> dict[str, Any]:
        """Run a command that must succeed, and read the document it prints."""
        done = self.type(*words, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    def refused(self, *words: str) -> dict[str, object]:
        """Run a command that must be refused, and read the problem document."""
        done = self.type(*words)
        assert (done.returncode, done.stdout) == (1, "")
        return json.loads(done.stderr.splitlines()[-1])

    def write(self, name: str, text: str) -> str:
        """Write a file beside the data directory."""
        (self.folder / name).write_text(text, encoding="utf-8")
        return name


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_history_is_imported_once_and_counted(shell: Shell) -> None:
    shell.read("init")
    file = shell.write("history.jsonl", HISTORY)

    assert shell.read("import", file) == {"read": 4, "accepted": 3, "duplicates": 0, "rejected": 1}
    assert shell.read("import", file, "--name", "history.jsonl") == {
        "read": 4,
        "accepted": 0,
        "duplicates": 3,
        "rejected": 1,
    }
    assert shell.read("events", "count", "--to", "2026-01-04") == {"events": 1}
    big = shell.write("big.yaml", 'measure: sum(amount)\nof: order_paid\nis: ">= 10"\n')
    assert shell.read("people", "count", "--condition", big) == {"people": 1}
    listed = shell.read("people", "list")
    assert [person["user_id"] for person in listed["people"]] == ["p1", "p2"]


def test_a_segment_is_saved_refreshed_and_read(shell: Shell) -> None:
    shell.read("init")
    shell.read("import", shell.write("history.jsonl", HISTORY))
    file = shell.write("buyers.yaml", "id: buyers\nname: Buyers\ncondition: {did: order_paid}\n")

    shell.read("segment", "create", file)

    assert shell.read("segment", "refresh") == {"segments": {"buyers": 2}}
    people = shell.read("segment", "people", "buyers", "--limit", "1")
    assert people["people"][0]["user_id"] == "p1"
    assert people["next"]


def test_keys_are_told_again_and_tokens_once(shell: Shell) -> None:
    first, second, third = shell.read("init"), shell.read("init"), shell.read("init", "--new-token")
    assert first["write_key"] == second["write_key"] == third["write_key"]
    assert first["api_token"]
    assert second["api_token"] is None
    assert third["api_token"] not in (None, first["api_token"])


def test_a_bad_journey_is_refused_with_its_line_and_the_nearest_word(shell: Shell) -> None:
    shell.read("init")
    file = shell.write(
        "j.yaml",
        "id: j\nentry: {on: {event: cart}}\nstart: a\nnodes:\n"
        "  a: {wiat: 1h, then: b}\n  b: {exit: {outcome: x}}\n",
    )
    problem = shell.refused("journey", "publish", file)
    assert problem["file"] == file
    assert problem["line"] == 5
    assert "wait" in json.dumps(problem["problems"])


def test_a_reader_that_closes_the_pipe_gets_no_traceback(shell: Shell) -> None:
    shell.read("init")
    line = [sys.executable, "-m", "perennial", "--home", "home", "events", "count"]
    with subprocess.Popen(
        line, cwd=shell.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()
        assert process.wait(SECONDS) in (0, 1)
