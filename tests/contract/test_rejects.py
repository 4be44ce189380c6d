"""Refused calls on either state engine: kept with bounds, looked for, and tried again exactly once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from tests.services.state import OpenStore

from perennial.backends.sql.intake import SqlIntakeLog
from perennial.backends.sql.rejects import KEPT_FOR, KEPT_OF_REQUEST, SqlRejects
from perennial.collect.events import Call, Intake, Reception
from perennial.collect.events.model import Refusal, Screening
from perennial.collect.rejects import Mending, RejectQuery, Rejects
from perennial.kernel.errors import NotFound

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
EVERY = RejectQuery()


class Store:
    """A log, what it refused, and a rule that refuses some events while it stands."""

    def __init__(self, log: SqlIntakeLog, store: SqlRejects, intake: Intake) -> None:
        self.log, self.store, self.intake = log, store, intake
        self.blocked: set[str] = set()
        self.rejects = Rejects(store, intake, screening=lambda _source: self._rule())

    def _rule(self) -> Screening:
        return Blocking(self.blocked)

    def hear(self, *documents: object, source: str = "web", at: datetime = NOON) -> None:
        self.intake.submit(
            documents, Reception(source=source, received_at=at, sent_at=None, screening=self._rule())
        )

    def listed(self, query: RejectQuery = EVERY) -> list[str]:
        return [one.event for one in self.rejects.list(query, limit=100)[0]]

    def logged(self) -> list[Call]:
        return list(self.log.read(after=0, limit=100_000).calls)


class Blocking:
    """Events of these names are not taken."""

    judges_clocks = False

    def __init__(self, names: set[str]) -> None:
        self._names = names

    def concerns(self, events: object) -> bool:
        return bool(events)

    def conceal(self, payload: str) -> str:
        return payload

    def __call__(self, call: Call, /) -> Call | Refusal:
        if call.name in self._names:
            return Refusal(path=".event", code="blocked", message="Not in the plan.")
        return call


@pytest.fixture
def store(open_new: OpenStore) -> Iterator[Store]:
    engine = open_new("intake")
    log, numbers = SqlIntakeLog(engine), count()
    intake = Intake(log, new_id=lambda: f"made-{next(numbers)}")
    yield Store(log, SqlRejects(engine), intake)
    intake.close()


def track(event: object, **fields: object) -> dict[str, object]:
    return {"type": "track", "event": event, "userId": "p1", **fields}


def test_rejects_are_found_by_what_is_known_of_them(store: Store) -> None:
    store.blocked |= {"seen", "paid"}
    store.hear(track("seen", messageId="m1"), track("paid", userId="Li", properties={"note": "红包 100%"}))
    store.hear(track("seen"), {"type": "?"}, source="app", at=LATER)

    assert store.listed(RejectQuery(code="blocked", source="web")) == ["paid", "seen"]
    assert store.listed(RejectQuery(event="seen")) == ["seen", "seen"]
    assert store.listed(RejectQuery(start=LATER)) == ["", "seen"]
    assert store.listed(RejectQuery(end=LATER)) == ["paid", "seen"]
    assert [store.listed(RejectQuery(search=text)) for text in ("100%", "1000", "li", "M1")] == [
        ["paid"],
        [],
        ["paid"],
        ["seen"],
    ]


def test_rejects_come_in_pages_and_are_counted_by_reason(store: Store) -> None:
    store.blocked |= {"seen"}
    store.hear(*[track("seen") for _ in range(5)], {"type": "?"})

    first, cursor = store.rejects.list(EVERY, limit=4)
    rest, end = store.rejects.list(EVERY, limit=4, after=cursor)

    assert (len(first), len(rest), end) == (4, 2, None)
    assert [(one.code, one.events) for one in store.rejects.counts(EVERY)] == [
        ("blocked", 5),
        ("unknown_type", 1),
    ]


def test_what_the_rules_take_now_is_an_event_at_the_time_it_came_once(store: Store) -> None:
    store.blocked |= {"seen"}
    store.hear(track("seen", messageId="m1"), track("seen"))
    store.blocked.clear()

    results = [store.rejects.replay(EVERY, now=LATER) for _ in range(2)]

    assert [(one.tried, one.replayed) for one in results] == [(2, 2), (0, 0)]
    assert [(call.message_id, call.received_at) for call in store.logged()] == [
        ("m1", NOON),
        ("reject-2", NOON),
    ]
    noted = store.rejects.list(EVERY, limit=10)[0]
    assert [(one.message_id, one.replayed_at) for one in noted] == [("reject-2", LATER), ("m1", LATER)]


def test_a_replay_that_was_cut_off_before_it_was_noted_doubles_nothing(store: Store) -> None:
    store.blocked |= {"seen"}
    store.hear(track("seen", messageId="m1"), track("seen"))
    store.blocked.clear()
    twin = Rejects(Unnoting(store.store), store.intake, screening=lambda _source: None)

    twin.replay(EVERY, now=NOON)
    assert [one.replayed_at for one in store.rejects.list(EVERY, limit=10)[0]] == [None, None]
    result = store.rejects.replay(EVERY, now=LATER)

    assert (result.replayed, len(store.logged())) == (2, 2)


class Unnoting:
    """A store whose process is killed each time before it notes what was taken."""

    def __init__(self, store: SqlRejects) -> None:
        self.find, self.oldest, self.counts = store.find, store.oldest, store.counts

    def settle(self, taken: object, refused: object, *, at: datetime) -> None:
        return None


def test_what_is_refused_again_has_its_new_reason_and_is_still_one_row(store: Store) -> None:
    store.hear({"type": "track", "userId": "p1"})
    store.blocked |= {"seen"}

    result = store.rejects.replay(EVERY, Mending(values={"event": "seen"}), now=LATER)

    (kept,) = store.rejects.list(EVERY, limit=10)[0]
    assert (result.refused, kept.code, kept.path, kept.replayed_at) == (1, "blocked", "$.event", None)
    assert store.logged() == []


def test_calls_are_mended_by_path_and_by_name_before_they_are_tried(store: Store) -> None:
    store.blocked |= {"Order Paid"}
    store.hear(track("Order Paid", properties={"amount": "12", "currency": "CNY"}))

    mending = Mending(values={"properties.amount": 12}, names={"Order Paid": "order_paid"})
    store.rejects.replay(RejectQuery(code="blocked"), mending, now=LATER)

    (call,) = store.logged()
    assert (call.name, call.properties) == ("order_paid", {"amount": 12, "currency": "CNY"})


def test_a_call_is_tried_as_what_its_address_and_its_batch_said(store: Store) -> None:
    told = Reception(
        source="web", received_at=NOON, kind="identify", sent_at="2026-03-31T11:00:00Z", is_decoded=True
    )
    traits = {"traits": {"city": "上海"}, "timestamp": "2026-03-31T10:59:00Z"}
    store.intake.submit([traits], told)

    store.rejects.replay(EVERY, Mending(values={"userId": "p1"}), now=LATER)

    (call,) = store.logged()
    assert (call.kind, call.user_id, call.occurred_at) == ("identify", "p1", NOON - timedelta(minutes=1))


def test_only_those_that_are_named_are_tried(store: Store) -> None:
    store.blocked |= {"seen"}
    store.hear(track("seen", messageId="m1"), track("seen", messageId="m2"))
    store.blocked.clear()

    store.rejects.replay(RejectQuery(ids=[2]), now=LATER)

    assert [call.message_id for call in store.logged()] == ["m2"]
    assert store.rejects.show(2).replayed_at == LATER
    with pytest.raises(NotFound):
        store.rejects.show(3)


def test_one_request_drives_out_nothing_and_every_refusal_of_it_is_counted(store: Store) -> None:
    store.hear({"type": "valuable"})
    store.hear(*[None for _ in range(20_000)])

    page, _ = store.rejects.list(EVERY, limit=50_000)
    assert len(page) == KEPT_OF_REQUEST + 2
    assert [(one.code, one.events) for one in store.rejects.counts(EVERY)] == [
        ("bad_call", 20_000),
        ("unknown_type", 1),
    ]
    result = store.rejects.replay(EVERY, now=LATER)
    assert (result.refused, result.skipped) == (1, KEPT_OF_REQUEST + 1)


def test_what_is_older_than_the_newest_by_the_term_is_let_go(store: Store) -> None:
    store.hear({"type": "old"})
    store.hear({"type": "new"}, at=NOON + KEPT_FOR)
    assert len(store.listed()) == 2

    store.hear({"type": "newer"}, at=NOON + KEPT_FOR + timedelta(seconds=1))
    assert len(store.listed()) == 2


@pytest.mark.parametrize("name", ["a\x00b", "x" * 5_000, 12, True, None, ["p"], {"a": 1}])
def test_whatever_stands_where_a_name_belongs_is_kept_without_harm(store: Store, name: object) -> None:
    store.hear({"type": "?", "userId": name, "event": name, "messageId": name})
    assert len(store.listed()) == 1


def test_rows_of_an_imported_file_are_imported_again_and_not_tried_from_here(store: Store) -> None:
    store.blocked |= {"seen"}
    store.hear(track("seen"), source="import:old.jsonl")
    store.blocked.clear()

    result = store.rejects.replay(EVERY, now=LATER)
    assert (result.tried, result.skipped, store.logged()) == (1, 1, [])
