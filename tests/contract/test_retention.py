"""Events past their period go from the log and the counts beside it, on every engine, and nothing else."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from tests.services.state import OpenStore

from perennial.backends.clickhouse import ClickHouseEventStore, Transport
from perennial.backends.clickhouse.doctor import ClickHouseLogExam
from perennial.backends.clickhouse.retention import ClickHousePastEvents
from perennial.backends.sql.state import StateStore
from perennial.collect.events.columns import to_table
from perennial.collect.retention import Cutoffs
from perennial.kernel.events import RowKind
from perennial.kernel.ids import ProfileId
from perennial.testing import HistoryEvent, PersonHistory, rows_of

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CUT = datetime(2026, 3, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
AWKWARD = "o'k\\ {x:String} 购买"


class Log:
    """People with events, on some engine."""

    def __init__(self, transport: Transport) -> None:
        self.store = ClickHouseEventStore(transport)
        self.past = ClickHousePastEvents(transport)
        self.exam = ClickHouseLogExam(transport)
        self._number = 0

    def add(self, name: str, at: datetime, *, kind: RowKind = "track") -> None:
        self._number += 1
        event = HistoryEvent(
            name=name,
            kind=kind,
            origin="perennial" if kind == "perennial" else "source",
            occurred_at=at,
            received_at=at,
            message_id=f"m{self._number}",
        )
        # Each is somebody else's, so that on shards they lie apart.
        person = PersonHistory(profile_id=ProfileId(self._number * 2**59), events=(event,))
        self.store.append(to_table(rows_of(person)), token=f"t{self._number}")

    def differences(self) -> int:
        return len(self.exam.rollup_differences(start=CUT - 400 * DAY, end=NOON + DAY))


@pytest.fixture
def log(transport: Transport) -> Log:
    return Log(transport)


def test_each_event_goes_by_its_own_period_to_the_microsecond(log: Log) -> None:
    for name in ("app_open", AWKWARD, "order_paid", "seen"):
        log.add(name, CUT - MOMENT)
        log.add(name, CUT)
        log.add(name, CUT - 40 * DAY)
    cutoffs = Cutoffs(default=CUT, events={"order_paid": None, AWKWARD: CUT - 30 * DAY})
    assert log.past.count(cutoffs) == {"app_open": 2, AWKWARD: 1, "seen": 2}
    log.past.remove(cutoffs)
    assert log.past.count(cutoffs) == {}
    assert log.store.counts_by_event() == {"app_open": 1, AWKWARD: 2, "order_paid": 3, "seen": 1}
    assert log.differences() == 0
    log.past.remove(cutoffs)
    assert sum(log.store.counts_by_event().values()) == 7


def test_without_a_default_only_named_events_go(log: Log) -> None:
    log.add("app_open", CUT - DAY)
    log.add("order_paid", CUT - DAY)
    log.past.remove(Cutoffs(events={"app_open": CUT}))
    assert log.store.counts_by_event() == {"order_paid": 1}
    assert log.differences() == 0


def test_who_somebody_is_and_what_we_did_stays(log: Log) -> None:
    kinds: Mapping[RowKind, str] = {
        "identify": "identify",
        "alias": "alias",
        "group": "group",
        "consent": "consent",
        "perennial": "message_sent",
        "page": "home",
        "screen": "start",
        "aside": "crawled",
    }
    for kind, name in kinds.items():
        log.add(name, CUT - DAY, kind=kind)
    log.add("reward_withheld", CUT - DAY, kind="perennial")
    cutoffs = Cutoffs(default=CUT)
    assert log.past.count(cutoffs) == {"crawled": 1, "home": 1, "start": 1}
    log.past.remove(cutoffs)
    assert len(log.store.message_ids()) == 6
    assert log.differences() == 0


def test_nothing_is_ever_past_where_nothing_is_said(log: Log) -> None:
    log.add("app_open", CUT - 4_000 * DAY)
    log.past.remove(Cutoffs())
    assert log.past.count(Cutoffs()) == {}
    assert log.store.counts_by_event() == {"app_open": 1}


def test_removals_are_kept_newest_first(open_new: OpenStore) -> None:
    store = StateStore(open_new("state"))
    cutoffs = Cutoffs(default=CUT, events={AWKWARD: None, "app_open": CUT - DAY})
    with store.begin() as transaction:
        assert transaction.removals.latest() is None
        first = transaction.removals.begin(version=1, cutoffs=cutoffs, removed={AWKWARD: 3}, now=NOON)
        transaction.removals.begin(version=2, cutoffs=Cutoffs(), removed={}, now=NOON + DAY)
    with store.begin() as transaction:
        latest = transaction.removals.latest()
        assert latest is not None
        assert (latest.version, latest.finished_at, latest.cutoffs) == (2, None, Cutoffs())
        page = transaction.removals.list(limit=5, before=latest.number)
        assert page == [first]
        assert (first.cutoffs, first.removed) == (cutoffs, {AWKWARD: 3})
