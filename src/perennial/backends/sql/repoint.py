"""A merge in SQL: everything the state store has under a lost profile continues under the kept one."""

from collections.abc import Mapping, Sequence

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Subquery,
    Table,
    delete,
    func,
    select,
    true,
    tuple_,
    update,
)

from perennial.backends.sql.bulk import among, fetch, listed
from perennial.backends.sql.carried import Return, carry_back, forget_carried, write_down
from perennial.backends.sql.engine import insert_into, portions
from perennial.backends.sql.loosening import loosen
from perennial.backends.sql.tables import (
    consents,
    enrollments,
    identities,
    merges,
    messages,
    profiles,
    segment_fills,
    segment_members,
    tag_values,
    tags,
    trait_changes,
    traits,
)
from perennial.backends.sql.tables_acquisition import first_touches
from perennial.backends.sql.tables_identity import name_refusals
from perennial.backends.sql.tables_tags import tag_changes, tag_disputes
from perennial.kernel.ids import ProfileId

# A table with a profile_id belongs to exactly one of these (a test counts them).
LATEST_WINS: tuple[Table, ...] = (traits, consents)
"""Told facts: of two for the same thing the later one stays."""
KEPT_WINS: tuple[Table, ...] = (segment_members, tag_values, name_refusals)
"""Computed facts, and what was refused: the kept profile's own stay until they are computed anew."""
MOVED: tuple[Table, ...] = (
    identities,
    enrollments,
    messages,
    trait_changes,
    tag_changes,
    tag_disputes,
    first_touches,
)
"""What has an id of its own simply moves."""
UNTOUCHED: frozenset[str] = frozenset({"profiles", "emitted_events", "packed_loose", "segment_gone"})
"""Profiles record the merge itself; emitted events are history, and the event store's overrides move them.

Who is merged was loosened before, and stands in no packed column."""

_NAMED: Mapping[Table, ColumnElement[bool]] = {tag_values: tag_values.c.tag_id.in_(select(tags.c.tag_id))}
"""Values are found by tag and person, and not by person alone: all tags are named, or all rows are read."""


def repoint(connection: Connection, became: Mapping[ProfileId, ProfileId]) -> None:
    """Move what lost profiles have to the kept ones, in the order given. Idempotent.

    A kept profile is one at the end of the batch: it is not lost in the same mapping (ValueError).
    """
    if not became.keys().isdisjoint(became.values()):
        raise ValueError("a kept profile is itself lost")
    loosen(connection, sorted({*became, *became.values()}))
    for portion in portions(list(became.items())):
        _repoint(connection, dict(portion))


def part(connection: Connection, lost: ProfileId) -> dict[ProfileId, ProfileId]:
    """Take a merge back: whose each of the profiles is now that had become somebody with it, itself included.

    What was merged into it before goes along; what came later stays with whoever has it.
    """
    [holder] = connection.execute(
        select(profiles.c.merged_into).where(profiles.c.profile_id == lost)
    ).scalars()
    if holder is None:
        raise ValueError("the profile is nobody else's")
    going = _merged_before(connection, lost)
    loosen(connection, sorted({ProfileId(holder), lost, *going}))
    # Theirs are mostly among what this profile carried; not where they became one in the same batch.
    for one in (lost, *sorted(going)):
        carry_back(
            connection,
            one,
            Return(holder=ProfileId(holder), receiver=lost),
            moved=MOVED,
            united=(*LATEST_WINS, *KEPT_WINS),
        )
    forget_carried(connection, lost)
    among_them = among(connection, profiles.c.profile_id, sorted(going))
    connection.execute(update(profiles).where(among_them).values(merged_into=lost))
    alone = update(profiles).where(profiles.c.profile_id == lost).values(merged_into=None)
    connection.execute(alone)
    return dict.fromkeys([*going, lost], lost)


def _merged_before(connection: Connection, kept: ProfileId) -> set[ProfileId]:
    """Everybody who became this profile, by way of others too."""
    found: set[ProfileId] = set()
    asked = [kept]
    while asked:
        query = select(merges.c.lost).where(among(connection, merges.c.kept, asked))
        asked = [
            ProfileId(one) for one in connection.execute(query).scalars() if one > 0 and one not in found
        ]
        found.update(asked)
    return found


