"""The history that benchmarks ask about: a seeded shop's clickstream, straight into the event store.

    .venv/bin/python -m benchmarks.history 10        # make (or find) 10 million events, and say where

Synthetic, with the shape of real ones: people after Zipf and Mandelbrot, half of them there from the
start and half joining on the way, sessions of varying length, nine kinds of events with properties of
their own, popular and rare items, log-normal prices, calls that arrive a little late. One `identify` per
person comes on top. Rows of a stretch of time are made at once as columns, so memory is bounded and a live
store's layout results: parts by time, merged in the background. The same size is the same rows always.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from perennial.backends.clickhouse import (
    ClickHouseEventStore,
    EmbeddedClickHouse,
    Transport,
    prepare_database,
)
from perennial.backends.clickhouse.parameters import Sql
from perennial.collect.events.columns import EVENT_SCHEMA

CACHE = Path(__file__).parent / ".cache"
DATABASE = "ws_bench"
NOW = datetime(2026, 4, 1, tzinfo=UTC)
DAYS = 120
EVENTS_PER_PERSON = 25
ROWS_AT_ONCE = 500_000
EVENTS_PER_SESSION = 7
LONGEST_SESSION = 60
SEED = 20_260_401

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """An event's name, its share of the events inside a session, and its properties."""

    share: float
    texts: tuple[str, ...] = ("platform",)
    numbers: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


OPENING = "app_open"
KINDS: Mapping[str, Kind] = {
    OPENING: Kind(share=0.0, texts=("platform", "version")),
    "page": Kind(share=0.24, texts=("platform", "url")),
    "view_item": Kind(share=0.40, texts=("platform", "category", "item_id"), numbers=("price",)),
    "search": Kind(share=0.16, texts=("platform", "query"), numbers=("results",)),
    "add_to_cart": Kind(share=0.09, texts=("platform", "category", "item_id"), numbers=("price", "quantity")),
    "order_paid": Kind(
        share=0.05,
        texts=("platform", "category", "coupon"),
        numbers=("amount", "quantity"),
        lists=("items.sku",),
    ),
    "share": Kind(share=0.03, texts=("platform", "channel")),
    "login": Kind(share=0.025, texts=("platform", "method")),
    "refund": Kind(share=0.005, texts=("platform", "reason"), numbers=("amount",)),
}
WORDS: Mapping[str, tuple[str, ...]] = {
    "platform": ("ios", "android", "web", "mini_program"),
    "version": tuple(f"8.{minor}.{patch}" for minor in range(9, 0, -1) for patch in range(3)),
    "url": tuple(f"/p/{number}" for number in range(5_000)),
    "category": tuple(f"category_{number}" for number in range(40)),
    "item_id": tuple(f"sku-{number:06d}" for number in range(100_000)),
    "query": tuple(f"words {number}" for number in range(20_000)),
    "coupon": ("NONE", "WELCOME", "SPRING", "VIP", "COMEBACK"),
    "channel": ("wechat", "weibo", "link", "mail"),
    "method": ("password", "code", "wechat"),
    "reason": ("size", "late", "broken", "regret"),
    "city": ("上海", "北京", "深圳", "杭州", "成都", "武汉", "西安", "南京"),
    "plan": ("free", "plus", "black"),
}
"""Values by how often they come, the most frequent first."""


