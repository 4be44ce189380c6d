"""What is recorded of who somebody is, in SQL: refusals, quarantine, and the whole of it for one person."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, Row, Select, and_, delete, func, or_, select, tuple_

from perennial.backends.sql.bulk import BulkInsert, Insert, among, fetch
from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.tables import identities, merges, profiles
from perennial.backends.sql.tables_identity import name_refusals, quarantined_names, unmerges
from perennial.collect.identity.key_rules import KeyRules
from perennial.collect.identity.model import (
    ANONYMOUS,
    Graph,
    Identifier,
    Known,
    Learned,
    Merge,
    Quarantine,
    Refusal,
    Resolution,
    Unmerge,
)
from perennial.kernel.ids import ProfileId

_COUNTED = ("two_user_ids", "limit", "parted", "handed_over")
"""Refusals that mean that a name was seen with somebody else than the one it leads to."""
_ALL = 1_000
"""Entries of each sort that are told of one person; a device of an exhibition has more names than that."""


def _once(statement: Insert) -> Insert:
    return statement.on_conflict_do_nothing()


_INSERT_REFUSALS = BulkInsert(
    name_refusals, ["profile_id", "kind", "value", "reason", "other", "occurred_at", "message_id"], _once
)
_INSERT_QUARANTINED = BulkInsert(
    quarantined_names, ["kind", "value", "people", "occurred_at", "message_id"], _once
)


def protection(
    connection: Connection,
    graph: Graph,
    values: Mapping[str, Sequence[str]],
    rules: KeyRules,
    parted: Sequence[tuple[ProfileId, ProfileId]],
) -> Graph:
    """A graph with what protects the people in it, as far as the rules bound anything."""
    if parted:
        graph = replace(graph, apart=frozenset(frozenset(pair) for pair in parted))
    bounded = [kind.name for kind in rules.kinds if kind.people is not None]
    bounded += [ANONYMOUS] if rules.device_people is not None else []
    asked = {kind: values[kind] for kind in bounded if values.get(kind)}
    limited = [kind.name for kind in rules.kinds if kind.limit is not None]
    people = sorted(set(graph.profiles.values())) if limited else []
    if not asked and not people:
        return graph
    return replace(
        graph,
        values=_counts(connection, people, limited) if people else {},
        strangers=_strangers(connection, asked),
        quarantined=_held(connection, asked),
    )


def _counts(
    connection: Connection, people: Sequence[ProfileId], kinds: Sequence[str]
) -> dict[ProfileId, dict[str, int]]:
    query = (
        select(identities.c.profile_id, identities.c.kind, func.count().label("names"))
        .where(among(connection, identities.c.profile_id, people), identities.c.kind.in_(kinds))
        .group_by(identities.c.profile_id, identities.c.kind)
    )
    found: dict[ProfileId, dict[str, int]] = {}
    for row in connection.execute(query):
        found.setdefault(ProfileId(row.profile_id), {})[row.kind] = row.names
    return found


def _strangers(
    connection: Connection, asked: Mapping[str, Sequence[str]]
) -> dict[Identifier, frozenset[ProfileId]]:
    found: dict[Identifier, set[ProfileId]] = {}
    for kind, values in asked.items():
        query = select(name_refusals.c.value, name_refusals.c.profile_id, name_refusals.c.other).where(
            name_refusals.c.kind == kind,
            among(connection, name_refusals.c.value, values),
            name_refusals.c.reason.in_(_COUNTED),
        )
        for value, person, other in fetch(connection, query, tuple[str, int, int | None]):
            people = found.setdefault(Identifier(kind, value), set())
            people |= {ProfileId(one) for one in (person, other) if one is not None}
    return {name: frozenset(people) for name, people in found.items()}


def _held(connection: Connection, asked: Mapping[str, Sequence[str]]) -> frozenset[Identifier]:
    found: set[Identifier] = set()
    for kind, values in asked.items():
        query = select(quarantined_names.c.value, quarantined_names.c.people).where(
            quarantined_names.c.kind == kind, among(connection, quarantined_names.c.value, values)
        )
        found |= {Identifier(kind, value) for value, _ in fetch(connection, query, tuple[str, int])}
    return frozenset(found)


def save_refused(connection: Connection, resolution: Resolution) -> None:
    """Keep what was refused and what was put away. Idempotent."""
    if resolution.refusals:
        became = resolution.became
        refusals = {
            (became.get(one.profile_id, one.profile_id), *one.name, one.reason): one
            for one in reversed(resolution.refusals)
        }
        rows = [
            (*key, one.other, to_micros(one.learned.at), one.learned.cause) for key, one in refusals.items()
        ]
        _INSERT_REFUSALS.run(connection, sorted(rows, key=lambda row: row[:4]))
    if resolution.quarantined:
        held = [
            (*one.name, one.people, to_micros(one.learned.at), one.learned.cause)
            for one in resolution.quarantined
        ]
        _INSERT_QUARANTINED.run(connection, sorted(held))


def quarantined_of(
    connection: Connection, *, limit: int, after: Identifier | None = None
) -> Sequence[Quarantine]:
    """Names that join nobody, by kind and value."""
    name = tuple_(quarantined_names.c.kind, quarantined_names.c.value)
    query = select(quarantined_names).order_by(quarantined_names.c.kind, quarantined_names.c.value)
    if after is not None:
        query = query.where(name > tuple_(after.kind, after.value))
    return [_quarantine(row) for row in connection.execute(query.limit(limit))]


def release(connection: Connection, name: Identifier) -> bool:
    """Let a name join people again, and forget whom it was seen with; False if it was not held."""
    held, refused = quarantined_names.c, name_refusals.c
    gone = delete(quarantined_names).where(held.kind == name.kind, held.value == name.value)
    if not connection.execute(gone).rowcount:
        return False
    reasons = refused.reason.in_((*_COUNTED, "quarantined"))
    same = and_(refused.kind == name.kind, refused.value == name.value, reasons)
    connection.execute(delete(name_refusals).where(same))
    return True


def known_of(connection: Connection, profile_id: ProfileId) -> Known | None:
    """Everything recorded of who a profile is; None where there is no such profile."""
    query = select(profiles.c.user_id).where(profiles.c.profile_id == profile_id)
    profile = connection.execute(query).one_or_none()
    if profile is None:
        return None
    names = [
        (Identifier(row.kind, row.value), Learned(from_micros(row.linked_at), row.cause or ""))
        for row in connection.execute(
            select(identities)
            .where(identities.c.profile_id == profile_id)
            .order_by(identities.c.linked_at, identities.c.kind, identities.c.value)
            .limit(_ALL)
        )
    ]
    refusals = [_refusal(row) for row in connection.execute(_refusals_of(profile_id))]
    held = _held_among(connection, [*(name for name, _ in names), *(one.name for one in refusals)])
    return Known(
        profile_id=profile_id,
        user_id=profile.user_id,
        names=names,
        merges=_merges_into(connection, profile_id),
        refusals=refusals,
        quarantined=held,
        unmerges=_unmerges_of(connection, profile_id),
    )


def _refusals_of(profile_id: ProfileId) -> Select[*tuple[object, ...]]:
    refused = name_refusals.c
    return (
        select(name_refusals)
        .where(or_(refused.profile_id == profile_id, refused.other == profile_id))
        .order_by(refused.occurred_at, refused.kind, refused.value)
        .limit(_ALL)
    )


def _merges_into(connection: Connection, profile_id: ProfileId) -> Sequence[Merge]:
    """Every merge that ended in a profile, by way of others too, in the order they happened."""
    query = (
        select(merges)
        .join(profiles, profiles.c.profile_id == merges.c.lost)
        .where(profiles.c.merged_into == profile_id)
        .order_by(merges.c.merge_id)
        .limit(_ALL)
    )
    return [_merge(row) for row in connection.execute(query)]


def _held_among(connection: Connection, names: Sequence[Identifier]) -> Sequence[Quarantine]:
    found: list[Quarantine] = []
    for kind in sorted({name.kind for name in names}):
        values = [name.value for name in names if name.kind == kind]
        query = select(quarantined_names).where(
            quarantined_names.c.kind == kind, among(connection, quarantined_names.c.value, values)
        )
        found += [_quarantine(row) for row in connection.execute(query)]
    return found


def _unmerges_of(connection: Connection, profile_id: ProfileId) -> Sequence[Unmerge]:
    is_theirs = or_(unmerges.c.lost == profile_id, unmerges.c.kept == profile_id)
    rows = connection.execute(select(unmerges).where(is_theirs).order_by(unmerges.c.number))
    return [
        Unmerge(
            lost=ProfileId(row.lost),
            kept=ProfileId(row.kept),
            merge=_merge(row),
            undone_at=from_micros(row.undone_at),
        )
        for row in rows
    ]


def _merge(row: Row[*tuple[object, ...]]) -> Merge:
    return Merge(
        lost=ProfileId(row.lost),
        kept=ProfileId(row.kept),
        merged_at=from_micros(row.merged_at),
        cause=row.cause,
        reason=row.reason or "",
    )


def _refusal(row: Row[*tuple[object, ...]]) -> Refusal:
    return Refusal(
        profile_id=ProfileId(row.profile_id),
        name=Identifier(row.kind, row.value),
        reason=row.reason,
        other=None if row.other is None else ProfileId(row.other),
        learned=Learned(from_micros(row.occurred_at), row.message_id),
    )


def _quarantine(row: Row[*tuple[object, ...]]) -> Quarantine:
    return Quarantine(
        name=Identifier(row.kind, row.value),
        people=row.people,
        learned=Learned(from_micros(row.occurred_at), row.message_id),
    )
