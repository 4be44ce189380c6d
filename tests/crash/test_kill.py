"""`kill -9` under load: nothing acknowledged is lost, nothing is doubled, no message is sent twice."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.crash.harness import campaign, doubled, record

import perennial
from perennial.wiring import Workspace

KILLS = int(os.environ.get("CRASH_KILLS", "4"))
SEED = int(os.environ.get("CRASH_SEED", "1"))


def all_messages(workspace: Workspace) -> Sequence[dict[str, object]]:
    rows: list[dict[str, object]] = []
    after: str | None = None
    while True:
        page = workspace.list_messages(limit=1000, after=after)
        rows.extend(asdict(row) for row in page.rows)  # pyright: ignore[reportArgumentType]
        after = page.next
        if after is None:
            return rows


def test_a_killed_server_loses_nothing_it_acknowledged_and_repeats_nothing(tmp_path: Path) -> None:
    shop, load = campaign(tmp_path, kills=KILLS, seed=SEED)
    assert load.acknowledged, "the clients got nothing through"
    with perennial.open(shop.home) as app:
        workspace = app.workspace()
        stored = [one for one in workspace.message_ids() if one.endswith(("-i", "-t"))]
        messages = all_messages(workspace)
        entered = workspace.message_ids(event="journey_entered")

    assert doubled(stored) == []
    assert load.acknowledged - set(stored) == set(), "acknowledged events are missing"
    assert set(stored) - load.sent == set()

    people = {name.removesuffix("-t") for name in stored if name.endswith("-t")}
    assert doubled(entered) == []
    assert len(entered) == len(people)
    assert doubled([message["user_id"] for message in messages]) == []
    assert {message["user_id"] for message in messages} == people

    delivered = [str(mail.message["Message-ID"]).strip("<>").split("@")[0] for mail in shop.mailbox.mails]
    sent = {message["message_id"] for message in messages if message["state"] == "sent"}
    unknown = {message["message_id"] for message in messages if message["state"] == "unknown"}
    assert {message["state"] for message in messages} <= {"sent", "unknown"}
    assert doubled(delivered) == []
    assert sent <= set(delivered) <= sent | unknown
    record(
        kills=KILLS,
        seed=SEED,
        acknowledged=len(load.acknowledged),
        stored=len(stored),
        people=len(people),
        sent=len(sent),
        unknown=len(unknown),
        delivered=len(delivered),
    )