@dataclass(slots=True, kw_only=True)
class Stretch:
    """The rows of one stretch of time: whose they are, when, and the source of chance for the rest."""

    number: int
    stretches: int
    people: int
    rows: int
    chance: np.random.Generator = field(init=False)  # noqa: TID251 - seeded

    def __post_init__(self) -> None:
        self.chance = np.random.default_rng([SEED, self.people, self.number])  # noqa: TID251 - seeded

    def tables(self) -> Iterator[pa.Table]:
        """The rows, one table for each event name, in no particular order of time."""
        person, micros, names = self._sessions()
        for place, (name, kind) in enumerate(KINDS.items()):
            chosen = names == place
            yield self._table(name, kind, person[chosen], micros[chosen])
        newcomers = np.arange(self._joined(self.number), self._joined(self.number + 1))
        yield self._identified(newcomers)

    def _joined(self, stretches: int) -> int:
        """How many people there are when so many stretches are over: half of all, and then more."""
        if stretches == 0:
            return 0
        return self.people // 2 + (self.people - self.people // 2) * stretches // self.stretches

    def _sessions(self) -> tuple[Ints, Ints, Ints]:
        """Person, microseconds since 1970 and place of the name in `KINDS`, of every event."""
        sessions = self.rows // 2
        lengths = np.minimum(self.chance.geometric(1 / EVENTS_PER_SESSION, sessions), LONGEST_SESSION)
        lengths = lengths[: int(np.searchsorted(np.cumsum(lengths), self.rows)) + 1]
        place = np.arange(int(lengths.sum()), dtype=np.int64) - np.repeat(
            np.cumsum(lengths) - lengths, lengths
        )
        whose = np.repeat(self._visitors(len(lengths)), lengths)
        pauses = self.chance.exponential(35e6, len(place)).astype(np.int64)
        begun = np.repeat(self._instants(len(lengths)), lengths)
        # Pauses inside a session add up; those before its first event do not count.
        passed = np.cumsum(pauses)
        since = passed - np.repeat(passed[place == 0], lengths)
        shares = np.cumsum([kind.share for kind in KINDS.values()])
        names = np.searchsorted(shares / shares[-1], self.chance.random(len(place)), side="right")
        names[place == 0] = 0
        return whose[: self.rows], (begun + since)[: self.rows], names[: self.rows]

    def _visitors(self, how_many: int) -> Ints:
        """People by rank, frequent ones first: Zipf's law with the blunted head of Mandelbrot's."""
        known = self._joined(self.number + 1)
        share = self.chance.random(how_many)
        head = 0.05
        rank = ((share * (1 - head) + head) ** 3 - head**3) / (1 - head**3)
        return np.minimum((rank * known).astype(np.int64), known - 1)

    def _instants(self, how_many: int) -> Ints:
        span = int(timedelta(days=DAYS) / timedelta(microseconds=1))
        start = int((NOW - timedelta(days=DAYS, hours=1)).timestamp() * 1e6)
        begin, end = span * self.number // self.stretches, span * (self.number + 1) // self.stretches
        return start + self.chance.integers(begin, end, how_many)

    def _table(self, name: str, kind: Kind, person: Ints, micros: Ints) -> pa.Table:
        texts = {key: self._word(key, person) for key in kind.texts}
        numbers = {key: self._number(key, len(person)) for key in kind.numbers}
        lists = {key: self._word("item_id", person) for key in kind.lists}
        row_kind = "page" if name == "page" else "track"
        return self._columns(person, micros, (name, row_kind), numbers, texts, lists)

    def _identified(self, person: Ints) -> pa.Table:
        texts = {"city": self._word("city", person), "plan": self._word("plan", person)}
        return self._columns(person, self._instants(len(person)), ("", "identify"), {}, texts, {})

    def _word(self, key: str, person: Ints) -> pa.Array:
        words = WORDS[key]
        if key == "platform":
            # A person's own, mostly: every tenth event comes from another device.
            drawn = (person * 7 + (self.chance.random(len(person)) < 0.1)) % len(words)
        else:
            drawn = (self.chance.random(len(person)) ** 3 * len(words)).astype(np.int64)
        return pa.array(words, pa.string()).take(pa.array(drawn))

    def _number(self, key: str, rows: int) -> pa.Array:
        if key in ("price", "amount"):
            return pa.array(np.round(self.chance.lognormal(3.5, 0.9, rows), 2))
        return pa.array(self.chance.geometric(0.6 if key == "quantity" else 0.02, rows).astype(np.float64))

    def _columns(
        self,
        person: Ints,
        micros: Ints,
        name_and_kind: tuple[str, str],
        numbers: dict[str, pa.Array],
        texts: dict[str, pa.Array],
        lists: dict[str, pa.Array],
    ) -> pa.Table:
        rows = len(person)
        late = self.chance.exponential(2e6, rows).astype(np.int64)
        name, kind = name_and_kind
        constants = {"name": name, "kind": kind, "origin": "source", "source": "bench"}
        one = pa.list_(pa.string())
        columns = {
            "profile_id": pa.array(profile_ids(person)),
            "occurred_at": _instants(micros),
            "received_at": _instants(micros + late),
            "message_id": hexadecimal(self.chance.integers(0, 2**63, rows, dtype=np.uint64)),
            "user_id": hexadecimal(profile_ids(person)),
            "numbers": mapped(numbers, rows, pa.float64()),
            "texts": mapped(texts, rows, pa.string()),
            "lists": mapped({key: _singles(values) for key, values in lists.items()}, rows, one),
        }
        for column in EVENT_SCHEMA.names:
            if column not in columns:
                columns[column] = pa.repeat(pa.scalar(constants.get(column, ""), pa.string()), rows)
        return pa.table([columns[column] for column in EVENT_SCHEMA.names], schema=EVENT_SCHEMA)