def _repoint(connection: Connection, became: Mapping[ProfileId, ProfileId]) -> None:
    write_down(connection, became, moved=MOVED, united=(*LATEST_WINS, *KEPT_WINS))
    moves = listed(connection, became)
    people = sorted({*became, *became.values()})
    members = _memberships(connection, people)
    for table in LATEST_WINS:
        _copy(connection, table, moves, newer_wins=True)
    for table in KEPT_WINS:
        _copy(connection, table, moves, newer_wins=False)
    for table in (*LATEST_WINS, *KEPT_WINS):
        is_lost = among(connection, table.c.profile_id, list(became))
        connection.execute(delete(table).where(is_lost, _NAMED.get(table, true())))
    for table in MOVED:
        is_lost = table.c.profile_id == moves.c.key
        connection.execute(update(table).where(is_lost).values(profile_id=moves.c.value))
    _count_once(connection, members, _memberships(connection, people) if members else {})
    _record(connection, became)


def _memberships(connection: Connection, people: Sequence[ProfileId]) -> dict[str, int]:
    """How many of these are in each segment."""
    counted = (
        select(segment_members.c.segment_id, func.count().label("people"))
        .where(among(connection, segment_members.c.profile_id, people))
        .group_by(segment_members.c.segment_id)
    )
    return {row.segment_id: row.people for row in connection.execute(counted)}


def _count_once(connection: Connection, before: Mapping[str, int], after: Mapping[str, int]) -> None:
    """Segments say how many are in them: two who were and became one are one."""
    for segment_id, people in before.items():
        if gone := people - after.get(segment_id, 0):
            fewer = {"people": segment_fills.c.people - gone}
            connection.execute(
                update(segment_fills).where(segment_fills.c.segment_id == segment_id).values(fewer)
            )


def _copy(connection: Connection, table: Table, moves: Subquery, *, newer_wins: bool) -> None:
    columns = [column for column in table.c if column.name != "profile_id"]
    source = _winners(table, columns, moves, newer_wins=newer_wins)
    statement = insert_into(table, connection).from_select(["profile_id", *(c.name for c in columns)], source)
    key: list[Column[object]] = list(table.primary_key)
    if not newer_wins:
        connection.execute(statement.on_conflict_do_nothing(index_elements=key))
        return
    changed = {c.name: statement.excluded[c.name] for c in columns if not c.primary_key}
    newer = _is_newer(statement.excluded["occurred_at"], statement.excluded["message_id"], table)
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changed, where=newer))


def _winners(
    table: Table, columns: Sequence[Column[object]], moves: Subquery, *, newer_wins: bool
) -> Select[*tuple[object, ...]]:
    """Of all that comes to a kept profile for the same thing, one row: no statement may change one twice."""
    latest = [table.c.occurred_at.desc(), table.c.message_id.desc()] if newer_wins else []
    same = [moves.c.value, *(c for c in columns if c.primary_key)]
    place = func.row_number().over(partition_by=same, order_by=[*latest, moves.c.place])
    coming = (
        select(moves.c.value.label("kept"), *columns, place.label("rank"))
        .join(moves, moves.c.key == table.c.profile_id)
        .where(_NAMED.get(table, true()))
        .subquery()
    )
    return select(coming.c.kept, *(coming.c[c.name] for c in columns)).where(coming.c.rank == 1)


def _record(connection: Connection, became: Mapping[ProfileId, ProfileId]) -> None:
    """Profiles say whom they became; those that became a lost one earlier follow it."""
    followers = select(profiles.c.profile_id, profiles.c.merged_into).where(
        among(connection, profiles.c.merged_into, list(became))
    )
    earlier = fetch(connection, followers, tuple[int, int])
    ends = {ProfileId(follower): became[ProfileId(lost)] for follower, lost in earlier}
    ends |= became
    moves = listed(connection, ends)
    is_lost = profiles.c.profile_id == moves.c.key
    connection.execute(update(profiles).where(is_lost).values(merged_into=moves.c.value))


def _is_newer(
    occurred_at: ColumnElement[int], message_id: ColumnElement[str], table: Table
) -> ColumnElement[bool]:
    return tuple_(occurred_at, message_id) > tuple_(table.c.occurred_at, table.c.message_id)
