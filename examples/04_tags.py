"""Tags are values computed by a rule: a lifecycle stage, and RFM groups by quantiles."""

import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import perennial
from perennial.kernel.clock import VirtualClock

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LIFECYCLE = """
id: stage
name: Lifecycle stage
dimension: stage
values:
  - {value: active, if: {did: order_paid, within: 30d}}
  - {value: dormant, if: {did: order_paid}}
else: prospect
"""
RFM = "{id: rfm, name: RFM, rfm: {r: {measure: last_ago, of: order_paid}, f: {measure: count, of: order_paid}, m: {measure: sum(amount), of: order_paid}, quantiles: 5}}"  # noqa: E501


def orders() -> list[dict[str, object]]:
    """Ten people; person n ordered n times, the last n times 8 days ago."""
    return [
        {"type": "track", "userId": f"p{n}", "event": "order_paid", "messageId": f"{n}-{k}",
         "timestamp": (NOW - timedelta(days=8 * n + k)).isoformat(), "properties": {"amount": 10 * n}}
        for n in range(1, 11)
        for k in range(n)
    ]  # fmt: skip


with tempfile.TemporaryDirectory() as folder:
    history = Path(folder) / "orders.jsonl"
    history.write_text("\n".join(json.dumps(order) for order in orders()), encoding="utf-8")
    with perennial.open(Path(folder) / "home", clock=VirtualClock(NOW)) as app:
        app.init()
        shop = app.workspace()
        shop.import_file(history)
        shop.save_tag(LIFECYCLE)
        shop.save_tag(RFM)
        shop.refresh_tags()
        stages, _ = shop.tag_values("stage")
        groups, _ = shop.tag_values("rfm")
        print(stages)
        print(groups)
        assert stages["p1"] == "active"
        assert stages["p10"] == "dormant"
        assert shop.count_people({"tag": "stage", "is": "active"}) == 3
