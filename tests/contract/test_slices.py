"""A pass in slices asks about everybody exactly once."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from perennial.backends.clickhouse import ClickHouseEventStore, Transport
from perennial.backends.clickhouse.parameters import Parameter
from perennial.backends.clickhouse.slices import divided, size_of_log, slices_of
from perennial.collect.events.columns import EventRow, to_table
from perennial.kernel.ids import ProfileId

AT = datetime(2026, 3, 1, tzinfo=UTC)
PEOPLE = (1, 2**61, 2**62, 2**63 - 1)


def ends(part: Mapping[str, Parameter]) -> tuple[int, int]:
    values = part["first"].value, part["last"].value
    assert isinstance(values[0], int)
    assert isinstance(values[1], int)
    return values[0], values[1]


def test_slices_follow_each_other_without_gap_and_hold_every_id() -> None:
    for number in (1, 2, 7, 64):
        parts = [ends(part) for part in divided(number)]
        assert len(parts) == number
        assert parts[0][0] == 0
        assert parts[-1][1] == np.iinfo(np.uint64).max
        assert all(left[1] + 1 == right[0] for left, right in pairwise(parts))


def test_many_numbers_about_people_are_asked_in_more_slices(transport: Transport) -> None:
    ClickHouseEventStore(transport).append(to_table([row(profile_id) for profile_id in PEOPLE]), token="t")
    people = size_of_log(transport).people
    assert len(slices_of(people, columns=100)) == 1
    parts = [ends(part) for part in slices_of(people, columns=30_000_000)]
    assert len(parts) > 1
    held = [sum(first <= one <= last for first, last in parts) for one in PEOPLE]
    assert held == [1, 1, 1, 1]


def row(profile_id: int) -> EventRow:
    return EventRow(
        profile_id=ProfileId(profile_id),
        occurred_at=AT,
        received_at=AT,
        name="order_paid",
        kind="track",
        source="test",
        message_id=f"m{profile_id}",
    )
