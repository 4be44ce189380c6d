"""What is sent is held against a plan, cleaned by declared rules, and listed in the catalogue."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import perennial
from perennial.kernel.clock import VirtualClock

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PLAN = """
mode: warn
sources: {web: block}
events:
  order_paid:
    unexpected_properties: refused
    properties:
      amount: {type: number, required: true, min: 0}
      currency: {type: text, allowed: [CNY, USD]}
"""
RULES = """
rules:
  - {id: staff, test_accounts: exclude, user_ids: ["test-*"]}
  - {id: fen, multiply: amount_fen, by: 0.01, to: amount}
"""


def order(user: str, **properties: str | float) -> dict[str, object]:
    """One paid order."""
    return {"type": "track", "userId": user, "event": "order_paid", "properties": properties}


with (
    tempfile.TemporaryDirectory() as folder,
    perennial.open(Path(folder) / "home", clock=VirtualClock(NOW)) as app,
):
    app.init()
    shop = app.workspace()
    shop.publish_plan(PLAN)
    shop.publish_cleaning(RULES)

    receipt = shop.send([order("p1", amount=12.5), order("p2", amount="12.5")], source="web")
    [reject] = receipt.rejected
    print(reject.path, reject.code, reject.message, reject.hint)
    assert (reject.path, reject.code) == ("$.properties.amount", "wrong_type")

    shop.send(
        [order("p3", amount_fen=1999), order("test-1", amount=1), order("p4", amount=1, currenzy="CNY")]
    )
    shop.turn()
    print(shop.report_plan()["violations"])
    print(shop.report_cleaning()["counts"])
    assert shop.count_events() == 3
    for row in shop.list_schema_properties("order_paid").rows:
        print(row)
