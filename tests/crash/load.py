"""Clients at work: people who look around, say who they are and fill a cart.

Each client sends batch after batch and repeats one until it is acknowledged, as the real ones do. Message
ids are the client's own, so that at the end every acknowledgement can be held against what is stored.
"""

import base64
import json
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.callers import Answer, Caller, Unreachable, import_file
from tests.crash.shop import Shop

from perennial.kernel.values import Json

CLIENTS = 3
PEOPLE_PER_BATCH = 10
IMPORTED_ROWS = 3_000
_PAUSE_SECONDS = 0.05


@dataclass(slots=True)
class Load:
    """What the clients sent and what was acknowledged, by message id."""

    sent: set[str] = field(default_factory=set[str])
    acknowledged: dict[str, int] = field(default_factory=dict[str, int])
    """The server's life in which each was acknowledged."""
    refusals: list[Answer] = field(default_factory=list[Answer])
    """Answers other than 200."""
    failed_imports: list[Mapping[str, Json]] = field(default_factory=list[Mapping[str, Json]])
    """What was said of imports that did not come to their end."""
    imports: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, ids: Sequence[str]) -> None:
        """Note what is about to be sent."""
        with self.lock:
            self.sent.update(ids)

    def acknowledge(self, ids: Sequence[str], life: int) -> None:
        """Note what the server has answered for."""
        with self.lock:
            self.acknowledged.update(dict.fromkeys(ids, life))


@dataclass(frozen=True, slots=True)
class Clients:
    """What drives the clients: they work until `stopping`, and import a file whenever `importing` is set."""

    shop: Shop
    load: Load
    folder: Path
    batches: int
    """How many each client has to send."""
    stopping: threading.Event = field(default_factory=threading.Event)
    importing: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def at_work(self) -> Generator[None]:
        """Clients at work for as long as the block runs; each finishes what it is at, if it can."""
        threads = [threading.Thread(target=self._send_batches, args=(one,)) for one in range(CLIENTS)]
        threads.append(threading.Thread(target=self._import_files))
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stopping.set()
            self.importing.set()
            for thread in threads:
                thread.join()

    def _send_batches(self, client: int) -> None:
        with closing(Caller(self.shop.server)) as caller:
            for number in range(self.batches):
                batch = [call for name in names(client, number) for call in calls_of(name)]
                ids = [str(call["messageId"]) for call in batch]
                self.load.send(ids)
                while not self._post(caller, batch, ids):
                    if self.stopping.wait(_PAUSE_SECONDS):
                        return
                if self.stopping.wait(_PAUSE_SECONDS):
                    return

    def _post(self, caller: Caller, batch: Sequence[Json], ids: Sequence[str]) -> bool:
        life = self.shop.lives
        secret = base64.b64encode(f"{self.shop.write_key}:".encode()).decode()
        try:
            answer = caller.call("POST", "/v1/batch", {"batch": batch}, authorization=f"Basic {secret}")
        except Unreachable:
            return False
        if answer.status != 200:
            self.load.refusals.append(answer)
            return False
        assert answer.body == {"success": True}, answer.body
        self.load.acknowledge(ids, life)
        return True

    def _import_files(self) -> None:
        with closing(Caller(self.shop.server)) as caller:
            while self.importing.wait() and not self.stopping.is_set():
                self.importing.clear()
                number = self.load.imports
                file, ids = self.folder / f"history-{number}.jsonl", list(imported_ids(number))
                file.write_text("\n".join(history(ids)), encoding="utf-8")
                self.load.send(ids)
                while not self._import(caller, file, ids):
                    if self.stopping.wait(_PAUSE_SECONDS):
                        return
                self.load.imports += 1

    def _import(self, caller: Caller, file: Path, ids: Sequence[str]) -> bool:
        life = self.shop.lives
        try:
            job = import_file(caller, file)
        except Unreachable:
            return False
        if job.get("state") != "done":
            problem = job.get("problem")
            self.load.failed_imports.append(problem if isinstance(problem, Mapping) else job)
            return False
        self.load.acknowledge(ids, life)
        return True


def batches_for(interruptions: int) -> int:
    """How many batches a client can hardly be through with before so many interruptions are over."""
    return 100 + 30 * interruptions


def names(client: int, number: int) -> list[str]:
    """The people of a client's batch."""
    return [f"p{client}-{number}-{place}" for place in range(PEOPLE_PER_BATCH)]


def consents(batches: int) -> Iterator[str]:
    """Rows of a file: everybody whom the clients will send agreed to be written to."""
    for client in range(CLIENTS):
        for number in range(batches):
            for name in names(client, number):
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


def calls_of(name: str) -> list[dict[str, Json]]:
    """Everything one person does; the first of a batch looked around before saying who they are."""
    device = f"device-{name}" if name.endswith("-0") else None
    known: dict[str, Json] = {"userId": name} if device is None else {"userId": name, "anonymousId": device}
    email = {"email": f"{name}@example.invalid"}
    calls: list[dict[str, Json]] = [
        {"type": "identify", "messageId": f"{name}-identify", "traits": email, **known},
        {"type": "track", "event": "cart", "messageId": f"{name}-cart", "properties": {"n": 1}, **known},
    ]
    if device is not None:
        look: dict[str, Json] = {"type": "track", "event": "look", "messageId": f"{name}-look"}
        look["anonymousId"] = device
        calls.insert(0, look)
    return calls


def imported_ids(number: int) -> Iterator[str]:
    """The message ids of a file of history."""
    for row in range(IMPORTED_ROWS):
        yield f"h{number}-{row}-visit"


def history(ids: Sequence[str]) -> Iterator[str]:
    """Rows of a file: visits of people of earlier days."""
    for one in ids:
        yield json.dumps(
            {
                "type": "track",
                "event": "visit",
                "userId": one.removesuffix("-visit"),
                "messageId": one,
                "timestamp": "2026-01-01T00:00:00Z",
            }
        )
