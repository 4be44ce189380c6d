"""A printed code, what a channel cost, and who came first by it."""

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import perennial
from perennial.collect.acquisition import Channel, Code, Cost
from perennial.kernel.clock import VirtualClock
from perennial.kernel.values import Json

NOW = datetime(2026, 3, 20, tzinfo=UTC)
MARCH = {"first": date(2026, 3, 1), "last": date(2026, 3, 31)}


def visit(user: str, day: int, source: str) -> Json:
    return {"type": "page", "userId": user, "messageId": f"{user}-{day}",
            "timestamp": datetime(2026, 3, day, 9, tzinfo=UTC).isoformat(),
            "context": {"campaign": {"source": source}}}  # fmt: skip


with tempfile.TemporaryDirectory() as folder, perennial.open(folder, clock=VirtualClock(NOW)) as app:
    app.init()
    shop = app.workspace()
    shop.save_channel(Channel(channel_id="fair", name="Spring fair", stability="unstable"))
    shop.save_channel(Channel(channel_id="wechat", name="公众号", sources=("wx",)))
    code = shop.save_code(Code(code="booth1", channel_id="fair", target="https://shop.example/hello"))
    picture = shop.draw_code("booth1", address="https://go.shop.example/c")
    Path(folder, "booth1.svg").write_bytes(picture)

    shop.send([visit("anna", 10, "wx"), visit("ben", 11, "fair"), visit("anna", 5, "fair")])
    shop.save_cost(Cost(channel_id="fair", first_day=date(2026, 3, 1), last_day=date(2026, 3, 31),
                        amount=50_000, currency="CNY"))  # fmt: skip
    shop.wait_accepted()
    report = {row["channel"]: row for row in shop.report_channels(**MARCH)}
    came_by_fair = shop.count_people({"trait": "first_touch_channel", "is": "fair"})

    print(f"booth1 leads to {code['leads_to']}")
    print(f"{came_by_fair} people came first by the fair; each cost {report['fair']['cost_per_person']}")
    assert came_by_fair == report["fair"]["people_gained"] == 2
    assert report["fair"]["cost_per_person"] == {"CNY": 25_000}
