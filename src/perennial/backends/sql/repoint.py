"""A merge in SQL: everything the state store has under a lost profile continues under the kept one."""

from collections.abc import Mapping

from sqlalchemy import Column, ColumnElement, Connection, Table, delete, literal, select, tuple_, update

from perennial.backends.sql.engine import insert_into
from perennial.backends.sql.tables import (
    consents,
    enrollments,
    identities,
    messages,
    profiles,
    segment_members,
    tag_values,
    traits,
)
from perennial.kernel.ids import ProfileId

# A table with a profile_id belongs to exactly one of these (a test counts them).
LATEST_WINS: tuple[Table, ...] = (traits, consents)
"""Told facts: of two for the same thing the later one stays."""
KEPT_WINS: tuple[Table, ...] = (segment_members, tag_values)
"""Computed facts: the kept profile's own stay until they are computed anew."""
MOVED: tuple[Table, ...] = (identities, enrollments, messages)
"""What has an id of its own simply moves."""
UNTOUCHED: frozenset[str] = frozenset({"profiles", "emitted_events"})
"""Profiles record the merge itself; emitted events are history, and the event store's overrides move them."""


def repoint(connection: Connection, became: Mapping[ProfileId, ProfileId]) -> None:
    """Move what lost profiles have to the kept ones. Idempotent; merges are rare, so one at a time."""
    for lost, kept in became.items():
        for table in LATEST_WINS:
            _copy(connection, table, lost, kept, newer_wins=True)
        for table in KEPT_WINS:
            _copy(connection, table, lost, kept, newer_wins=False)
        for table in MOVED:
            connection.execute(update(table).where(table.c.profile_id == lost).values(profile_id=kept))
        is_lost = (profiles.c.profile_id == lost) | (profiles.c.merged_into == lost)
        connection.execute(update(profiles).where(is_lost).values(merged_into=kept))


def _copy(
    connection: Connection, table: Table, lost: ProfileId, kept: ProfileId, *, newer_wins: bool
) -> None:
    columns = [column for column in table.c if column.name != "profile_id"]
    source = select(literal(kept), *columns).where(table.c.profile_id == lost)
    statement = insert_into(table, connection).from_select(["profile_id", *(c.name for c in columns)], source)
    key: list[Column[object]] = list(table.primary_key)
    if not newer_wins:
        connection.execute(statement.on_conflict_do_nothing(index_elements=key))
    else:
        changed = {c.name: statement.excluded[c.name] for c in columns if not c.primary_key}
        newer = _is_newer(statement.excluded["occurred_at"], statement.excluded["message_id"], table)
        connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changed, where=newer))
    connection.execute(delete(table).where(table.c.profile_id == lost))


def _is_newer(
    occurred_at: ColumnElement[int], message_id: ColumnElement[str], table: Table
) -> ColumnElement[bool]:
    return tuple_(occurred_at, message_id) > tuple_(table.c.occurred_at, table.c.message_id)
