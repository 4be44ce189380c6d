"""What a tag's new rule would change, who moved from stage to stage, and what is said to be wrong."""

import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import perennial
from perennial.kernel.clock import VirtualClock

NOW = datetime(2026, 6, 1, tzinfo=UTC)
STAGES = """
id: stage
layer: result
owner: growth team
values:
  - {value: active, if: {did: order_paid, within: %s}}
  - {value: dormant, if: {did: order_paid}}
else: prospect
"""


def orders() -> list[dict[str, object]]:
    """Ten people; person n ordered once, 8 n days ago."""
    return [
        {"type": "track", "userId": f"p{n}", "event": "order_paid", "messageId": f"{n}",
         "timestamp": (NOW - timedelta(days=8 * n)).isoformat(), "properties": {"amount": 10 * n}}
        for n in range(1, 11)
    ]  # fmt: skip


with tempfile.TemporaryDirectory() as folder:
    history = Path(folder) / "orders.jsonl"
    history.write_text("\n".join(json.dumps(order) for order in orders()), encoding="utf-8")
    with perennial.open(Path(folder) / "home", clock=VirtualClock(NOW)) as app:
        app.init()
        shop = app.workspace()
        shop.import_file(history)
        shop.save_tag(STAGES % "30d")
        shop.refresh_tags()

        # Before it is saved: whoever ordered 32 or 40 days ago would be active again.
        diff = shop.diff_tag(STAGES % "45d")
        print(diff["changed"], diff["changes"])
        assert diff["changed"] == 2

        moves = shop.tag_transitions("stage", start=NOW - timedelta(days=56), every=timedelta(days=28))
        print(moves["moments"])

        shop.save_tag(STAGES % "45d")
        shop.refresh_tags()
        told = shop.person_tags("p4")
        print(told["changes"])
        assert told["values"] == {"stage": "active"}

        print(shop.dispute_tag("stage", "p4", by="ann", note="closed her account"))
        print(shop.tag_lineage("stage"))
