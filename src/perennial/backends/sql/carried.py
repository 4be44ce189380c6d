"""What a merge carries from one profile to another in SQL: written down, and carried back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import cast

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    and_,
    delete,
    insert,
    select,
    true,
    update,
)

from perennial.backends.sql.bulk import among, listed
from perennial.backends.sql.engine import insert_into
from perennial.backends.sql.loosening import count_members
from perennial.backends.sql.tables import identities, segment_fills, segment_members, tag_values, tags
from perennial.backends.sql.tables_identity import carried
from perennial.collect.identity.model import Identifier
from perennial.kernel.ids import ProfileId, SegmentId

_Row = Mapping[str, object]
_NAMED: Mapping[Table, ColumnElement[bool]] = {tag_values: tag_values.c.tag_id.in_(select(tags.c.tag_id))}
"""Values are found by tag and person, and not by person alone: all tags are named, or all rows are read."""


def write_down(
    connection: Connection,
    became: Mapping[ProfileId, ProfileId],
    *,
    moved: Sequence[Table],
    united: Sequence[Table],
) -> None:
    """Keep what is about to be carried: the keys of rows that move, whole rows that may be written over."""
    rows = [
        row
        for table in (*moved, *united)
        for row in _rows_of_lost(connection, table, became, is_whole=table in united)
    ]
    if rows and united:
        rows += [row for table in united for row in _rows_of_kept(connection, table, became)]
    if rows:
        connection.execute(insert(carried), rows)


def write_down_names(connection: Connection, came_with: Mapping[Identifier, ProfileId]) -> None:
    """Keep which names came with profiles that were lost in the batch that made them."""
    rows = [
        {
            "lost": lost,
            "owner": lost,
            "source": identities.name,
            "row": msgspec.json.encode({"kind": name.kind, "value": name.value}).decode(),
        }
        for name, lost in came_with.items()
    ]
    if rows:
        connection.execute(insert(carried), rows)


def _rows_of_lost(
    connection: Connection, table: Table, became: Mapping[ProfileId, ProfileId], *, is_whole: bool
) -> list[_Row]:
    columns = [c for c in table.c if is_whole or c.primary_key]
    is_lost = and_(among(connection, table.c.profile_id, list(became)), _NAMED.get(table, true()))
    query = select(table.c.profile_id.label("of"), *columns).where(is_lost)
    return [
        _kept_row(table, columns, row, lost=row["of"], owner=row["of"])
        for row in connection.execute(query).mappings()
    ]


def _rows_of_kept(connection: Connection, table: Table, became: Mapping[ProfileId, ProfileId]) -> list[_Row]:
    """What those who are kept have of the same things."""
    moves, own, theirs = listed(connection, became), table.alias("own"), table.alias("theirs")
    keys = [c.name for c in table.primary_key if c.name != "profile_id"]
    same = [own.c[name] == theirs.c[name] for name in keys]
    query = (
        select(moves.c.key.label("of"), *own.c)
        .join(theirs, theirs.c.profile_id == moves.c.key)
        .join(own, and_(own.c.profile_id == moves.c.value, *same))
    )
    return [
        _kept_row(table, list(table.c), row, lost=row["of"], owner=row["profile_id"])
        for row in connection.execute(query).mappings()
    ]


def _kept_row(
    table: Table, columns: Sequence[Column[object]], row: RowMapping, *, lost: int, owner: int
) -> _Row:
    document = {column.name: row[column.name] for column in columns}
    return {"lost": lost, "owner": owner, "source": table.name, "row": msgspec.json.encode(document).decode()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """From whom to whom something goes back."""

    holder: ProfileId
    receiver: ProfileId


def carry_back(
    connection: Connection,
    lost: ProfileId,
    way: Return,
    *,
    moved: Sequence[Table],
    united: Sequence[Table],
) -> None:
    """Give back what the merge of a lost profile took along, as far as the holder still has it."""
    query = select(carried).where(carried.c.lost == lost).order_by(carried.c.source, carried.c.number)
    tables = {table.name: table for table in (*moved, *united)}
    for source, rows in groupby(connection.execute(query).all(), key=lambda row: cast("str", row.source)):
        table = tables[source]
        entries = [(row.owner == lost, msgspec.json.decode(row.row, type=dict[str, object])) for row in rows]
        for is_own, entry in entries:
            if table in moved:
                _move_back(connection, table, entry, way)
            elif is_own:
                _take_back(connection, table, entry, way)
        for is_own, entry in entries:
            if not is_own:  # what it wrote over stands again, where nothing newer does
                _put(connection, table, {**entry, "profile_id": way.holder})
    _count_members(connection, way.receiver)


def forget_carried(connection: Connection, lost: ProfileId) -> None:
    """Let go of what a merge carried that was taken back."""
    connection.execute(delete(carried).where(carried.c.lost == lost))


def _move_back(connection: Connection, table: Table, key: _Row, way: Return) -> None:
    same = [table.c[name] == value for name, value in key.items() if name != "profile_id"]
    is_held = and_(*same, table.c.profile_id == way.holder)
    connection.execute(update(table).where(is_held).values(profile_id=way.receiver))


def _take_back(connection: Connection, table: Table, row: _Row, way: Return) -> None:
    """What the holder has only from this profile is no longer the holder's."""
    same = [table.c[name].is_not_distinct_from(value) for name, value in row.items() if name != "profile_id"]
    taken = connection.execute(delete(table).where(table.c.profile_id == way.holder, *same)).rowcount
    is_own = row["profile_id"] == way.receiver
    if taken or is_own:  # of somebody who went along, only what the holder had from them
        _put(connection, table, {**row, "profile_id": way.receiver})


def _put(connection: Connection, table: Table, row: _Row) -> None:
    key = list(table.primary_key)
    statement = insert_into(table, connection).values(dict(row))
    connection.execute(statement.on_conflict_do_nothing(index_elements=key))


def _count_members(connection: Connection, lost: ProfileId) -> None:
    """A segment says how many are in it: those who came back included."""
    theirs = select(segment_members.c.segment_id).where(segment_members.c.profile_id == lost)
    for segment_id in connection.execute(theirs).scalars().all():
        people = count_members(connection, SegmentId(segment_id))
        same = segment_fills.c.segment_id == segment_id
        connection.execute(update(segment_fills).where(same).values(people=people))
