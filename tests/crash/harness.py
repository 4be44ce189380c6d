"""A shop under load whose server is killed: real processes, real sockets, a real mail server.

Clients send batches with stable message ids and repeat a batch until it is acknowledged, as the real
ones do. The server is killed with SIGKILL at random moments (seeded) and started again. At the end
every side is reconciled: acknowledgements, events, enrollments, outbox and the mailbox.
"""

import base64
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from perennial.kernel.clock import SystemClock
from perennial.kernel.ids import bucket
from perennial.kernel.values import Json
from perennial.showcase.mailbox import Mailbox

START_SECONDS = 60.0
CLIENTS = 2
BATCHES = 400
PEOPLE_PER_BATCH = 10
TEMPLATE = "{id: hello, channel: email, subject: Hello, text: 'Hello {{ person.traits.email }}.'}"
JOURNEY = """
id: hello
entry: {on: {event: cart}}
reentry: never
goal: {event: paid, for: 7d}
control: none
start: write
nodes:
  write: {send: {channel: email, template: hello, topic: marketing}, then: done}
  done: {exit: {outcome: written}}
"""


@dataclass(slots=True)
class Load:
    """What the clients sent and what was acknowledged, by message id."""

    sent: set[str] = field(default_factory=set[str])
    acknowledged: set[str] = field(default_factory=set[str])
    people: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Shop:
    """One home directory, its server process, and the mailbox it writes to."""

    def __init__(self, home: Path, mailbox: Mailbox) -> None:
        self.home = home
        self.mailbox = mailbox
        self.process: subprocess.Popen[bytes] | None = None
        self.log = home.parent / "server.log"
        home.mkdir()
        (home / "settings.toml").write_text(
            f'[smtp]\nurl = "{mailbox.url}?from=shop@example.com"\n', encoding="utf-8"
        )
        self.write_key = self.run("init")["write_key"]
        (home.parent / "consents.jsonl").write_text("\n".join(consents()), encoding="utf-8")
        self.run("import", str(home.parent / "consents.jsonl"))
        (home.parent / "hello.yaml").write_text(TEMPLATE, encoding="utf-8")
        (home.parent / "journey.yaml").write_text(JOURNEY, encoding="utf-8")
        self.run("template", "create", str(home.parent / "hello.yaml"))
        self.run("journey", "publish", str(home.parent / "journey.yaml"), "--approve")

    def run(self, *arguments: str) -> dict[str, Json]:
        """Run a command and give back its JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "perennial", "--home", str(self.home), "--json", *arguments],
            capture_output=True,
            timeout=120,
            check=False,
        )
        if done.returncode != 0:
            raise AssertionError(f"{arguments}: {done.stderr.decode()}")
        answer: dict[str, Json] = json.loads(done.stdout)
        return answer

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "perennial", "--home", str(self.home), "serve", "--port", "0"],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        pause = threading.Event()
        for _ in range(int(START_SECONDS / 0.05)):
            if self.process.poll() is not None:
                raise AssertionError(f"the server stopped: {self.log.read_text()[-3000:]}")
            if self.is_healthy():
                return
            pause.wait(0.05)
        raise AssertionError(f"the server did not start: {self.log.read_text()[-3000:]}")

    def address(self) -> str | None:
        """Where the present process listens; what an earlier one left behind does not count."""
        try:
            known = json.loads((self.home / "server.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        running = self.process is not None and known["pid"] == self.process.pid
        return str(known["address"]) if running else None

    def is_healthy(self) -> bool:
        """Whether the server answers its health check."""
        address = self.address()
        if address is None:
            return False
        try:
            with urllib.request.urlopen(f"{address}/api/health", timeout=5) as answer:  # noqa: S310  our own server
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        """SIGKILL, to the whole process group: nothing gets to say goodbye."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)

    def stop(self) -> int:
        """SIGTERM: drains and exits."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(timeout=60)

    def post(self, items: list[dict[str, object]]) -> bool:
        """Send one batch; whether it was acknowledged."""
        address = self.address()
        if address is None:
            return False
        secret = base64.b64encode(f"{self.write_key}:".encode()).decode()
        request = urllib.request.Request(  # noqa: S310  as above
            f"{address}/v1/batch",
            data=json.dumps({"batch": items}).encode(),
            headers={"Authorization": f"Basic {secret}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310  as above
                return bool(json.loads(answer.read())["success"])
        except (OSError, ValueError, KeyError, urllib.error.HTTPError):
            return False


def names(prefix: str, number: int) -> list[str]:
    """The people of a client's batch."""
    return [f"{prefix}{number}x{place}" for place in range(PEOPLE_PER_BATCH)]


