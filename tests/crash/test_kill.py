"""`kill -9` under load: nothing acknowledged is lost, nothing is doubled, no message is sent twice."""

import os
from pathlib import Path

from tests.crash.campaign import Seeded, ailments, finish, interrupt, log_file, reckon, record
from tests.crash.load import Clients, Load, batches_for, consents
from tests.crash.shop import Shop

from perennial.kernel.clock import SystemClock
from perennial.showcase.mailbox import Mailbox

KILLS = int(os.environ.get("CRASH_KILLS", "4"))
SEED = int(os.environ.get("CRASH_SEED", "1"))
CAPACITY = 1_000_000


def test_a_killed_server_loses_nothing_it_acknowledged_and_repeats_nothing(tmp_path: Path) -> None:
    with (
        Mailbox(SystemClock(), capacity=CAPACITY) as mailbox,
        Shop(tmp_path / "home", mailbox, log=log_file(tmp_path)) as shop,
    ):
        clients = Clients(shop, Load(), tmp_path, batches=batches_for(KILLS))
        shop.start()
        shop.open_for_business(consents(clients.batches))
        with clients.at_work():
            moments = interrupt(clients, times=KILLS, chance=Seeded(seed=SEED), then=lambda _number: None)
        finish(shop)
        found = ailments(shop)
        assert shop.stop() == 0
        reckoning = reckon(shop, clients.load)
    record("kill -9", kills=KILLS, seed=SEED, **moments, **reckoning.figures)
    assert reckoning.verdict() == ""
    assert found == []
    assert reckoning.figures["acknowledged"] > 0, "the clients got nothing through"
