"""Several processes on one PostgreSQL and one ClickHouse server: one is struck, and nobody notices.

Two serve and one works; each has a data directory of its own. Clients send to both servers and try the
other one when a connection breaks, with the same message ids, as clients do.
"""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from threading import Event
from time import monotonic

import httpx
import psycopg
import pytest
from tests.services.clickhouse import within

from perennial.kernel.clock import SystemClock
from perennial.kernel.leases import TERM
from perennial.showcase.mailbox import Mail, Mailbox
from perennial.wiring import open_app

pytestmark = pytest.mark.service

PERENNIAL = (sys.executable, "-m", "perennial")
SECONDS = 120
PATIENCE = 3
"""Seconds that a client waits before it tries another server."""
PEOPLE, BATCH = 400, 10
SETTLED = {"sent", "unknown"}
INSTALLATIONS = count()
"""Each test's own on the server that they share."""
TEMPLATE = "{id: hello, channel: email, subject: Hello, text: 'Hello {{ person.traits.email }}.'}"
JOURNEY = """
id: hello
entry: {on: {event: cart}}
reentry: never
goal: {event: paid, for: 7d}
control: none
start: write
nodes:
  write: {send: {channel: email, template: hello, topic: marketing}, then: rest}
  rest: {wait: 1s, then: done}
  done: {exit: {outcome: written}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One of the processes."""

    process: subprocess.Popen[bytes]
    address: str
    """Where it serves; empty where it only works."""


