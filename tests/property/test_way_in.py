"""The way in: what is quick says the same as what is careful."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from perennial.collect.events.codec import decode_calls, encode_calls, written
from perennial.collect.events.columns import EVENT_SCHEMA, EventRow, to_table
from perennial.collect.events.model import MAX_CALL_BYTES, Call, Reception, Reject
from perennial.collect.events.rows import table_of
from perennial.collect.events.rules import parse_call
from perennial.collect.identity.columns import Columns, joined, split
from perennial.collect.identity.model import ANONYMOUS, USER, Graph, Resolution, Sighting
from perennial.collect.identity.rules import Names, gather, resolve
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json, flatten

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)

texts = st.one_of(
    st.sampled_from(
        ["", "a", "12.5", "-0", "1e5", "-", "1.0", "007", "true", "a.b", "\\u0000", "\x7f", "\n"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
numbers = st.one_of(
    st.integers(-(2**70), 2**70),
    st.integers(-3, 3),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, -0.0, 1e15, 1e16, 1e22, 1e-4, 9.9e-5, 2.0**53, 2**53, 2**53 + 1, 12.5]),
)
values: st.SearchStrategy[Json] = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=8,
)
objects = st.dictionaries(texts, values, max_size=4)
instants = st.sampled_from([NOON, NOON - timedelta(days=1), NOON - timedelta(microseconds=1)])


@st.composite
def documents(draw: st.DrawFn) -> dict[str, object]:
    """Calls, mostly good ones, with anything at all in every place of some."""
    anything = st.one_of(values, st.sampled_from(["track", "identify", "consent", "2026-03-31T09:00:00Z"]))
    document: dict[str, object] = {
        "type": draw(st.sampled_from(["track", "page", "identify", "group", "alias", "screen"])),
        "userId": draw(texts),
        "event": draw(texts),
        "previousId": draw(texts),
        "properties": draw(objects),
        "traits": draw(objects),
        "context": draw(objects),
    }
    fields = [
        "type",
        "userId",
        "anonymousId",
        "event",
        "messageId",
        "timestamp",
        "sentAt",
        "properties",
        "context",
    ]
    for field in draw(st.lists(st.sampled_from(fields), max_size=3)):
        document[field] = draw(anything)
    return document


@given(documents(), st.booleans())
@example({"type": "track", "userId": "p", "event": "e", "properties": {"t": "x" * MAX_CALL_BYTES}}, True)
@example({"type": "track", "userId": "p", "event": "e", "properties": {"t": "a\x00"}}, True)
@example({"type": "track", "userId": "p", "event": "e", "properties": {"n": [1e22] * 8_000}}, True)
def test_a_call_out_of_a_decoder_is_read_as_any_other(document: dict[str, object], is_live: bool) -> None:
    careful = Reception(source="web", received_at=NOON if is_live else None)
    quick = replace(careful, is_decoded=True)
    assert parse_call(document, quick, new_id=lambda: "m") == parse_call(
        document, careful, new_id=lambda: "m"
    )


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_the_largest_call_is_measured_to_the_byte(over: int) -> None:
    bare = {"type": "track", "userId": "p", "event": "e", "properties": {"t": ""}}
    room = MAX_CALL_BYTES - len(msgspec.json.encode(bare)) + over
    document = {**bare, "properties": {"t": "x" * room}}
    reception = Reception(source="web", received_at=NOON, is_decoded=True)
    assert isinstance(parse_call(document, reception, new_id=str), Reject if over > 0 else Call)


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """Accepted calls."""
    return Call(
        kind=draw(st.sampled_from(["track", "identify", "alias"])),
        name=draw(texts),
        user_id=draw(texts),
        previous_id=draw(texts),
        occurred_at=draw(instants),
        received_at=NOON,
        message_id=draw(texts),
        source="web",
        properties=draw(objects),
        context=draw(objects),
    )


@given(st.lists(calls(), max_size=4))
def test_calls_are_laid_out_together_as_each_is_by_itself(together: list[Call]) -> None:
    people = [ProfileId(place + 1) for place in range(len(together))]
    laid_out = table_of(together, people)
    laid_out.validate(full=True)
    assert laid_out.schema == EVENT_SCHEMA
    one_by_one = [row_of(call, person) for call, person in zip(together, people, strict=True)]
    assert laid_out.to_pylist() == to_table(one_by_one).to_pylist()


@given(st.lists(calls(), max_size=4))
def test_the_log_gives_back_what_it_was_given(together: list[Call]) -> None:
    assert decode_calls(encode_calls(together)) == together


def row_of(call: Call, profile_id: ProfileId) -> EventRow:
    """The reference: one call as one row, by the rules of `kernel.values` alone."""
    document: dict[str, Json] = dict(call.properties)
    if call.previous_id:
        document["previous_id"] = call.previous_id
    if call.context:
        document["context"] = call.context
    flat = flatten(document, marks_objects=call.kind == "identify")
    return EventRow(
        profile_id=profile_id,
        occurred_at=call.occurred_at,
        received_at=call.received_at,
        name=call.name,
        kind=call.kind,
        source=call.source,
        message_id=call.message_id,
        user_id=call.user_id,
        anonymous_id=call.anonymous_id,
        numbers=flat.numbers,
        texts=flat.texts,
        lists=flat.lists,
        raw="" if flat.rebuilds else written(document),
    )


@given(objects)
def test_what_is_kept_as_sent_reads_back_equal(document: Mapping[str, Json]) -> None:
    assert msgspec.json.decode(written(document)) == document


@st.composite
def names(draw: st.DrawFn) -> list[Names]:
    """Who calls say they are from; few names, so that they meet."""
    previous = draw(st.sampled_from([st.just(""), st.sampled_from(["", "", "u", "d"])]))
    people = st.tuples(
        st.sampled_from(["", "u", "v"]),
        st.sampled_from(["", "d", "e"]),
        previous,
        instants,
        st.text("m", max_size=2),
    )
    return draw(st.lists(people.filter(lambda row: bool(row[0] or (row[1] and not row[2]))), max_size=12))


@given(names())
def test_equal_sightings_are_told_together_as_one_by_one(rows: list[Names]) -> None:
    one_by_one = resolve([_sighting(row) for row in rows], Graph(), seed="s")
    gathered, places = gather(rows)
    together = resolve(gathered, Graph(), seed="s")
    assert _placed(together.profile_ids, places) == list(one_by_one.profile_ids)
    assert (together.first_seen, together.links) == (one_by_one.first_seen, one_by_one.links)
    assert (together.users, together.merges) == (one_by_one.users, one_by_one.merges)


@st.composite
def visits(draw: st.DrawFn) -> list[Names]:
    """Calls without an alias: users, devices, both, and what faulty clients send for nobody."""
    people = st.tuples(
        st.sampled_from(["", "u", "v", "w", "null"]),
        st.sampled_from(["", "d", "e", "f", "undefined"]),
        st.just(""),
        instants,
        st.text("mn", max_size=2),
    )
    return draw(st.lists(people.filter(lambda row: bool(row[0] or row[1])), max_size=10))


@given(visits(), visits())
def test_calls_are_settled_by_columns_as_one_by_one(before: list[Names], rows: list[Names]) -> None:
    known = resolve([_sighting(row) for row in before], Graph(), seed="s")
    graph = Graph(profiles=known.links, users=known.users, taken=frozenset(known.first_seen))
    expected = resolve([_sighting(row) for row in rows], graph, seed="s")
    found = _by_columns(rows, graph)
    assert found.profile_ids == expected.profile_ids
    assert (found.links, found.users, found.merges) == (expected.links, expected.users, expected.merges)
    assert (found.learned, found.refusals) == (expected.learned, expected.refusals)
    assert _as_kept(found) == _as_kept(expected)


def _by_columns(rows: Sequence[Names], graph: Graph) -> Resolution:
    columns = Columns(
        users=[row[0] for row in rows],
        devices=[row[1] for row in rows],
        times=[row[3] for row in rows],
        messages=[row[4] for row in rows],
    )
    users, devices = (
        {name.value: one for name, one in graph.profiles.items() if name.kind == kind}
        for kind in (USER, ANONYMOUS)
    )
    parts = split(columns, users, devices)
    sightings, places = gather(columns.named(parts.stirred))
    return joined(parts, parts.candidates(seed="s"), resolve(sightings, graph, seed="s"), places)


def _as_kept(resolution: Resolution) -> Mapping[ProfileId, datetime]:
    """When each profile that is left was first seen: what a lost one had goes over to it in the store."""
    first: dict[ProfileId, datetime] = {}
    for one, at in resolution.first_seen.items():
        kept = resolution.became.get(one, one)
        first[kept] = min(at, first.get(kept, at))
    return first


def _placed(people: Sequence[ProfileId], places: Sequence[int]) -> list[ProfileId]:
    return [people[place] for place in places]


def _sighting(row: Names) -> Sighting:
    user_id, anonymous_id, previous_id, occurred_at, cause = row
    return Sighting(
        user_id=user_id,
        anonymous_id=anonymous_id,
        previous_id=previous_id,
        occurred_at=occurred_at,
        cause=cause,
    )
