"""Taking people out of the event store, on every engine."""

from datetime import UTC, datetime

from perennial.backends.clickhouse import ClickHouseEventStore, Transport
from perennial.backends.clickhouse.erasing import ClickHouseEventErasure
from perennial.backends.clickhouse.parameters import sql
from perennial.backends.clickhouse.personal import IMPERSONAL, PERSONAL
from perennial.collect.events.columns import EventRow, to_table
from perennial.collect.identity.model import ANONYMOUS, Identifier
from perennial.collect.privacy import PersonNames
from perennial.kernel.ids import ProfileId

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def a_row(number: int) -> EventRow:
    return EventRow(
        profile_id=ProfileId(number),
        occurred_at=NOON,
        received_at=NOON,
        name="seen",
        kind="track",
        origin="source",
        source="web",
        message_id=f"m{number}",
        anonymous_id="phone" if number in (1, 3, 4) else "",
    )


def test_a_persons_rows_and_cells_are_gone_with_their_files(transport: Transport) -> None:
    events = ClickHouseEventStore(transport)
    events.append(to_table([a_row(number) for number in range(1, 7)]), token="t")
    events.override({ProfileId(2): ProfileId(1)}, version=1)
    erasing = ClickHouseEventErasure(transport)
    li = PersonNames(profiles=[ProfileId(1), ProfileId(2)], names=[Identifier(ANONYMOUS, "phone")])
    assert erasing.left(li.profiles) > 0
    counts = erasing.count(li)
    assert (counts["events"], counts["rollup"]) == (2, 2)
    # Somebody else's row on the person's device stays, without the device.
    assert counts["device ids of others"] == 2
    erasing.erase(li)
    assert erasing.left(li.profiles) == 0
    assert sorted(events.message_ids()) == ["m3", "m4", "m5", "m6"]
    assert erasing.count(li) == {}
    erasing.erase(li)


def test_every_table_of_every_shard_is_known_to_hold_rows_of_people_or_none(transport: Transport) -> None:
    asked = sql("SELECT name FROM system.tables WHERE database = {database:String}")
    with_people = sql(
        "SELECT table FROM system.columns WHERE database = {database:String} AND name = 'profile_id'"
        " AND table IN (SELECT name FROM system.tables"
        " WHERE database = {database:String} AND engine NOT LIKE '%View')"
    )
    for shard in transport.shards:
        tables = set(shard.query(asked)["name"].to_pylist())
        assert tables >= set(PERSONAL)
        # A table that is missing here goes into `backends/clickhouse/personal.py`.
        assert tables <= {*PERSONAL, *IMPERSONAL}
        assert set(shard.query(with_people)["table"].to_pylist()) == set(PERSONAL)