@dataclass(slots=True, kw_only=True)
class Installation:
    """One installation: its stores, its keys, and the processes that share them."""

    folder: Path
    state: str
    events: str
    mail: str
    keys: Mapping[str, str] = field(default_factory=dict[str, str])
    addresses: Sequence[str] = ()

    def run(self, home: str, *words: str, text: str | None = None) -> Mapping[str, str]:
        done = subprocess.run(
            self._command(home, "--json", *words),
            env=self._environment,
            capture_output=True,
            input=text,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def member(self, home: str, *words: str) -> Generator[Member]:
        """A process in a data directory of its own, once it is ready; it is gone at the end."""
        log, server = self.folder / f"{home}.log", self.folder / home / "server.json"
        with (
            log.open("wb") as output,
            subprocess.Popen(
                self._command(home, *words), env=self._environment, stdout=output, stderr=output
            ) as process,
        ):
            try:
                eventually(lambda: "_ready" in log.read_text() or process.poll() is not None)
                assert process.poll() is None, log.read_text()
                address = json.loads(server.read_text())["address"] if server.is_file() else ""
                yield Member(process=process, address=address)
            finally:
                process.kill()

    def holder(self) -> int | None:
        """The process that understands now."""
        with psycopg.connect(self.state) as connection:
            row = connection.execute(
                "SELECT holder FROM ws_default.leases WHERE name = 'understand' AND holder <> ''"
            ).fetchone()
        return None if row is None else int(str(row[0]).split(":")[1])

    def shards(self) -> Mapping[int, int]:
        """How many shards each process sends."""
        with psycopg.connect(self.state) as connection:
            rows = connection.execute(
                "SELECT holder FROM ws_default.leases WHERE name LIKE 'send:%' AND holder <> ''"
            ).fetchall()
        return Counter(int(str(row[0]).split(":")[1]) for row in rows)

    def _command(self, home: str, *words: str) -> Sequence[str]:
        return [*PERENNIAL, "--home", str(self._home(home)), *words]

    def _home(self, name: str) -> Path:
        home = self.folder / name
        home.mkdir(exist_ok=True)
        (home / "settings.toml").write_text(
            f'holdout = 0\n[smtp]\nurl = "{self.mail}?from=shop@example.com"\n'
        )
        return home

    @property
    def _environment(self) -> Mapping[str, str]:
        return {**os.environ, "PERENNIAL_STATE": self.state, "PERENNIAL_EVENTS": self.events}


def eventually(is_so: Callable[[], bool], *, within: float = SECONDS) -> float:
    """Wait until something is so; the seconds it took."""
    start, pause = monotonic(), Event()
    while not is_so():
        assert monotonic() - start < within, "it did not happen in time"
        pause.wait(0.1)
    return monotonic() - start


def calls_of(person: int) -> Sequence[Mapping[str, object]]:
    name = f"p{person}"
    return [
        {
            "type": "identify",
            "userId": name,
            "traits": {"email": f"{name}@example.com"},
            "messageId": f"i{person}",
        },
        {"type": "track", "userId": name, "event": "cart", "messageId": f"t{person}"},
    ]


def consents() -> str:
    """Everybody's consent, as a file of history: a write key is in a web page and may not say so."""
    return "\n".join(
        json.dumps(
            {
                "type": "consent",
                "userId": f"p{person}",
                "consent": "email/marketing",
                "state": "granted",
                "proof": "form",
                "timestamp": "2026-01-01T00:00:00Z",
                "messageId": f"c{person}",
            }
        )
        for person in range(PEOPLE)
    )


def send(people: Sequence[int], addresses: Iterator[str], key: str) -> None:
    """Send until somebody has answered for it."""
    batch = [call for person in people for call in calls_of(person)]
    until = monotonic() + SECONDS
    while monotonic() < until:
        try:
            answer = httpx.post(
                f"{next(addresses)}/v1/batch", json={"batch": batch}, auth=(key, ""), timeout=PATIENCE
            )
        except httpx.TransportError:
            continue
        if answer.status_code == 200:
            return
    raise AssertionError("nobody took it")


@pytest.fixture
def installation(
    tmp_path: Path, postgres_databases: Callable[[], str], clickhouse_server: str
) -> Iterator[tuple[Installation, Mailbox]]:
    pause = Event()

    def slowly(_mail: Mail) -> str:
        # A mail server takes its time, so that there is something on its way at any moment.
        pause.wait(0.02)
        return "250 OK"

    with Mailbox(SystemClock(), capacity=10 * PEOPLE, answer=slowly) as mailbox:
        shop = Installation(
            folder=tmp_path,
            state=postgres_databases(),
            events=within(clickhouse_server, f"several{next(INSTALLATIONS)}"),
            mail=mailbox.url,
        )
        shop.keys = shop.run("first", "init")
        yield shop, mailbox


def send_all(clients: ThreadPoolExecutor, shop: Installation, people: range) -> list[Future[None]]:
    """Send what people do, in batches, from several clients at once."""
    addresses = cycle(shop.addresses)
    return [
        clients.submit(send, range(start, start + BATCH), addresses, shop.keys["write_key"])
        for start in range(people.start, people.stop, BATCH)
    ]


def message_states(shop: Installation, address: str) -> Counter[str]:
    """How many messages are in each state, once everything accepted is understood."""
    told: Counter[str] = Counter()
    parameters = {"limit": "200", "wait": "accepted"}
    headers = {"authorization": f"Bearer {shop.keys['api_token']}"}
    while True:
        answer = httpx.get(f"{address}/api/messages", params=parameters, headers=headers, timeout=SECONDS)
        page = answer.raise_for_status().json()
        told.update(row["state"] for row in page["messages"])
        if page["next"] is None:
            return told
        parameters["after"] = page["next"]


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
def test_the_holder_is_replaced_and_nothing_is_lost_doubled_or_sent_twice(
    blow: signal.Signals, installation: tuple[Installation, Mailbox]
) -> None:
    shop, mailbox = installation
    with ExitStack() as running:
        members = [
            running.enter_context(shop.member("first", "serve", "--port", "0")),
            running.enter_context(shop.member("second", "serve", "--port", "0")),
            running.enter_context(shop.member("third", "work")),
        ]
        by_pid = {member.process.pid: member for member in members}
        shop.addresses = [member.address for member in members if member.address]
        shop.run("second", "template", "create", "-", text=TEMPLATE)
        shop.run("second", "journey", "publish", "-", text=JOURNEY)
        history = shop.folder / "consents.jsonl"
        history.write_text(consents())
        shop.run("second", "import", str(history))
        eventually(lambda: sorted(shop.shards().values()) == [2, 3, 3])
        with ThreadPoolExecutor(4) as clients:
            sending = send_all(clients, shop, range(PEOPLE // 2))
            eventually(lambda: mailbox.total >= PEOPLE // 20)
            struck = shop.holder()
            assert struck is not None
            by_pid[struck].process.send_signal(blow)
            sending += send_all(clients, shop, range(PEOPLE // 2, PEOPLE))
            took = eventually(lambda: shop.holder() not in (None, struck))
            # One that only slept goes on where it was, and finds that nothing of it counts any more.
            by_pid[struck].process.send_signal(signal.SIGCONT)
            for each in sending:
                each.result()
        assert took < 2 * TERM.total_seconds()
        left = [member for pid, member in by_pid.items() if (pid, blow) != (struck, signal.SIGKILL)]
        address = next(member.address for pid, member in by_pid.items() if member.address and pid != struck)
        eventually(lambda: set(told := message_states(shop, address)) <= SETTLED and told.total() == PEOPLE)
        told = message_states(shop, address)
        for member in left:
            member.process.send_signal(signal.SIGTERM)
        assert [member.process.wait(timeout=SECONDS) for member in left] == [0] * len(left)
        assert (shop.holder(), shop.shards()) == (None, {})

    with open_app(shop.folder / "reader", state=shop.state, events=shop.events) as app:
        workspace = app.workspace()
        carts = Counter(workspace.message_ids("cart"))
        entered = workspace.count_events("journey_entered")
    assert carts == Counter(f"t{person}" for person in range(PEOPLE))
    assert entered == PEOPLE
    mails = Counter(str(mail.message["Message-ID"]) for mail in mailbox.mails)
    assert max(mails.values()) == 1
    # Of what was at the mail server when the process died nobody can know, and it is not sent again.
    assert told["sent"] <= len(mails) <= told["sent"] + told["unknown"]
