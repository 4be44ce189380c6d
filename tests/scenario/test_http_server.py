"""A serving process, over real sockets: in, out, commands beside it, and a clean end."""

import json
import signal
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tests.services.serving import PERENNIAL, serving

SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A serving process, its address, and the key and token that `init` printed."""

    process: subprocess.Popen[str]
    home: Path
    address: str
    write_key: str
    api_token: str

    def send(self, *items: dict[str, object]) -> httpx.Response:
        """Send a batch as a client would."""
        return httpx.post(f"{self.address}/v1/batch", json={"batch": items}, auth=(self.write_key, ""))

    def get(self, path: str, **parameters: str) -> dict[str, object]:
        """Read with the API token, once everything accepted is visible."""
        answer = httpx.get(
            f"{self.address}{path}",
            params={**parameters, "wait": "accepted"},
            headers={"authorization": f"Bearer {self.api_token}"},
            timeout=SECONDS,
        )
        return answer.raise_for_status().json()


def command(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PERENNIAL, "--home", str(home), *words],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@contextmanager
def installed(home: Path) -> Generator[Server]:
    """A new installation that serves."""
    keys = json.loads(command(home, "init", "--json").stdout)
    with serving(home) as process:
        told = json.loads((home / "server.json").read_text(encoding="utf-8"))
        yield Server(
            process=process,
            home=home,
            address=told["address"],
            write_key=keys["write_key"],
            api_token=keys["api_token"],
        )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """One server for all who leave it running."""
    with installed(tmp_path_factory.mktemp("served") / "home") as server:
        yield server


def orders(count: int, *, user: str = "p1") -> Sequence[dict[str, object]]:
    return [
        {"type": "track", "userId": user, "event": "order_paid", "messageId": f"m{number}"}
        for number in range(count)
    ]


def test_what_was_accepted_is_counted_once_over_http_and_by_a_command_beside_the_server(
    server: Server,
) -> None:
    assert server.send(*orders(3)).json() == {"success": True}
    assert server.send(*orders(3)).json() == {"success": True}

    assert server.get("/api/events/count", event="order_paid") == {"events": 3}
    beside = command(server.home, "events", "count", "--json")
    assert (beside.returncode, beside.stderr) == (0, "")
    assert json.loads(beside.stdout) == {"events": 3}


def test_a_second_server_is_refused_in_one_sentence(server: Server) -> None:
    second = command(server.home, "serve", "--port", "0")
    assert second.returncode == 1
    problem = json.loads(second.stderr.splitlines()[-1])
    assert problem["code"] == "home_in_use"


def test_a_workspace_can_be_made_while_the_server_runs(server: Server) -> None:
    keys = json.loads(command(server.home, "--workspace", "shop", "init", "--json").stdout)
    assert keys["workspace"] == "shop"
    answer = httpx.post(f"{server.address}/v1/track", json=orders(1)[0], auth=(keys["write_key"], ""))
    assert answer.status_code == 200
    shop = command(server.home, "--workspace", "shop", "events", "count", "--json")
    assert json.loads(shop.stdout) == {"events": 1}


def test_a_cursor_of_ones_own_making_is_refused(server: Server) -> None:
    for path in ("rejects", "messages", "segments/none/people", "tags/none/values"):
        answer = httpx.get(
            f"{server.address}/api/{path}",
            params={"after": "9" * 30},
            headers={"authorization": f"Bearer {server.api_token}"},
        )
        assert answer.status_code in (400, 404), path
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_malformed_consent_is_refused_with_its_place(server: Server) -> None:
    answer = httpx.post(
        f"{server.address}/api/people/p1/consent",
        json={"consent": "marketing", "state": "granted", "proof": "form"},
        headers={"authorization": f"Bearer {server.api_token}"},
    )
    told = answer.json()
    assert (answer.status_code, told["path"]) == (422, "$.consent")
    assert told["problems"][0]["code"] == "bad_consent"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_told_to_stop_keeps_what_it_took_and_exits_with_0(
    tmp_path: Path, number: signal.Signals
) -> None:
    with installed(tmp_path / "home") as server:
        stop_and_count(server, number)


def stop_and_count(server: Server, number: signal.Signals) -> None:
    assert (server.home / "server.json").stat().st_mode & 0o777 == 0o600
    assert server.send(*orders(5)).status_code == 200

    server.process.send_signal(number)

    assert server.process.wait(SECONDS) == 0
    assert not (server.home / "server.json").exists()
    counted = command(server.home, "events", "count", "--json")
    assert (counted.returncode, counted.stderr) == (0, "")
    assert json.loads(counted.stdout) == {"events": 5}
