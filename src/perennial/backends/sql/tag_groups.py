"""Where groups of customers lay, in SQL: beside the cuts of other tags, and kept like these."""

import json
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.tables import tag_cuts
from perennial.compute.tags.model import Groups
from perennial.kernel.ids import TagId


class SqlGroups:
    """`GroupsShelf` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def at(self, tag_id: TagId, version: int, instant: datetime) -> Groups | None:
        """The newest groups of a version at or before an instant."""
        table = tag_cuts.c
        newest = (
            select(table.computed_at, table.cuts)
            .where(table.tag_id == tag_id, table.version == version, table.computed_at <= to_micros(instant))
            .order_by(table.computed_at.desc())
            .limit(1)
        )
        row = self._connection.execute(newest).one_or_none()
        return None if row is None else _read(*row)

    def record(self, tag_id: TagId, version: int, groups: Groups) -> None:
        """Keep groups with their time; earlier ones stay."""
        instant, table = to_micros(groups.computed_at), tag_cuts.c
        same = (table.tag_id == tag_id, table.version == version, table.computed_at == instant)
        self._connection.execute(delete(tag_cuts).where(*same))
        written = json.dumps(
            {
                "people": groups.people,
                "names": groups.names,
                "centers": groups.centers,
                "scale": groups.scale,
                "silhouette": groups.silhouette,
                "by_chance": groups.by_chance,
            }
        )
        self._connection.execute(
            insert(tag_cuts).values(tag_id=tag_id, version=version, computed_at=instant, cuts=written)
        )


def _read(computed_at: int, text: str) -> Groups:
    written = json.loads(text)
    return Groups(
        computed_at=from_micros(computed_at),
        people=written["people"],
        names=tuple(written["names"]),
        centers=tuple(tuple(center) for center in written["centers"]),
        scale=tuple(written["scale"]),
        silhouette=written["silhouette"],
        by_chance=written["by_chance"],
    )
