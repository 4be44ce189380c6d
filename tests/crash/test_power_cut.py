"""A power cut under load: what was acknowledged is there afterwards, once, whatever the disk forgot.

The method must be able to fail: the same server with `synchronous = OFF` has to lose acknowledged events,
and what the witness writes down, played in full, has to be the directory itself.
"""

import os
import shutil
import threading
from collections.abc import Generator
from pathlib import Path

import pytest
from tests.crash.campaign import Seeded, ailments, finish, interrupt, log_file, reckon, record
from tests.crash.disk import MODELS, Disk, compile_witness
from tests.crash.load import Clients, Load, batches_for, consents
from tests.crash.shop import PERENNIAL, Shop

from perennial.kernel.clock import SystemClock
from perennial.showcase.mailbox import Mailbox

CUTS = int(os.environ.get("CRASH_CUTS", "3"))
SEED = int(os.environ.get("CRASH_SEED", "1"))
CONTROL_CUTS = 3
"""More than one: what ClickHouse had synced before the cut is not lost, even with its log gone."""
CAPACITY = 1_000_000
UNSAFE: tuple[str, ...] = (
    "-c",
    "from sqlalchemy import event, Pool\n"
    "def unsafe(connection, *_): connection.execute('PRAGMA synchronous = OFF')\n"
    "event.listen(Pool, 'checkout', unsafe)\n"
    "from perennial.cli.main import main\n"
    "main()\n",
)
"""The unchanged program on a SQLite that does not sync."""

pytestmark = [
    pytest.mark.service,
    pytest.mark.skipif(shutil.which("gcc") is None, reason="the witness is compiled by gcc, which is absent"),
]


@pytest.fixture(name="disk")
def _disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "disk", compile_witness(tmp_path))


@pytest.fixture(name="mailbox")
def _mailbox() -> Generator[Mailbox]:
    with Mailbox(SystemClock(), capacity=CAPACITY) as mailbox:
        yield mailbox


def test_the_witness_sees_everything_the_server_writes(tmp_path: Path, disk: Disk, mailbox: Mailbox) -> None:
    with _shop_on(disk, mailbox, log_file(tmp_path)) as shop:
        clients = Clients(shop, Load(), tmp_path, batches=10)
        shop.start()
        shop.open_for_business(consents(clients.batches))
        with clients.at_work():
            clients.importing.set()
            threading.Event().wait(2)
        assert shop.stop() == 0
    assert disk.differences() == []


def test_without_syncs_acknowledged_events_are_lost(tmp_path: Path, disk: Disk, mailbox: Mailbox) -> None:
    def cut(_number: int) -> None:
        disk.cut("strict")

    with _shop_on(disk, mailbox, log_file(tmp_path), program=UNSAFE) as shop:
        clients = Clients(shop, Load(), tmp_path, batches=batches_for(CONTROL_CUTS))
        shop.start()
        shop.open_for_business(consents(clients.batches))
        assert shop.stop() == 0
        disk.settle()
        shop.start()
        with clients.at_work():
            interrupt(clients, times=CONTROL_CUTS, chance=Seeded(seed=SEED), then=cut)
        assert shop.stop() == 0
        reckoning = reckon(shop, clients.load)
    lost = len(reckoning.faults.get("acknowledged and lost", []))
    record("power cut, control", acknowledged=len(clients.load.acknowledged), lost=lost)
    assert lost > 0


def test_a_power_cut_loses_nothing_acknowledged_and_repeats_nothing(
    tmp_path: Path, disk: Disk, mailbox: Mailbox
) -> None:
    lost_changes = 0

    def cut(number: int) -> None:
        nonlocal lost_changes
        lost_changes += disk.cut(MODELS[number % len(MODELS)], seed=SEED * 1_000 + number)

    with _shop_on(disk, mailbox, log_file(tmp_path)) as shop:
        clients = Clients(shop, Load(), tmp_path, batches=batches_for(CUTS))
        shop.start()
        shop.open_for_business(consents(clients.batches))
        with clients.at_work():
            moments = interrupt(clients, times=CUTS, chance=Seeded(seed=SEED), then=cut)
        finish(shop)
        found = ailments(shop)
        assert shop.stop() == 0
        reckoning = reckon(shop, clients.load)
    record("power cut", cuts=CUTS, seed=SEED, **moments, lost_changes=lost_changes, **reckoning.figures)
    assert reckoning.verdict() == ""
    assert found == []
    assert reckoning.figures["acknowledged"] > 0, "the clients got nothing through"
    assert lost_changes > 0, "the cuts took nothing away"


def _shop_on(disk: Disk, mailbox: Mailbox, log: Path, *, program: tuple[str, ...] = PERENNIAL) -> Shop:
    shop = Shop(disk.root / "home", mailbox, log=log, environment=disk.environment, program=program)
    disk.settle()
    return shop
