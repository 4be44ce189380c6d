"""Whatever is sent, in any number: never a 5xx, bounded memory, and nothing of others is lost beside it."""

import os
import re
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import msgspec
from tests.fuzz.bodies import Shot, shot
from tests.scenario.test_http_server import Server, installed

from perennial.wiring import open_app

BODIES = int(os.environ.get("FUZZ_BODIES", "4000"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
CLIENTS = 4
EVERY = 20
"""Fuzzed requests between two that are right, and must be stored."""
MOST_MEMORY = 1_200
"""MB that the server may ever need, engines included; texts of 10 MB and bombs of 50 MB are sent."""
_TAKEN_OR_REFUSED = range(200, 500)
_TOO_LARGE_TO_HEAR = 16 * 2**20
"""Bytes of a body from which the server may close the connection before it has read it."""


class Client:
    """One client that keeps its connection; what it was answered."""

    def __init__(self, server: Server) -> None:
        self._host = urlsplit(server.address).netloc
        self._server = server
        self._connection = HTTPConnection(self._host, timeout=60)
        self.answers: Counter[int] = Counter()
        self.wrong: list[str] = []
        self.kept: list[str] = []
        self.broken = ""
        """How the last connection ended that ended before an answer."""

    def fire(self, number: int) -> None:
        """Send the request of a number, and now and then one that is right."""
        sent = shot(SEED, number, self._server.write_key)
        status = self._send(sent)
        self.answers[status] += 1
        if status not in _TAKEN_OR_REFUSED and not (status == 0 and len(sent.body) > _TOO_LARGE_TO_HEAR):
            self.wrong.append(
                f"{number}: {status} {self.broken} {sent.method} {sent.path[:60]} {sent.body[:200]!r}"
            )
        if number % EVERY == 0:
            self._say_something_right(f"right-{number}")

    def _say_something_right(self, message_id: str) -> None:
        call = {
            "userId": "wang",
            "event": "right",
            "messageId": message_id,
            "writeKey": self._server.write_key,
        }
        sent = Shot("POST", "/v1/track", {"content-type": "application/json"}, msgspec.json.encode(call))
        if self._send(sent) == 200:
            self.kept.append(message_id)
        else:
            self.wrong.append(message_id)

    def _send(self, sent: Shot) -> int:
        """The status; said again once, as clients do, where a kept connection turns out to be closed."""
        return self._try(sent) or self._try(sent)

    def _try(self, sent: Shot) -> int:
        """The status; 0 where the server closed the connection instead."""
        try:
            self._connection.request(sent.method, sent.path, body=sent.body, headers=dict(sent.headers))
            response = self._connection.getresponse()
            response.read()
        except (OSError, HTTPException) as broken:
            self._connection.close()
            self.broken = repr(broken)
            return 0
        return response.status

    def close(self) -> None:
        self._connection.close()


@contextmanager
def clients(server: Server) -> Generator[list[Client]]:
    found = [Client(server) for _ in range(CLIENTS)]
    try:
        yield found
    finally:
        for one in found:
            one.close()


def bombard(server: Server) -> list[Client]:
    """Send everything, by some clients at once."""
    numbers = count()
    with clients(server) as crew, ThreadPoolExecutor(CLIENTS) as threads:

        def work(client: Client) -> None:
            while (number := next(numbers)) < BODIES:
                client.fire(number)

        list(threads.map(work, crew))
        return crew


def peak_memory(pid: int) -> int | None:
    """The most memory a process ever had, in MB; None where the system does not say."""
    told = Path(f"/proc/{pid}/status")
    if not told.is_file():
        return None
    found = re.search(r"^VmHWM:\s+([0-9]+) kB", told.read_text(), flags=re.MULTILINE)
    return None if found is None else int(found[1]) // 1_024


def test_no_body_is_answered_with_a_fault_of_ours(tmp_path: Path) -> None:
    home = tmp_path / "home"
    started = monotonic()
    with installed(home) as server:
        crew = bombard(server)
        counted = server.get("/api/events/count", event="right")["events"]
        ailing = [check for check in _checks(server) if not check["ok"]]
        memory = peak_memory(server.process.pid)
        server.process.terminate()
        assert server.process.wait(60) == 0
    seconds = monotonic() - started
    answers = sum((one.answers for one in crew), Counter[int]())
    kept = sorted(message_id for one in crew for message_id in one.kept)
    with open_app(home) as app:
        stored = sorted(app.workspace().message_ids("right"))
    print(  # noqa: T201  the record of a campaign
        f"fuzz: bodies={BODIES} seed={SEED} answers={dict(sorted(answers.items()))}"
        f" right={len(kept)} memory={memory} MB seconds={seconds:.0f}"
    )
    assert [wrong for one in crew for wrong in one.wrong][:5] == []
    assert kept == stored
    assert counted == len(kept) > 0
    assert ailing == []
    assert memory is None or memory < MOST_MEMORY
    # A fuzz that is always refused, or always taken, tries nothing.
    assert min(answers[200], answers[400]) > BODIES / 10


def _checks(server: Server) -> list[dict[str, object]]:
    checks = server.get("/api/doctor")["checks"]
    assert isinstance(checks, list)
    return msgspec.convert(checks, list[dict[str, object]])


def test_a_seed_makes_the_same_requests_again_and_another_seed_makes_others() -> None:
    first, again, other = ([shot(seed, number, "wk") for number in range(200)] for seed in (1, 1, 2))
    assert first == again
    assert first != other
