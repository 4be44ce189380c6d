"""`kill -9` under load: nothing acknowledged is lost, nothing is doubled, no message is sent twice."""

import os
from pathlib import Path
from typing import Any

import perennial

from .harness import campaign, doubled

KILLS = int(os.environ.get("CRASH_KILLS", "4"))
SEED = int(os.environ.get("CRASH_SEED", "1"))


def _all_messages(shop: Any) -> list[Any]:
    rows: list[Any] = []
    after: str | None = None
    while True:
        page = shop.list_messages(limit=1000, after=after)
        rows.extend(page.rows)
        after = page.next
        if after is None:
            return rows


def test_a_killed_server_loses_nothing_it_acknowledged_and_repeats_nothing(tmp_path: Path) -> None:
    shop, load = campaign(tmp_path, kills=KILLS, seed=SEED)
    assert load.acknowledged, "the clients got nothing through"
    with perennial.open(shop.home) as app:
        workspace = app.workspace()
        stored = workspace.message_ids()
        messages = _all_messages(workspace)
        entered = workspace.message_ids(event="journey_entered")
    stored_ids = {one for one in stored if one.endswith(("-i", "-t"))}
    stored = [one for one in stored if one in stored_ids]
    assert doubled(stored) == []
    assert load.acknowledged - stored_ids == set(), "acknowledged events are missing"
    assert stored_ids - load.sent == set()
    people = {name.removesuffix("-t") for name in stored_ids if name.endswith("-t")}
    assert doubled(entered) == []
    assert len(entered) == len(people)
    assert doubled([message.user_id for message in messages]) == []
    assert {message.user_id for message in messages} == people
    delivered = [_message_id(mail) for mail in shop.mailbox.mails]
    assert doubled(delivered) == []
    sent = {message.message_id for message in messages if message.state == "sent"}
    unknown = {message.message_id for message in messages if message.state == "unknown"}
    assert {message.state for message in messages} <= {"sent", "unknown"}
    assert sent <= set(delivered) <= sent | unknown
    print(
        f"kills={KILLS} seed={SEED} acknowledged={len(load.acknowledged)} stored={len(stored)} "
        f"people={len(people)} sent={len(sent)} unknown={len(unknown)} delivered={len(delivered)}"
    )
