"""Which moments can be asked about."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from perennial.kernel.conditions import moment_asked
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.windows import EARLIEST, LATEST, Zone


@pytest.mark.parametrize(
    "as_of",
    [
        datetime(2026, 3, 15),  # noqa: DTZ001  the mistake under test
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(1899, 12, 31, tzinfo=UTC),
        datetime(2300, 1, 1, tzinfo=UTC),
    ],
)
def test_a_moment_without_offset_or_beyond_the_store_is_refused(as_of: datetime) -> None:
    with pytest.raises(InvalidDocument) as refused:
        moment_asked(as_of, zone=Zone())
    assert refused.value.problems[0].path == "$.as_of"


def test_the_first_and_the_last_moment_can_be_asked_about() -> None:
    assert moment_asked(EARLIEST, zone=Zone()).as_of == EARLIEST
    assert moment_asked(LATEST, zone=Zone()).as_of == LATEST
