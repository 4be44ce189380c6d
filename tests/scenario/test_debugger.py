"""Looking on at a serving process over real sockets: every protocol, the command, and a clean end."""

import base64
import json
import signal
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from tests.scenario.test_http_server import SECONDS, Server, command, installed, orders
from tests.services.serving import PERENNIAL

Event = tuple[str, dict[str, object]]


@contextmanager
def watching(server: Server, **asked: str) -> Generator[Iterator[Event]]:
    """The events of a stream, from the one on that says it is open."""
    with httpx.stream(
        "GET",
        f"{server.address}/api/debugger/stream",
        params=asked,
        headers={"authorization": f"Bearer {server.api_token}"},
        timeout=SECONDS,
    ) as answer:
        assert answer.status_code == 200
        heard = events_of(answer.iter_lines())
        name, opened = next(heard)
        assert (name, opened["workspace"]) == ("open", "default")
        yield heard


def events_of(lines: Iterator[str]) -> Iterator[Event]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


@contextmanager
def tailing(server: Server, *words: str) -> Generator[subprocess.Popen[str]]:
    """The command, from the line on that says it is watching."""
    words = (*PERENNIAL, "--home", str(server.home), "debugger", *words)
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tail:
        try:
            assert tail.stdout is not None
            assert "default" in tail.stdout.readline()
            yield tail
        finally:
            tail.kill()


def interrupted(tail: subprocess.Popen[str]) -> int:
    """Interrupt a command, as a person would."""
    tail.send_signal(signal.SIGINT)
    return tail.wait(SECONDS)


def test_calls_are_seen_as_they_come_in_by_any_protocol_until_the_server_stops(tmp_path: Path) -> None:
    record = {
        "type": "track",
        "time": 1_772_452_800_000,
        "distinct_id": "u1",
        "event": "买",
        "properties": {"价格": 2},
    }
    packed = base64.b64encode(json.dumps(record).encode()).decode()
    with (
        installed(tmp_path / "home") as server,
        watching(server) as all_,
        watching(server, refused="true") as bad,
    ):
        with (
            tailing(server, "--json", "--event", "order_paid") as tail,
            tailing(server, "--refused") as words,
        ):
            server.send(*orders(1))
            httpx.post(f"{server.address}/v1/track", json={"userId": "p1"}, auth=(server.write_key, ""))
            httpx.post(f"{server.address}/sa", params={"token": server.write_key}, data={"data": packed})

            seen = [next(all_)[1] for _ in range(3)]
            assert [(one["event"], one["outcome"]) for one in seen] == [
                ("order_paid", "accepted"),
                ("", "refused"),
                ("买", "accepted"),
            ]
            assert (seen[0]["user_id"], seen[0]["message_id"]) == ("p1", "m0")
            assert seen[2]["properties"] == {"价格": "number"}
            assert next(bad)[1]["code"] == "missing_event"

            assert tail.stdout is not None
            assert json.loads(tail.stdout.readline())["message_id"] == "m0"
            assert words.stdout is not None
            assert words.stdout.readline().split()[1:5] == ["refused", "default", "track", "p1"]
            assert (interrupted(tail), tail.stdout.read()) == (0, "")

        server.process.send_signal(signal.SIGTERM)
        assert next(all_) == ("end", {"reason": "stopping"})
        assert next(bad) == ("end", {"reason": "stopping"})
        assert server.process.wait(SECONDS) == 0


def test_without_a_server_there_is_nobody_to_look_on_at(tmp_path: Path) -> None:
    home = tmp_path / "home"
    command(home, "init")
    refused = command(home, "debugger")
    assert (refused.returncode, json.loads(refused.stderr)["code"]) == (1, "no_server")
