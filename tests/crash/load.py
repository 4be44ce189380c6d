"""Clients at work: people who look around, say who they are and fill a cart.

Each client sends batch after batch, in the protocols by turns, and repeats one until it is acknowledged, as
the real ones do. What the log will call it is known, so that at the end every acknowledgement can be held
against what is stored.
"""

import json
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.callers import Answer, Caller, Unreachable, import_file
from tests.crash.parcels import Parcel, parcels_of
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
    carts: dict[str, str] = field(default_factory=dict[str, str])
    """Whose cart is filled by which message."""
    coins: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """By whom they are counted: the messages that give a coin."""
    joins: dict[str, str] = field(default_factory=dict[str, str])
    """Who says by which message that they were somebody else before."""
    acknowledged: dict[str, int] = field(default_factory=dict[str, int])
    """The server's life in which each was acknowledged."""
    refusals: list[Answer] = field(default_factory=list[Answer])
    """Answers other than 200."""
    failed_imports: list[Mapping[str, Json]] = field(default_factory=list[Mapping[str, Json]])
    """What was said of imports that did not come to their end."""
    imports: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, parcel: Parcel) -> None:
        """Note what is about to be sent."""
        with self.lock:
            self.sent.update(parcel.ids)
            self.carts.update(parcel.carts)
            self.joins.update(parcel.joins)
            for one, counter in parcel.coins.items():
                self.coins.setdefault(counter, set()).add(one)

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
                parcels = parcels_of(client, number, names(client, number), self.shop.write_key)
                for parcel in parcels:
                    self.load.send(parcel)
                    while not self._post(caller, parcel):
                        if self.stopping.wait(_PAUSE_SECONDS):
                            return
                if self.stopping.wait(_PAUSE_SECONDS):
                    return

    def _post(self, caller: Caller, parcel: Parcel) -> bool:
        life = self.shop.lives
        try:
            answer = caller.send(parcel.method, parcel.path, parcel.body, parcel.headers)
        except Unreachable:
            return False
        if answer.status != 200:
            self.load.refusals.append(answer)
            return False
        assert not answer.body.get("rejected"), answer.body
        self.load.acknowledge(parcel.ids, life)
        return True

    def _import_files(self) -> None:
        with closing(Caller(self.shop.server)) as caller:
            while self.importing.wait() and not self.stopping.is_set():
                self.importing.clear()
                number = self.load.imports
                file, ids = self.folder / f"history-{number}.jsonl", list(imported_ids(number))
                file.write_text("\n".join(history(ids)), encoding="utf-8")
                self.load.send(Parcel(method="POST", path="/api/imports", ids=ids))
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
