"""Packed columns in SQL: what is so of very many people, a few bytes each, in blocks of places (ADR 0042).

Everybody has a place in all columns (`Roster`). What of a column changes for few people between two
refreshes of everyone is kept in rows beside it, by those who own the column; whom a merge or an erasure
touches is loosened: all that is so of them is in rows from then on (`loosening`).
"""

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, delete, func, select

from perennial.backends.sql.engine import insert_into
from perennial.backends.sql.packing import (
    BLOCK,
    Content,
    Ids,
    Instants,
    Places,
    pack_content,
    pack_instants,
    pack_people,
    unpack_content,
    unpack_instants,
    unpack_people,
)
from perennial.backends.sql.roster import EMPTY, Roster
from perennial.backends.sql.tables_packed import packed_columns, packed_loose, packed_people, packed_values

LEAST = 5_000
"""People from whom on a column is packed; below that, rows are as quick and say more to who looks."""
_PLACES = ""
"""The name under which the version of the places stands."""
Chosen = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A column, by place."""

    content: Content
    """Codes, 0 where nothing is so; or numbers, NaN where there is none."""
    palette: Sequence[str]
    """What codes stand for, from 1 on; none for numbers."""

    @property
    def is_numbers(self) -> bool:
        """Whether it holds numbers."""
        return self.content.dtype == np.float64

    @property
    def nothing(self) -> float:
        """What stands where there is nothing."""
        return np.nan if self.is_numbers else 0

    def present(self) -> Chosen:
        """Where something is so."""
        return ~np.isnan(self.content) if self.is_numbers else self.content > 0

    def reaching(self, length: int) -> Content:
        """The content for so many places."""
        missing = length - len(self.content)
        if missing <= 0:
            return self.content
        return np.concatenate([self.content, _empty(missing, "numbers" if self.is_numbers else "codes")])


@dataclass(slots=True)
class _Known:
    """What a process remembers of one store. Versions never come again: what is known of one stays right."""

    roster: Roster
    bits: dict[str, tuple[int, NDArray[np.uint8]]]
    """Where something is so, by column, with the version it was read of."""


_KNOWN: WeakKeyDictionary[Engine, _Known] = WeakKeyDictionary()


class PackedColumns:
    """The packed columns of a state store, on one connection; the caller's transaction is ours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def versions(self, prefix: str) -> Mapping[str, int]:
        """The columns whose names begin so, and the version of each."""
        table = packed_columns.c
        query = select(table.name, table.version).where(table.name.startswith(prefix, autoescape=True))
        return {name: version for name, version in self._connection.execute(query) if name != _PLACES}

    def is_packed(self, name: str) -> bool:
        """Whether there is such a column."""
        same = packed_columns.c.name == name
        return bool(self._connection.execute(select(func.count()).where(same)).scalar_one())

    def roster(self) -> Roster:
        """Who has which place, those who were loosened included."""
        same = packed_columns.c.name == _PLACES
        version = self._connection.execute(select(packed_columns.c.version).where(same)).scalar()
        if version is None:
            return EMPTY
        known = self._known()
        if known.roster.version != version:
            query = select(packed_people.c.people).order_by(packed_people.c.block)
            blocks = [unpack_people(one) for one in self._connection.execute(query).scalars()]
            known.roster = Roster(np.concatenate(blocks), version)
        return known.roster

    def loose(self) -> Ids:
        """Whose places count for nothing, ascending."""
        found = self._connection.execute(select(packed_loose.c.profile_id)).scalars()
        return np.sort(np.fromiter(found, dtype=np.uint64))

    def places(self, people: Ids) -> Places:
        """The places that count of these people; -1 where they have none."""
        places = self.roster().places(people)
        loose = self.loose()
        if len(loose):
            places[np.isin(people, loose)] = -1
        return places

    def prepare(self, people: Ids) -> Roster:
        """See that each of these people has a place that counts; who was loosened gets another."""
        before = self.roster()
        loose = self.loose()
        roster = (before.without(loose) if len(loose) else before).with_others(people)
        if roster is before:
            return before
        if len(loose):
            self._connection.execute(delete(packed_loose))
        known = Roster(roster.people, secrets.randbits(62))
        old, new = before.blocks(), known.blocks()
        changed = [block for block in new if block not in old or not np.array_equal(old[block], new[block])]
        rows = [{"block": block, "people": pack_people(new[block])} for block in changed]
        write = insert_into(packed_people, self._connection)
        said = {"people": write.excluded["people"]}
        self._connection.execute(write.on_conflict_do_update(index_elements=["block"], set_=said), rows)
        self._note(_PLACES, "places", (), known.version)
        self._known().roster = known
        return known

    def column(self, name: str) -> Packed | None:
        """A whole column; None where there is none."""
        head = select(packed_columns.c.kind, packed_columns.c.palette).where(packed_columns.c.name == name)
        found = self._connection.execute(head).one_or_none()
        if found is None:
            return None
        return Packed(content=self._content(name, found.kind), palette=json.loads(found.palette))

    def of_places(self, names: Collection[str], places: Places) -> Mapping[str, Packed]:
        """What these columns say of some places, in their order; read from the blocks they are in."""
        heads = select(packed_columns).where(packed_columns.c.name.in_(sorted(names)))
        blocks, at = np.divmod(places, BLOCK)
        stored: dict[str, dict[int, bytes]] = {}
        table = packed_values.c
        query = select(table.name, table.block, table.content).where(
            table.name.in_(sorted(names)), table.block.in_(np.unique(blocks).tolist())
        )
        for name, block, content in self._connection.execute(query):
            stored.setdefault(name, {})[block] = content
        found: dict[str, Packed] = {}
        for row in self._connection.execute(heads):
            mine = {block: unpack_content(one) for block, one in stored.get(row.name, {}).items()}
            content = [_at(mine.get(block), place, row.kind) for block, place in zip(blocks, at, strict=True)]
            made = np.array(content, dtype=np.float64 if row.kind == "numbers" else np.uint32)
            found[row.name] = Packed(content=made, palette=json.loads(row.palette))
        return found

    def remembers(self, name: str, version: int) -> bool:
        """Whether a column's bits are in memory."""
        known = self._known().bits.get(name)
        return known is not None and known[0] == version

    def inside(self, name: str, version: int, places: Places) -> Chosen:
        """Whether something is so at each of these places, by a column's bits that are kept in memory."""
        known = self._known().bits.get(name)
        if known is None or known[0] != version:
            column = self.column(name)
            present = np.zeros(0, dtype=np.bool_) if column is None else column.present()
            known = version, np.packbits(present)
            self._known().bits[name] = known
        bits = known[1]
        byte, bit = np.divmod(places, 8)
        inside = (places >= 0) & (byte < len(bits))
        found = np.zeros(len(places), dtype=np.bool_)
        found[inside] = (bits[byte[inside]] >> (7 - bit[inside]).astype(np.uint8)) & 1
        return found

    def since(self, name: str, places: Places) -> Instants:
        """Since when what a column says of each of these places is so, in microseconds since 1970."""
        blocks = np.unique(places // BLOCK)
        found = np.zeros(len(places), dtype=np.int64)
        for block, since in self._since(name, blocks).items():
            mine = places // BLOCK == block
            found[mine] = since[places[mine] % BLOCK]
        return found

    def since_each(self, names: Collection[str], places: Places) -> Mapping[str, Instants]:
        """The same of several columns, in one reading."""
        of_block = {int(block): places // BLOCK == block for block in np.unique(places // BLOCK)}
        found = {name: np.zeros(len(places), dtype=np.int64) for name in names}
        table = packed_values.c
        query = select(table.name, table.block, table.since).where(
            table.name.in_(sorted(names)), table.block.in_(sorted(of_block))
        )
        for name, block, since in self._connection.execute(query):
            mine = of_block[block]
            at, instants = places[mine] % BLOCK, unpack_instants(since)
            found[name][mine] = np.where(at < len(instants), instants[np.minimum(at, len(instants) - 1)], 0)
        return found

    def write(self, name: str, after: Packed, *, changed: Places, since: Instants) -> None:
        """Write a column that is another than before at some places, since a moment for each.

        `after` is as long as there are places.
        """
        same = packed_columns.c.name == name
        was = self._connection.execute(select(packed_columns.c.kind).where(same)).scalar()
        kind = "numbers" if after.is_numbers else "codes"
        if was is not None and was != kind:
            self._connection.execute(delete(packed_values).where(packed_values.c.name == name))
        of_each = changed // BLOCK
        starts = np.flatnonzero(np.diff(of_each, prepend=-1))
        blocks = of_each[starts]
        stored = self._since(name, blocks)
        ends = [*starts[1:].tolist(), len(changed)][: len(blocks)]
        rows: list[dict[str, object]] = []
        for block, start, end in zip(blocks.tolist(), starts.tolist(), ends, strict=True):
            content = after.content[block * BLOCK : (block + 1) * BLOCK]
            instants = np.zeros(len(content), dtype=np.int64)
            known = stored.get(block)
            if known is not None:
                instants[: len(known)] = known
            instants[changed[start:end] % BLOCK] = since[start:end]
            packed = {"content": pack_content(content), "since": pack_instants(instants)}
            rows.append({"name": name, "block": block, **packed})
        self._put(rows)
        self._note(name, kind, after.palette, secrets.randbits(62))

    def _put(self, rows: Sequence[Mapping[str, object]]) -> None:
        if not rows:
            return
        write = insert_into(packed_values, self._connection)
        said = {"content": write.excluded["content"], "since": write.excluded["since"]}
        upsert = write.on_conflict_do_update(index_elements=["name", "block"], set_=said)
        self._connection.execute(upsert, list(rows))

    def _note(self, name: str, kind: str, palette: Sequence[str], version: int) -> None:
        row = {"kind": kind, "palette": json.dumps(list(palette), ensure_ascii=False), "version": version}
        write = insert_into(packed_columns, self._connection).values(name=name, **row)
        self._connection.execute(write.on_conflict_do_update(index_elements=["name"], set_=row))

    def _content(self, name: str, kind: str) -> Content:
        table = packed_values.c
        query = select(table.block, table.content).where(table.name == name).order_by(table.block)
        parts: list[Content] = []
        length = 0
        for block, packed in self._connection.execute(query):
            content = unpack_content(packed)
            if (missing := block * BLOCK - length) > 0:
                parts.append(_empty(missing, kind))
            parts.append(content)
            length = block * BLOCK + len(content)
        return np.concatenate(parts) if parts else _empty(0, kind)

    def _since(self, name: str, blocks: Places) -> dict[int, Instants]:
        table = packed_values.c
        query = select(table.block, table.since).where(table.name == name, table.block.in_(blocks.tolist()))
        return {block: unpack_instants(since) for block, since in self._connection.execute(query)}

    def _known(self) -> _Known:
        engine = self._connection.engine
        if engine not in _KNOWN:
            _KNOWN[engine] = _Known(EMPTY, {})
        return _KNOWN[engine]


def _at(content: Content | None, place: int, kind: str) -> float | int:
    if content is None or place >= len(content):
        return np.nan if kind == "numbers" else 0
    return content[place].item()


def _empty(length: int, kind: str) -> Content:
    """A column of which nothing is so."""
    if kind == "numbers":
        return np.full(length, np.nan, dtype=np.float64)
    return np.zeros(length, dtype=np.uint32)
