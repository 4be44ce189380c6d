"""Taking people out of packed columns: what is so of them is in rows from then on, until all is packed anew.

Merges, their undoing and erasures know rows only.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import Connection, Table, delete, func, select

from perennial.backends.sql.bulk import among
from perennial.backends.sql.columns import to_micros
from perennial.backends.sql.engine import insert_into
from perennial.backends.sql.packed import PackedColumns
from perennial.backends.sql.segment_columns import PackedMembers
from perennial.backends.sql.tables import segment_members, tag_values
from perennial.backends.sql.tables_packed import packed_columns, packed_loose, segment_gone
from perennial.backends.sql.tag_columns import PackedValues
from perennial.kernel.ids import ProfileId, SegmentId, TagId

Row = Mapping[str, object]


def packed_rows(connection: Connection, people: Sequence[ProfileId]) -> Mapping[Table, Sequence[Row]]:
    """What packed columns say of these people, as the rows it would be."""
    members, values = PackedMembers(connection), PackedValues(connection)
    return {
        segment_members: [
            {"segment_id": segment_id, "profile_id": person, "entered_at": to_micros(entered_at)}
            for (segment_id, person), entered_at in members.since(members.versions().keys(), people).items()
        ],
        tag_values: [
            {
                "tag_id": tag_id,
                "profile_id": person,
                "value": value,
                "details": details,
                "computed_at": computed_at,
            }
            for person, tag_id, (value, details, computed_at) in values.rows_of(people)
        ],
    }


def loosen(connection: Connection, people: Sequence[ProfileId]) -> None:
    """Have all that packed columns say of these people in rows instead. Idempotent."""
    if not connection.execute(select(packed_columns.c.name).limit(1)).first():
        return
    places = PackedColumns(connection).places(np.array(people, dtype=np.uint64))
    packed = [person for person, place in zip(people, places.tolist(), strict=True) if place >= 0]
    if not packed:
        return
    for table, rows in packed_rows(connection, packed).items():
        if rows:
            connection.execute(insert_into(table, connection).on_conflict_do_nothing(), list(rows))
    connection.execute(delete(segment_gone).where(among(connection, segment_gone.c.profile_id, packed)))
    insert = insert_into(packed_loose, connection).on_conflict_do_nothing()
    connection.execute(insert, [{"profile_id": person} for person in packed])


def forget_places(connection: Connection) -> None:
    """Empty the places of whoever was loosened: their ids are gone from all columns."""
    PackedColumns(connection).prepare(np.empty(0, dtype=np.uint64))


def count_members(connection: Connection, segment_id: SegmentId) -> int:
    """How many are in a segment, in its column and in rows."""
    same = segment_members.c.segment_id == segment_id
    rows = connection.execute(select(func.count()).select_from(segment_members).where(same)).scalar_one()
    return rows + PackedMembers(connection).count(segment_id)


def count_values(connection: Connection, tag_id: TagId) -> int:
    """How many have a value of a tag, in its column and in rows."""
    same = tag_values.c.tag_id == tag_id
    rows = connection.execute(select(func.count()).select_from(tag_values).where(same)).scalar_one()
    return rows + PackedValues(connection).count(tag_id)
