"""Taking people out of the embedded event store.

Not yet of a server or of shards: there replaced parts were seen to stay for longer than a minute.
"""

from datetime import UTC, datetime

import pytest
from tests.services.event_stores import ENGINES

from perennial.backends.clickhouse import ClickHouseEventStore, Transport
from perennial.backends.clickhouse.erasing import ClickHouseEventErasure
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
        anonymous_id="phone" if number == 3 else "",
    )


@pytest.mark.parametrize("workspaces", ENGINES[:1], indirect=True)
def test_a_persons_rows_and_cells_are_gone_with_their_files(transport: Transport) -> None:
    events = ClickHouseEventStore(transport)
    events.append(to_table([a_row(number) for number in range(1, 7)]), token="t")
    events.override({ProfileId(2): ProfileId(1)})
    erasing = ClickHouseEventErasure(transport)
    li = PersonNames(profiles=[ProfileId(1), ProfileId(2)], names=[Identifier(ANONYMOUS, "phone")])
    assert erasing.left(li.profiles) > 0
    counts = erasing.erase(li)
    assert (counts["events"], counts["rollup"]) == (2, 2)
    assert erasing.left(li.profiles) == 0
    # Somebody else's row on the person's device stays, without the device.
    assert counts["device ids of others"] == 1
    assert sorted(events.message_ids()) == ["m3", "m4", "m5", "m6"]
    assert erasing.erase(li) == {}