def profile_ids(person: Ints) -> NDArray[np.uint64]:
    """People as ids that lie in no order, as hashed ones do (splitmix64)."""
    mixed = (person.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed ^ (mixed >> np.uint64(31))) >> np.uint64(1)


def hexadecimal(numbers: NDArray[np.uint64]) -> pa.Array:
    """Numbers as texts of 16 digits."""
    digits = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
    octets = np.ascontiguousarray(numbers.astype(">u8")).view(np.uint8)
    letters = np.stack([digits[octets >> 4], digits[octets & 15]], axis=1)
    offsets = pa.py_buffer(np.arange(0, 16 * len(numbers) + 1, 16, dtype=np.int32))
    return pa.StringArray.from_buffers(len(numbers), offsets, pa.py_buffer(letters.reshape(-1)))


def mapped(values: dict[str, pa.Array], rows: int, item: pa.DataType) -> pa.Array:
    """A map column in which every row has the same keys."""
    keys = pa.array(list(values), pa.string()).take(pa.array(np.tile(np.arange(len(values)), rows)))
    # Row after row, key after key: the columns one after the other, read across.
    across = np.arange(rows * len(values)).reshape(max(1, len(values)), -1).T.reshape(-1)
    joined = pa.concat_arrays(list(values.values())) if values else pa.array([], item)
    offsets = pa.array(np.arange(rows + 1, dtype=np.int32) * np.int32(len(values)))
    return pa.MapArray.from_arrays(offsets, keys, joined.take(pa.array(across)))


def _singles(values: pa.Array) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array(np.arange(len(values) + 1, dtype=np.int32)), values)


def _instants(micros: Ints) -> pa.Array:
    return pa.array(micros).cast(EVENT_SCHEMA.field("occurred_at").type)


def folder_of(millions: int) -> Path:
    """Where the store of a size lies."""
    return CACHE / f"history-{millions}m"


def ensure_history(millions: int) -> Path:
    """The folder of an event store with so many million events; made where it is missing, seconds said."""
    folder = folder_of(millions)
    done = folder / "complete"
    if done.exists():
        return folder
    with EmbeddedClickHouse(folder / "events") as engine:
        transport = engine.database(DATABASE)
        prepare_database(transport)
        _fill(transport, millions * 1_000_000)
    done.touch()
    return folder


def _fill(transport: Transport, events: int) -> None:
    store = ClickHouseEventStore(transport)
    stretches = -(-events // ROWS_AT_ONCE)
    for number in range(stretches):
        rows = events * (number + 1) // stretches - events * number // stretches
        stretch = Stretch(number=number, stretches=stretches, people=events // EVENTS_PER_PERSON, rows=rows)
        # The token makes a filling that was broken off go on where it was.
        store.append(pa.concat_tables(list(stretch.tables())), token=f"bench-{number}")
    # As it lies after a quiet night: a part for each month.
    transport.command(Sql("OPTIMIZE TABLE {database:Identifier}.events FINAL"))


if __name__ == "__main__":
    print(ensure_history(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
