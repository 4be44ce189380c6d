"""A full disk under load: refused in words clients understand, nothing lost, over when there is room."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from tests.crash.callers import Answer
from tests.crash.campaign import finish, log_file, reckon, record
from tests.crash.load import Clients, Load, consents
from tests.crash.shop import Shop

from perennial.kernel.clock import SystemClock
from perennial.showcase.mailbox import ACCEPTED, Mail, Mailbox

CAPACITY = 1_000_000
SIZE = "96m"
PATIENCE_SECONDS = 40.0
ENOUGH = 6
_CHUNK = 64 * 1024

pytestmark = pytest.mark.service


class SmallDisk:
    """A file system with little room, and a file that takes what is left of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.is_to_fill = threading.Event()
        """Set, it fills up while the next mail is handed over: the answer finds no room."""
        self._filler = root / "filler"

    def fill(self) -> None:
        """Leave no room at all."""
        with self._filler.open("ab", buffering=0) as filler:
            for size in (_CHUNK, 1):
                while _written(filler.fileno(), bytes(size)):
                    pass

    def answer(self, _mail: Mail) -> str:
        """What the mail server says."""
        if self.is_to_fill.is_set():
            self.is_to_fill.clear()
            self.fill()
        return ACCEPTED

    def free(self) -> None:
        """Give the room back."""
        self._filler.unlink()


@pytest.fixture(name="disk")
def _disk(tmp_path: Path) -> Generator[SmallDisk]:
    root = tmp_path / "disk"
    root.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "perennial-test", str(root)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"a small tmpfs cannot be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield SmallDisk(root)
    finally:
        subprocess.run(["umount", "--lazy", str(root)], check=True)


@pytest.fixture(name="shop")
def _shop(tmp_path: Path, disk: SmallDisk) -> Generator[Shop]:
    with (
        Mailbox(SystemClock(), answer=disk.answer, capacity=CAPACITY) as mailbox,
        Shop(disk.root / "home", mailbox, log=log_file(tmp_path)) as shop,
    ):
        yield shop


def test_a_full_disk_is_told_and_recovered_from_without_a_restart(
    tmp_path: Path, disk: SmallDisk, shop: Shop
) -> None:
    clients = Clients(shop, Load(), tmp_path, batches=400)
    load = clients.load
    shop.start()
    shop.open_for_business(consents(clients.batches))
    with clients.at_work():
        _until(lambda: len(load.acknowledged) > 0)
        disk.is_to_fill.set()
        _until(lambda: len(load.refusals) >= ENOUGH)
        clients.importing.set()
        _until(lambda: len(load.failed_imports) > 0)
        disk.free()
        before = len(load.acknowledged)
        _until(lambda: len(load.acknowledged) > before and load.imports == 1)
    finish(shop)
    assert shop.stop() == 0
    reckoning = reckon(shop, load)
    record("disk full", refused=len(load.refusals), **reckoning.figures)
    assert {_told(answer) for answer in load.refusals} == {(503, "disk_full", True)}
    assert {str(problem.get("code")) for problem in load.failed_imports} == {"disk_full"}
    assert reckoning.verdict() == ""
    assert reckoning.figures["lives"] == 1


def test_a_server_does_not_start_on_a_full_disk_and_says_why(disk: SmallDisk, shop: Shop) -> None:
    shop.start()
    shop.open_for_business(())
    assert shop.stop() == 0
    disk.fill()
    shop.spawn()
    assert shop.process is not None
    assert shop.process.wait(timeout=PATIENCE_SECONDS) != 0
    assert '"code": "disk_full"' in shop.last_words()
    assert "Traceback" not in shop.last_words()
    disk.free()
    shop.start()
    assert shop.stop() == 0


def _told(answer: Answer) -> tuple[int, str, bool]:
    """Status, code, and whether the client was told when to come again."""
    return answer.status, str(answer.body.get("code")), int(answer.headers.get("retry-after", "0")) > 0


def _until(is_so: Callable[[], bool]) -> None:
    """Wait for something that must come about soon."""
    pause, end = threading.Event(), time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end, "it did not come about"
        pause.wait(0.05)


def _written(file: int, content: bytes) -> bool:
    """Whether there was room for it."""
    try:
        return os.write(file, content) > 0
    except OSError:
        return False
