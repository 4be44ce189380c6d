"""A mapping is suggested, a packed file comes in, and what goes out comes back whole."""

import gzip
import tempfile
from pathlib import Path

import perennial
from perennial.runtime.exports import ExportOrder

ORDERS = "会员号,下单时间,订单号,金额\n" + "".join(
    f"A{number % 3},2026-01-{number:02} 10:00:00,o{number},{number * 1.5}\n" for number in range(1, 21)
)

with tempfile.TemporaryDirectory() as folder:
    there = Path(folder)
    file = there / "orders.csv.gz"
    file.write_bytes(gzip.compress(ORDERS.encode()))

    with perennial.open(there / "home") as app:
        app.init(timezone="Asia/Shanghai")
        shop = app.workspace()

        suggestion = shop.suggest_mapping(file)
        print(suggestion.yaml)
        assert suggestion.mapping is not None
        assert {one.part: one.sure for one in suggestion.readings}["user_id"] == "sure"

        first = shop.import_file(file, mapping=suggestion.mapping)
        again = shop.import_file(file, mapping=suggestion.mapping)
        assert (first.accepted, again.accepted) == (20, 0)

        done = shop.export_events(ExportOrder(to=str(there / "events.jsonl"), format="jsonl"))
        print(f"{done.rows} events were exported, as of {done.as_of:%Y-%m-%d %H:%M}.")

        app.init("copy", timezone="Asia/Shanghai")
        copy = app.workspace("copy")
        copy.import_file(there / "events.jsonl")
        assert copy.counts_by_event() == shop.counts_by_event()
        assert copy.count_people() == shop.count_people() == 3
