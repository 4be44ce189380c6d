"""Import a file of history, and count: the smallest use of Perennial as a library."""

import json
import tempfile
from pathlib import Path

import perennial

CALLS = [
    {"type": "identify", "userId": "li", "timestamp": "2026-01-03T05:00:00Z", "traits": {"city": "上海"}},
    {"type": "track", "userId": "li", "event": "order_paid", "timestamp": "2026-01-03T05:00:00Z",
     "properties": {"amount": 120}},
    {"type": "track", "userId": "wang", "event": "order_paid", "timestamp": "2026-02-01T05:00:00Z",
     "properties": {"amount": 30}},
    {"type": "track", "event": "order_paid", "timestamp": "2026-02-01T05:00:00Z"},
]  # fmt: skip

with tempfile.TemporaryDirectory() as folder:
    history = Path(folder) / "history.jsonl"
    history.write_text("\n".join(json.dumps(call) for call in CALLS), encoding="utf-8")
    with perennial.open(Path(folder) / "home") as app:
        app.init()
        shop = app.workspace()
        result = shop.import_file(history)
        print(f"read {result.read}, accepted {result.accepted}, rejected {result.rejected}")
        again = shop.import_file(history)
        print(f"again: accepted {again.accepted}, duplicates {again.duplicates}")
        print("orders:", shop.count_events(event="order_paid"))
        print("in 上海:", shop.count_people({"trait": "city", "is": "上海"}))
        for reject in shop.list_rejects().rows:
            print("rejected:", reject["path"], reject["message"])
        assert (result.read, result.accepted, result.rejected) == (4, 3, 1)
        assert again.accepted == 0
        assert shop.count_events() == 2
