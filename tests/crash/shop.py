"""A shop whose server is killed: one home directory, its process, and the mail server it writes to."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.crash.callers import Caller, Unreachable, import_file

from perennial.kernel.values import Json
from perennial.showcase.mailbox import Mailbox

START_SECONDS = 60.0
STOP_SECONDS = 60.0
TEMPLATE: dict[str, Json] = {
    "id": "hello",
    "channel": "email",
    "subject": "Hello",
    "text": "Hello {{ person.traits.email }}.",
}
JOURNEY: dict[str, Json] = {
    "id": "hello",
    "entry": {"on": {"event": "cart"}},
    "reentry": "never",
    "goal": {"event": "paid", "for": "7d"},
    "control": "none",
    "start": "write",
    "nodes": {
        "write": {"send": {"channel": "email", "template": "hello", "topic": "marketing"}, "then": "rest"},
        "rest": {"wait": "1s", "then": "done"},
        "done": {"exit": {"outcome": "written"}},
    },
}
PERENNIAL: tuple[str, ...] = ("-m", "perennial")
_PAUSE_SECONDS = 0.02


class Shop:
    """One home directory and its server; `environment` and `program` are for those who interfere."""

    def __init__(
        self,
        home: Path,
        mailbox: Mailbox,
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        program: Sequence[str] = PERENNIAL,
    ) -> None:
        self.home = home
        self.log = log
        self.mailbox = mailbox
        self.process: subprocess.Popen[bytes] | None = None
        self.lives = 0
        """How often the server was started."""
        self._environment = {**os.environ, **(environment or {})}
        self._program = program
        self._pause = threading.Event()
        home.mkdir()
        (home / "settings.toml").write_text(
            # Everyone gets their mail: what was sent is compared with what came.
            f'holdout = 0\n[smtp]\nurl = "{mailbox.url}?from=shop@example.com"\n',
            encoding="utf-8",
        )
        self.write_key = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def open_for_business(self, consents: Iterable[str]) -> None:
        """Make the workspace, take over consents, publish template and journey; the server must run."""
        file = self.log.parent / "consents.jsonl"
        file.write_text("\n".join(consents), encoding="utf-8")
        with closing(Caller(self.server)) as caller:
            made = caller.call("POST", "/api/workspaces", {"workspace": "default"})
            self.write_key = str(made.body["write_key"])
            assert import_file(caller, file)["state"] == "done"
            for path, document in {"templates": TEMPLATE, "journeys": JOURNEY}.items():
                answer = caller.call("POST", f"/api/{path}", document)
                assert answer.status == 200, answer.body

    def spawn(self) -> None:
        """Start the server's process, and do not wait for it."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self._program, "--home", str(self.home), "serve", "--port", "0"],
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.lives += 1

    def start(self) -> float:
        """Start the server and wait until it answers; how many seconds that took."""
        begun = time.monotonic()
        self.spawn()
        while time.monotonic() < begun + START_SECONDS:
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(f"the server stopped: {self.last_words()}")
            if self.is_healthy():
                return time.monotonic() - begun
            self._pause.wait(_PAUSE_SECONDS)
        raise AssertionError(f"the server did not start: {self.last_words()}")

    def last_words(self) -> str:
        """The end of the server's log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]

    def server(self) -> tuple[str, str] | None:
        """Address and local token of the present process; what an earlier one left behind does not count."""
        try:
            known = json.loads((self.home / "server.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        running = self.process is not None and known["pid"] == self.process.pid
        return (str(known["address"]), str(known["token"])) if running else None

    def is_healthy(self) -> bool:
        """Whether the server answers its health check."""
        with closing(Caller(self.server)) as caller, suppress(Unreachable):
            return caller.call("GET", "/api/health").status == 200
        return False

    def kill(self) -> None:
        """SIGKILL, to the whole process group: nothing gets to say goodbye."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=STOP_SECONDS)

    def tell_to_stop(self) -> None:
        """SIGTERM, and no waiting."""
        assert self.process is not None
        self.process.terminate()

    def stop(self) -> int:
        """SIGTERM: drains and exits."""
        self.tell_to_stop()
        assert self.process is not None
        return self.process.wait(timeout=STOP_SECONDS)
