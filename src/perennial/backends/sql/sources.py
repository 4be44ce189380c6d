"""Sources in the root store: their keys and what they may send."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Engine, delete, insert, select

from perennial.access.limits import RateLimit
from perennial.access.model import WriteKey
from perennial.access.sources import Source
from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import insert_into, reading, writing
from perennial.backends.sql.root_tables import source_limits, write_keys


class SqlSources:
    """`access.sources.SourceRegistry` on the root store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def sources(self, workspace: str) -> Sequence[Source]:
        """The sources of a workspace that have a key, by name."""
        keys = select(write_keys).where(write_keys.c.workspace == workspace)
        limits = select(source_limits).where(source_limits.c.workspace == workspace)
        by_source: dict[str, list[WriteKey]] = {}
        with reading(self._engine) as connection:
            for row in connection.execute(keys.order_by(write_keys.c.created_at, write_keys.c.write_key)):
                key = WriteKey(
                    write_key=row.write_key,
                    workspace=row.workspace,
                    source=row.source,
                    created_at=from_micros(row.created_at),
                )
                by_source.setdefault(key.source, []).append(key)
            stated = {
                row.source: RateLimit(events_per_second=row.events_per_second, burst=row.burst)
                for row in connection.execute(limits)
            }
        return [
            Source(name=name, keys=own, limit=stated.get(name)) for name, own in sorted(by_source.items())
        ]

    def add_source_key(self, key: WriteKey) -> None:
        """Keep one more key."""
        with writing(self._engine) as connection:
            connection.execute(
                insert(write_keys).values(
                    write_key=key.write_key,
                    workspace=key.workspace,
                    source=key.source,
                    created_at=to_micros(key.created_at),
                )
            )

    def remove_keys(self, workspace: str, source: str, *, write_key: str | None = None) -> int:
        """Take one of a source's keys away, or all of them with its limit; how many those were."""
        own = (write_keys.c.workspace == workspace) & (write_keys.c.source == source)
        chosen = own if write_key is None else own & (write_keys.c.write_key == write_key)
        with writing(self._engine) as connection:
            removed = connection.execute(delete(write_keys).where(chosen)).rowcount
            if connection.execute(select(write_keys.c.write_key).where(own).limit(1)).first() is None:
                connection.execute(delete(source_limits).where(_is(workspace, source)))
        return removed

    def set_limit(self, workspace: str, source: str, limit: RateLimit | None) -> None:
        """Keep what a source may send."""
        with writing(self._engine) as connection:
            if limit is None:
                connection.execute(delete(source_limits).where(_is(workspace, source)))
                return
            row = {"events_per_second": limit.events_per_second, "burst": limit.burst}
            statement = insert_into(source_limits, connection).values(
                workspace=workspace, source=source, **row
            )
            connection.execute(
                statement.on_conflict_do_update(index_elements=["workspace", "source"], set_=row)
            )

    def find_limit(self, workspace: str, source: str) -> RateLimit | None:
        """What a source may send; None where nobody said."""
        with reading(self._engine) as connection:
            row = connection.execute(select(source_limits).where(_is(workspace, source))).one_or_none()
        return None if row is None else RateLimit(events_per_second=row.events_per_second, burst=row.burst)


def _is(workspace: str, source: str) -> ColumnElement[bool]:
    return (source_limits.c.workspace == workspace) & (source_limits.c.source == source)
