"""Clicks on codes of channels are counted the same on every engine."""

from datetime import UTC, datetime, timedelta

from perennial.backends.clickhouse import ClickHouseEventStore, Transport
from perennial.backends.clickhouse.acquisition import ClickHouseClickFacts
from perennial.collect.acquisition.model import CLICK_EVENT, CLICK_SOURCE, CodeClicks
from perennial.collect.events.columns import to_table
from perennial.kernel.ids import ProfileId
from perennial.testing import HistoryEvent, PersonHistory, rows_of

START = datetime(2026, 3, 1, tzinfo=UTC)
END = datetime(2026, 3, 2, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def click(code: str, at: datetime, number: int, by: str = "person") -> HistoryEvent:
    return HistoryEvent(
        name=CLICK_EVENT,
        occurred_at=at,
        received_at=at,
        message_id=f"c{number}",
        properties={"code": code, "channel": "fair", "by": by},
    )


def test_clicks_of_a_half_open_span_are_counted_by_code_and_by_whom(transport: Transport) -> None:
    store = ClickHouseEventStore(transport)
    clicks = [
        click("poster", START - MOMENT, 1),
        click("poster", START, 2),
        click("poster", END - MOMENT, 3),
        click("poster", END, 4),
        click("poster", START, 5, by="robot"),
        click("flyer", START, 6),
    ]
    for number, one in enumerate(clicks):
        # Each is somebody else's, so that on shards they lie apart.
        person = PersonHistory(profile_id=ProfileId((number + 1) * 2**60), events=(one,))
        store.append(to_table(rows_of(person, source=CLICK_SOURCE)), token=f"t{number}")
    store.append(
        to_table(rows_of(PersonHistory(profile_id=ProfileId(9), events=(click("poster", START, 7),)))),
        token="a client that sends the same event",
    )
    assert ClickHouseClickFacts(transport).clicks(start=START, end=END) == [
        CodeClicks(code="flyer", channel="fair", by="person", clicks=1),
        CodeClicks(code="poster", channel="fair", by="person", clicks=2),
        CodeClicks(code="poster", channel="fair", by="robot", clicks=1),
    ]
