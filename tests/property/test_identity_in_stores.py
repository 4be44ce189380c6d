"""Identity through the real stores: any order, any interleaving and any cut give the same people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random  # noqa: TID251  # hypothesis hands one in, seeded

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.backends.clickhouse import ClickHouseEventStore, EmbeddedClickHouse, prepare_database
from perennial.backends.sql.state import StateStore
from perennial.collect.events.call import Call
from perennial.collect.events.rows import table_of
from perennial.collect.identity import absorb
from perennial.collect.identity.key_parse import parse_keys
from perennial.collect.identity.key_rules import keys_of
from perennial.collect.identity.model import ANONYMOUS, USER, Graph, Identifier
from perennial.collect.identity.rules import gather, resolve
from perennial.collect.identity.service import tell_merges
from perennial.collect.screening.service import publish
from perennial.kernel.ids import ProfileId

START = datetime(2026, 3, 1, tzinfo=UTC)
# Without bounds, so that nobody's order decides who comes too late (ADR 0027).
KEYS = parse_keys(
    {"keys": [{"key": key, "limit": None, "people": None} for key in ("unionid", "email", "device")]}
)
_examples = count()


@dataclass(frozen=True)
class Said:
    """One call: who it names; an alias has a former user id, too."""

    number: int
    user: str
    device: str
    former: str
    keys: tuple[tuple[str, str], ...]


@st.composite
def said_by_people(draw: st.DrawFn) -> list[Said]:
    """Calls of a few people, each of whose devices and keys speaks for one user id and nobody else."""
    said: list[Said] = []
    for person in range(draw(st.integers(1, 4))):
        devices = [f"d{person}-{n}" for n in range(draw(st.integers(1, 3)))]
        keys = [(kind, f"{kind}{person}-{n}@x.org") for kind in ("email", "unionid") for n in range(2)]
        for _ in range(draw(st.integers(1, 5))):
            user = draw(st.sampled_from(["", f"u{person}"]))
            device = draw(st.sampled_from(devices if not user else ["", *devices]))
            former = draw(st.sampled_from(["", f"old{person}", *devices])) if user else ""
            brought = draw(st.lists(st.sampled_from(keys), max_size=2, unique=True))
            said.append(Said(len(said), user, device, former, tuple(brought)))
    return draw(st.permutations(said))


def call_of(said: Said, prefix: str) -> Call:
    """The call as a client makes it; calls happen in the order of their numbers, not of their coming in."""
    is_alias = bool(said.former)
    traits = {kind: f"{prefix}{value}" for kind, value in said.keys}
    return Call(
        kind="alias" if is_alias else "identify",
        name="alias" if is_alias else "identify",
        user_id=said.user and prefix + said.user,
        anonymous_id=said.device and prefix + said.device,
        previous_id=said.former and prefix + said.former,
        occurred_at=START + timedelta(seconds=said.number),
        received_at=START + timedelta(days=1),
        message_id=f"{prefix}{said.number:03}",
        source="web",
        properties={} if is_alias else dict(traits),
        context={"traits": dict(traits)} if is_alias else {},
    )


def names_of(call: Call) -> Sequence[Identifier]:
    """Every name in a call; what an alias names may be a user or a device."""
    named = [Identifier(USER, call.user_id), Identifier(ANONYMOUS, call.anonymous_id)]
    named += [Identifier(USER, call.previous_id), Identifier(ANONYMOUS, call.previous_id)]
    return [*(name for name in named if name.value), *keys_of(call, KEYS)]


def united(calls: Sequence[Call]) -> set[frozenset[str]]:
    """Who must be one person: whoever shares a name with somebody who does; by message."""
    leader: dict[object, object] = {}

    def find(one: object) -> object:
        while leader.setdefault(one, one) != one:
            one = leader[one]
        return one

    for call in calls:
        for name in names_of(call):
            leader[find(name)] = find(call.message_id)
    groups: dict[object, set[str]] = {}
    for call in calls:
        groups.setdefault(find(call.message_id), set()).add(call.message_id)
    return {frozenset(group) for group in groups.values()}


def cut(calls: Sequence[Call], chance: Random) -> Iterator[Sequence[Call]]:
    """The calls in batches of any size."""
    rest = list(calls)
    while rest:
        size = chance.randint(1, len(rest))
        yield rest[:size]
        rest = rest[size:]


@given(said_by_people())
@settings(max_examples=2_000)
def test_whoever_shares_a_name_is_one_person_in_whatever_order_calls_come(said: list[Said]) -> None:
    calls = [call_of(one, "") for one in said]
    named = ((c.user_id, c.anonymous_id, c.previous_id, c.occurred_at, c.message_id) for c in calls)
    sightings, places = gather(named, [keys_of(call, KEYS) for call in calls])
    resolution = resolve(sightings, Graph(), seed="s", rules=KEYS)
    groups: dict[ProfileId, set[str]] = {}
    for call, place in zip(calls, places, strict=True):
        groups.setdefault(resolution.profile_ids[place], set()).add(call.message_id)
    assert {frozenset(group) for group in groups.values()} == united(calls)


@dataclass(frozen=True)
class Stores:
    state: StateStore
    events: ClickHouseEventStore


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    folder = tmp_path_factory.mktemp("identity")
    state = StateStore.open(f"sqlite:///{folder}/state.db")
    with state.begin() as transaction:
        publish("identity", KEYS.document, transaction, now=START)
    with EmbeddedClickHouse(folder / "events") as engine:
        database = engine.database("ws_identity")
        prepare_database(database)
        yield Stores(state, ClickHouseEventStore(database))
    state.close()


@given(said_by_people(), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_merges_in_any_interleaving_give_the_same_people_and_each_ones_calls_in_order(
    stores: Stores, said: list[Said], chance: Random
) -> None:
    prefix = f"{next(_examples)}-"
    calls = [call_of(one, prefix) for one in said]
    for place, batch in enumerate(cut(calls, chance)):
        with stores.state.begin() as transaction:
            people = absorb(batch, transaction, seed="s").people
        with stores.state.begin() as transaction:
            tell_merges(transaction, stores.events)
            stores.events.append(table_of(batch, people), token=f"{prefix}{place}")
    histories = histories_of(stores, calls)
    assert {frozenset(history) for history in histories.values()} == united(calls)
    for history in histories.values():
        assert history == sorted(history)


def histories_of(stores: Stores, calls: Sequence[Call]) -> Mapping[ProfileId, list[str]]:
    """Everybody's calls, oldest first, as the event store has them."""
    names = [name for call in calls for name in names_of(call)]
    with stores.state.read() as transaction:
        people = sorted(set(transaction.identities.graph(names).profiles.values()))
    return {
        person: [
            str(row["message_id"])
            for row in reversed(stores.events.timeline(person, until=START + timedelta(days=2), limit=100)[0])
        ]
        for person in people
    }