def consents() -> Iterator[str]:
    """Everybody whom a client may ever send agreed to be written to; given beforehand, by import."""
    for client_number in range(CLIENTS):
        for number in range(BATCHES):
            for name in names(f"p{client_number}-", number):
                yield json.dumps(
                    {
                        "type": "consent",
                        "userId": name,
                        "timestamp": "2026-01-01T00:00:00Z",
                        "consent": "email/marketing",
                        "state": "granted",
                        "proof": "crash test",
                    }
                )


def one_person(name: str) -> list[dict[str, object]]:
    """Everything one person does: says who they are, fills a cart."""
    return [
        {
            "type": "identify",
            "userId": name,
            "messageId": f"{name}-i",
            "traits": {"email": f"{name}@example.invalid"},
        },
        {"type": "track", "event": "cart", "userId": name, "messageId": f"{name}-t", "properties": {"n": 1}},
    ]


def client(shop: Shop, load: Load, prefix: str, stopping: threading.Event) -> None:
    """Send people in batches; repeat each batch until it is acknowledged."""
    number = 0
    while number < BATCHES and not stopping.is_set():
        batch = [item for name in names(prefix, number) for item in one_person(name)]
        ids = {str(item["messageId"]) for item in batch}
        with load.lock:
            load.sent |= ids
        while not shop.post(batch):
            if stopping.wait(0.05):
                return
        with load.lock:
            load.acknowledged |= ids
            load.people += PEOPLE_PER_BATCH
        number += 1
        stopping.wait(0.02)


@contextmanager
def running_load(shop: Shop, load: Load) -> Generator[None]:
    """Clients at work for as long as the block runs."""
    stopping = threading.Event()
    threads = [threading.Thread(target=client, args=(shop, load, f"p{n}-", stopping)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join(timeout=60)


def campaign(folder: Path, *, kills: int, seed: int) -> tuple[Shop, Load]:
    """Kill a server under load so many times, then let it finish its work and stop it properly."""
    pause = threading.Event()
    with Mailbox(SystemClock(), capacity=200_000) as mailbox:
        shop = Shop(folder / "home", mailbox)
        load = Load()
        shop.start()
        with running_load(shop, load):
            for kill in range(kills):
                pause.wait(0.2 + 1.3 * bucket(str(kill), salt=f"crash:{seed}"))
                shop.kill()
                shop.start()
        finish(shop)
        assert shop.stop() == 0
    return shop, load


def finish(shop: Shop) -> None:
    """Wait until everything accepted is processed and nothing waits in the outbox."""
    pause = threading.Event()
    for _ in range(600):
        shop.run("events", "count")
        waiting = [
            state
            for state in ("queued", "sending")
            if shop.run("messages", "list", "--state", state, "--limit", "1")["messages"]
        ]
        if not waiting:
            return
        pause.wait(0.2)
    raise AssertionError("the outbox did not drain")


def doubled(ids: Sequence[object]) -> list[object]:
    """Ids that stand more than once."""
    return [name for name, times in Counter(ids).items() if times > 1]


def record(**figures: int) -> None:
    """Say what a campaign came to; `make crash` shows it, and keeps it for docs/proofs.md."""
    line = " ".join(f"{name}={figure}" for name, figure in figures.items())
    sys.stdout.write(f"crash campaign: {line}\n")
