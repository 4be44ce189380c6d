"""The condition language: ask, and have the question said back in words."""

import json
import tempfile
from pathlib import Path

import perennial
from perennial.kernel.conditions import explain, parse_condition

QUESTIONS = {
    "never bought": {"did": "order_paid", "times": "= 0"},
    "spent 100 in January": {
        "measure": "sum(amount)",
        "of": "order_paid",
        "within": {"from": "2026-01-01", "to": "2026-01-31"},
        "is": ">= 100",
    },
    "no big basket": {
        "not": {"did": {"event": "order_paid", "where": [{"property": "amount", "is": "> 100"}]}}
    },
    "in 上海 or 北京": {"trait": "city", "in": ["上海", "北京"]},
}
CALLS = [
    {"type": "identify", "userId": "li", "timestamp": "2026-01-02T00:00:00Z", "traits": {"city": "上海"}},
    {"type": "track", "userId": "li", "event": "order_paid", "timestamp": "2026-01-03T00:00:00Z",
     "properties": {"amount": 120}},
    {"type": "identify", "userId": "wang", "timestamp": "2026-01-02T00:00:00Z", "traits": {"city": "广州"}},
]  # fmt: skip

with tempfile.TemporaryDirectory() as folder:
    history = Path(folder) / "history.jsonl"
    history.write_text("\n".join(json.dumps(call) for call in CALLS), encoding="utf-8")
    with perennial.open(Path(folder) / "home") as app:
        app.init()
        shop = app.workspace()
        shop.import_file(history)
        for name, question in QUESTIONS.items():
            condition = parse_condition(question)
            print(f"{name}: {shop.count_people(question)}")
            print("   ", explain(condition, "en"))
            print("   ", explain(condition, "zh-CN"))
        found = {name: shop.count_people(question) for name, question in QUESTIONS.items()}
        assert found == {
            "never bought": 1,
            "spent 100 in January": 1,
            "no big basket": 1,
            "in 上海 or 北京": 1,
        }
