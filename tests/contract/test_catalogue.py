"""What clients sent, counted on every event engine, and what people say of it, kept on every state engine."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.services.state import OpenStore

from perennial.backends.clickhouse import Transport
from perennial.backends.clickhouse.catalogue import ClickHouseCatalogueFacts
from perennial.backends.clickhouse.screening import ClickHouseScreeningFacts
from perennial.backends.clickhouse.store import ClickHouseEventStore
from perennial.backends.sql.intake import SqlIntakeLog
from perennial.backends.sql.refusals import SqlRefusalCounts
from perennial.backends.sql.state import StateStore
from perennial.collect.catalogue import Description, EventFacts, LeafFacts, TypeFacts
from perennial.collect.catalogue.service import describe, list_events, list_properties, personal_paths
from perennial.collect.events.model import Call, CallKind, Reject, Submission
from perennial.collect.events.rows import table_of
from perennial.collect.screening.model import CleaningCount, ViolationCount
from perennial.collect.screening.service import publish
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SHANGHAI = Zone(name="Asia/Shanghai")


def a_call(  # each test is about one part
    properties: Mapping[str, Json],
    *,
    name: str = "order_paid",
    kind: CallKind = "track",
    at: datetime = NOON,
    source: str = "web",
    notes: Mapping[str, Json] | None = None,
) -> Call:
    return Call(
        kind=kind,
        name=name,
        user_id="p1",
        occurred_at=at,
        received_at=at,
        message_id=f"{name}-{at.isoformat()}-{source}-{sorted(properties)}",
        source=source,
        properties=properties,
        context={"ip": "192.0.2.1", **({"perennial": notes} if notes else {})},
    )


def write(transport: Transport, *calls: Call, batch: str = "rows") -> None:
    # Different people, so that the shards of a cluster have some rows each.
    people = [ProfileId(number) for number in range(1, len(calls) + 1)]
    ClickHouseEventStore(transport).append(table_of(calls, people), token=batch)


def leaves(transport: Transport, event: str = "order_paid") -> dict[tuple[str, str], LeafFacts]:
    found = ClickHouseCatalogueFacts(transport).properties(event)
    return {(leaf.path, leaf.type): leaf for leaf in found}


def test_events_are_listed_with_their_calls_volumes_times_and_sources(transport: Transport) -> None:
    write(
        transport,
        a_call({}, at=NOON - 9 * DAY),
        a_call({}, source="ios"),
        a_call({}, name="identify", kind="identify"),
        a_call({}, name="consent", kind="consent"),
        a_call({}, kind="aside"),
    )
    [identify, paid] = ClickHouseCatalogueFacts(transport).events(recent_since=NOON - 7 * DAY)
    assert (identify.name, identify.kinds) == ("identify", ["identify"])
    assert paid == EventFacts(
        name="order_paid",
        kinds=["track"],
        events=2,
        recent_events=1,
        first_at=NOON - 9 * DAY,
        last_at=NOON,
        sources=["ios", "web"],
    )


def test_every_property_is_known_by_its_path_and_types(transport: Transport) -> None:
    write(
        transport,
        a_call({"a": 12, "b": True, "c": "2026-01-01", "d": [1, 2], "e": None, "f": {"g": 1e22}}),
        a_call({"a": "12", "b": "true", "c": "soon", "d": [], "items": [{"sku": "x"}]}),
        a_call({"a": 13.5, "h": "13", "i": False}),
    )
    counted = {key: leaf.events for key, leaf in leaves(transport).items()}
    assert counted == {
        ("a", "number"): 2,
        ("a", "text"): 1,
        ("b", "boolean"): 1,
        ("b", "text"): 1,
        ("c", "text"): 1,
        ("c", "time"): 1,
        ("d", "empty"): 1,
        ("d", "list"): 1,
        ("e", "empty"): 1,
        ("f.g", "number"): 1,
        ("h", "text"): 1,
        ("i", "boolean"): 1,
        ("items", "list"): 1,
        ("items.sku", "list"): 1,
    }


def test_late_events_change_the_numbers_at_once(transport: Transport) -> None:
    write(transport, a_call({"a": 1}))
    assert leaves(transport)["a", "number"].first_at == NOON
    write(transport, a_call({"a": 2}, at=NOON - 30 * DAY), batch="late")
    late = leaves(transport)["a", "number"]
    assert (late.events, late.first_at, late.last_at) == (2, NOON - 30 * DAY, NOON)
    assert late.samples == ["1", "2"]


def test_values_that_look_personal_are_counted(transport: Transport) -> None:
    calls = [a_call({"m": f"p{n}@example.com", "p": 13800138000 + n, "i": "x"}) for n in range(3)]
    write(transport, *calls, a_call({"m": "none"}))
    found = leaves(transport)
    assert found["m", "text"].looks_like == [("e-mail", 3)]
    assert found["p", "number"].looks_like == [("phone", 3)]
    assert found["i", "text"].looks_like == []


def test_types_are_told_by_event_and_source_since_an_instant(transport: Transport) -> None:
    write(
        transport,
        a_call({"a": 1}),
        a_call({"a": "1"}, source="ios"),
        a_call({"a": 1}, at=NOON - 40 * DAY),
        a_call({"a": 1}, name="other"),
    )
    found = ClickHouseCatalogueFacts(transport).types(since=NOON - 30 * DAY)
    assert [(one.event, one.source, one.type, one.events) for one in found] == [
        ("order_paid", "ios", "text", 1),
        ("order_paid", "web", "number", 1),
        ("other", "web", "number", 1),
    ]


def test_violations_are_counted_by_what_was_wrong_where(transport: Transport) -> None:
    notes: Json = {"plan": ["wrong_type $.properties.amount"]}
    write(
        transport,
        a_call({"amount": "12"}, notes=notes, at=NOON - DAY),
        a_call({"amount": "13"}, notes=notes),
        a_call({"amount": "1"}, notes=notes, at=NOON - 3 * DAY),
        a_call({"amount": 1}),
    )
    [violation] = ClickHouseScreeningFacts(transport).violations(since=NOON - 2 * DAY)
    assert violation == ViolationCount(
        outcome="warned",
        code="wrong_type",
        event="order_paid",
        path="$.properties.amount",
        source="web",
        events=2,
        first_at=NOON - DAY,
        last_at=NOON,
        message_id=violation.message_id,
        sample="13",
    )


def test_what_rules_did_is_counted_by_local_day(transport: Transport) -> None:
    midnight = datetime(2026, 3, 30, 16, tzinfo=UTC)
    notes: Json = {"cleaned": ["bots", "phones"]}
    write(
        transport,
        a_call({"n": 1}, notes=notes, at=midnight - timedelta(minutes=1)),
        a_call({"n": 2}, notes=notes, at=midnight, kind="aside"),
        a_call({"n": 3}),
    )
    found = ClickHouseScreeningFacts(transport).cleaned(since=NOON - 2 * DAY, zone=SHANGHAI)
    assert found == [
        CleaningCount(rule="bots", day=date(2026, 3, 30), outcome="kept", events=1),
        CleaningCount(rule="phones", day=date(2026, 3, 30), outcome="kept", events=1),
        CleaningCount(rule="bots", day=date(2026, 3, 31), outcome="set_aside", events=1),
        CleaningCount(rule="phones", day=date(2026, 3, 31), outcome="set_aside", events=1),
    ]


def test_events_set_aside_are_counted_nowhere(transport: Transport) -> None:
    write(transport, a_call({"n": 1}), a_call({"n": 2}, kind="aside"))
    store = ClickHouseEventStore(transport)
    assert (store.count(), store.count(event="order_paid")) == (1, 1)
    assert store.counts_by_event() == {"order_paid": 1}


# --- state ----------------------------------------------------------------------------------------


class NoFacts:
    """A log with nothing in it."""

    def events(self, *, recent_since: datetime) -> list[EventFacts]:
        return []

    def properties(self, event: str) -> list[LeafFacts]:
        return []

    def types(self, *, since: datetime) -> list[TypeFacts]:
        return []


@pytest.fixture
def state(open_new: OpenStore) -> StateStore:
    return StateStore(open_new("state"))


def test_what_people_say_is_kept_version_by_version(state: StateStore) -> None:
    with state.begin() as transaction:
        first = describe(transaction, Description(event="e", path="p", owner="ada"), now=NOON)
        again = describe(transaction, Description(event="e", path="p", owner="ada"), now=NOON + DAY)
        second = describe(transaction, Description(event="e", path="p", is_pii=True), now=NOON + DAY)
    assert (first.version, again, second.version) == (1, first, 2)
    with state.read() as transaction:
        assert transaction.descriptions.find("e", "p") == second
        assert transaction.descriptions.find("e", "") is None
        assert personal_paths(transaction) == {"e": {"p"}}


def test_what_was_described_and_never_sent_is_in_the_catalogue(state: StateStore) -> None:
    with state.begin() as transaction:
        describe(transaction, Description(event="e", description="soon", status="planned"), now=NOON)
        describe(transaction, Description(event="e", path="p", owner="ada"), now=NOON)
    with state.read() as transaction:
        [entry] = list_events(NoFacts(), transaction, now=NOON)
        [listed] = list_properties(NoFacts(), transaction, "e", now=NOON)
    assert (entry.name, entry.facts, entry.said.status) == ("e", None, "planned")
    assert (listed.path, listed.events, listed.share, listed.said.owner) == ("p", 0, 0.0, "ada")


def test_the_same_document_again_is_the_same_version(state: StateStore) -> None:
    with state.begin() as transaction:
        first = publish("plan", {"events": {}}, transaction, now=NOON)
        again = publish("plan", {"events": {}}, transaction, now=NOON + DAY)
        second = publish("plan", {"events": {"e": None}}, transaction, now=NOON + DAY)
        assert transaction.declarations.latest("cleaning") is None
    assert (first.version, again, second.version) == (1, first, 2)
    with state.read() as transaction:
        assert transaction.declarations.latest("plan") == second


def test_refusals_are_counted_by_code_and_day(open_new: OpenStore) -> None:
    engine = open_new("intake")
    log, counts = SqlIntakeLog(engine), SqlRefusalCounts(engine)
    reject = Reject(index=0, path="$.properties.a", code="wrong_type", message="a is wrong.")
    other = Reject(index=0, path="$", code="bad_call", message="no call.")
    for hours in (0, 5, 100):
        at = NOON - timedelta(hours=hours)
        log.append([Submission(source="web", received_at=at, calls=(), rejects=[reject, other])])
    [counted] = counts.by_code(["wrong_type"], since=NOON - 2 * DAY)
    assert (counted.events, counted.path, counted.source) == (2, "$.properties.a", "web")
    assert (counted.first_at, counted.last_at) == (NOON - timedelta(hours=5), NOON)
    days = counts.by_day(["a is wrong."], since=NOON - 9 * DAY, zone=SHANGHAI)
    assert days == [("a is wrong.", "2026-03-27", 1), ("a is wrong.", "2026-03-31", 2)]
