"""The least a server could do with a batch: durable, and each message id once. No checks, nothing processed.

The trial of the architecture page (`The way in`), kept runnable as the baseline of `benchmarks.intake`.
"""

import asyncio
import sqlite3
import sys
from collections import deque
from collections.abc import Sequence
from hashlib import blake2b
from threading import Condition, Thread

import msgspec
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server
from starlette.types import Receive, Scope, Send

Waiting = tuple[bytes, Sequence[bytes], asyncio.Future[None]]


class Committer:
    """One thread that commits whatever waits."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._waiting: deque[Waiting] = deque()
        self._changed = Condition()
        Thread(target=self._run, daemon=True).start()

    def put(self, body: bytes, keys: Sequence[bytes], done: "asyncio.Future[None]") -> None:
        with self._changed:
            self._waiting.append((body, keys, done))
            self._changed.notify()

    def _run(self) -> None:
        store = sqlite3.connect(self._path, isolation_level=None)
        store.execute("PRAGMA journal_mode = WAL")
        store.execute("PRAGMA synchronous = FULL")
        store.execute("CREATE TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID")
        store.execute("CREATE TABLE log (position INTEGER PRIMARY KEY, body BLOB)")
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                group = list(self._waiting)
                self._waiting.clear()
            store.execute("BEGIN IMMEDIATE")
            store.executemany("INSERT INTO log (body) VALUES (?)", [(body,) for body, _, _ in group])
            store.executemany(
                "INSERT OR IGNORE INTO seen VALUES (?)", [(key,) for _, keys, _ in group for key in keys]
            )
            store.execute("COMMIT")
            for _, _, done in group:
                done.get_loop().call_soon_threadsafe(done.set_result, None)


class Application:
    """ASGI, raw."""

    def __init__(self, path: str) -> None:
        self._committer = Committer(path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        keys = [
            blake2b(item["messageId"].encode(), digest_size=12).digest()
            for item in msgspec.json.decode(body)["batch"]
        ]
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._committer.put(body, keys, done)
        await done
        answer = b'{"success":true}'
        headers = [(b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


async def serve(path: str, port: int) -> None:
    server = Server(
        Application(path),
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    )
    await server.serve()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
