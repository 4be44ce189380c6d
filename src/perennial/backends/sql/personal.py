"""Which tables say something of people, and how a person's rows are found in each.

Every table is in one of the two lists: a test walks the declared schema and names the one that is in neither.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from msgspec import Struct
from msgspec.json import decode
from sqlalchemy import ColumnElement, Connection, Table, Text, and_, cast, false, or_, select

from perennial.backends.sql import tables as t
from perennial.backends.sql.bulk import among
from perennial.backends.sql.log import NOBODY
from perennial.backends.sql.tables_acquisition import (
    channel_codes,
    channel_costs,
    channels,
    first_touches,
)
from perennial.backends.sql.tables_backtests import backtests
from perennial.backends.sql.tables_boards import board_shares, kept_documents
from perennial.backends.sql.tables_identity import carried, name_refusals, quarantined_names, unmerges
from perennial.backends.sql.tables_messages import message_bounces, message_orders
from perennial.backends.sql.tables_packed import (
    packed_columns,
    packed_loose,
    packed_people,
    packed_values,
    segment_gone,
)
from perennial.backends.sql.tables_privacy import erased_names, erasures
from perennial.backends.sql.tables_retention import removals
from perennial.backends.sql.tables_schedules import exported_rows, schedules
from perennial.backends.sql.tables_schema import declarations, descriptions
from perennial.backends.sql.tables_segments import segment_sizes, segment_standings
from perennial.backends.sql.tables_tags import tag_changes, tag_disputes, tag_failures
from perennial.backends.sql.tables_tracking import signing_keys
from perennial.collect.privacy.model import PersonNames
from perennial.kernel.ids import profile_text
from perennial.kernel.values import Json

_Where = Callable[[Connection, PersonNames], ColumnElement[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalTable:
    """A table that holds rows about people."""

    table: Table
    where: _Where
    emptied: Mapping[str, object] = field(default_factory=dict[str, object])
    """Of a row that has to stay, because readers count on its number: what is written over it."""


def _by(*columns: str) -> Callable[[Table], _Where]:
    def of(table: Table) -> _Where:
        def where(connection: Connection, person: PersonNames) -> ColumnElement[bool]:
            # PostgreSQL and SQLite both find them by the index on each column.
            return or_(*(among(connection, table.c[name], person.profiles) for name in columns))

        return where

    return of


def _named(table: Table) -> _Where:
    def where(_connection: Connection, person: PersonNames) -> ColumnElement[bool]:
        same = [and_(table.c.kind == name.kind, table.c.value == name.value) for name in person.names]
        return or_(false(), *same)

    return where


def _refused(connection: Connection, person: PersonNames) -> ColumnElement[bool]:
    theirs = _by("profile_id", "other")(name_refusals)(connection, person)
    return or_(theirs, _named(name_refusals)(connection, person))


def _decided(connection: Connection, person: PersonNames) -> ColumnElement[bool]:
    own = _by("profile_id")(t.enrollments)(connection, person)
    return t.decisions.c.enrollment_id.in_(select(t.enrollments.c.enrollment_id).where(own))


def _of_message(
    table: Table,
) -> Callable[[Connection, PersonNames], ColumnElement[bool]]:
    """Rows that go with somebody's messages."""

    def where(connection: Connection, person: PersonNames) -> ColumnElement[bool]:
        own = _by("profile_id")(t.messages)(connection, person)
        return table.c.message_id.in_(select(t.messages.c.message_id).where(own))

    return where


def _addressed(connection: Connection, person: PersonNames) -> ColumnElement[bool]:
    return among(connection, t.suppressions.c.address, list(person.addresses))


def _exported(connection: Connection, person: PersonNames) -> ColumnElement[bool]:
    keys = [*person.texts, *map(profile_text, person.profiles), *map(str, person.profiles)]
    by_names = among(connection, exported_rows.c.key, keys)
    told = select(t.traits.c.value).where(among(connection, t.traits.c.profile_id, person.profiles))
    values = [text for value in connection.execute(told).scalars() for text in _texts_in(decode(value))]
    by_traits = among(connection, exported_rows.c.key, values)
    return or_(by_names, and_(exported_rows.c.export_id.in_(_kept_by_traits(connection)), by_traits))


def _kept_by_traits(connection: Connection) -> list[str]:
    """Exports whose table is kept by something a person told, such as the number of a customer."""
    exports = select(schedules.c.schedule_id, schedules.c.document).where(schedules.c.kind == "export")
    found = ((name, decode(text, type=_KeyedExport)) for name, text in connection.execute(exports).all())
    return [name for name, export in found if export.columns.get(export.key, "").startswith("traits.")]


class _KeyedExport(Struct, frozen=True):
    key: str
    columns: Mapping[str, str]


def _texts_in(value: Json) -> Iterator[str]:
    """A trait's values, however deep they lie, as they are written for keys."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(one)
    elif value is not None:
        yield str(value)


def _own(table: Table) -> PersonalTable:
    return PersonalTable(table=table, where=_by("profile_id")(table))


# In this order: decisions are found by their enrollments, exported rows by traits.
STATE: tuple[PersonalTable, ...] = (
    PersonalTable(table=t.decisions, where=_decided),
    PersonalTable(table=exported_rows, where=_exported),
    _own(t.enrollments),
    PersonalTable(table=message_orders, where=_of_message(message_orders)),
    PersonalTable(table=message_bounces, where=_of_message(message_bounces)),
    _own(t.messages),
    # Positions are counted on, as in the log of the way in: the place stays, and is passed over when read.
    PersonalTable(
        table=t.emitted_events,
        where=_by("profile_id")(t.emitted_events),
        emptied={
            "name": "",
            "profile_id": NOBODY,
            "properties": "{}",
            "message_id": cast(t.emitted_events.c.position, Text),
        },
    ),
    # Of whom is erased, what packed columns say is in these rows by then (`loosening`).
    _own(t.segment_members),
    _own(t.tag_values),
    _own(segment_gone),
    _own(tag_changes),
    _own(tag_disputes),
    _own(t.traits),
    _own(t.trait_changes),
    PersonalTable(table=first_touches, where=_by("profile_id", "owner")(first_touches)),
    _own(t.consents),
    PersonalTable(table=t.suppressions, where=_addressed),
    PersonalTable(table=name_refusals, where=_refused),
    PersonalTable(table=quarantined_names, where=_named(quarantined_names)),
    PersonalTable(table=carried, where=_by("lost", "owner")(carried)),
    # The event store is told of merges by their numbers: none may be given twice.
    PersonalTable(
        table=t.merges,
        where=_by("lost", "kept")(t.merges),
        emptied={"lost": -t.merges.c.merge_id, "kept": 0, "cause": "", "reason": None},
    ),
    PersonalTable(
        table=unmerges,
        where=_by("lost", "kept")(unmerges),
        emptied={"cause": "", "reason": ""},
    ),
    _own(t.identities),
    _own(t.profiles),
)

IMPERSONAL: Mapping[Table, str] = {
    t.leases: "which process does which work",
    t.processes: "which processes there are",
    t.offsets: "positions",
    t.batches: "positions, and numbers of profiles for the last batches, which name nobody",
    t.segments: "documents of the workspace's own",
    t.segment_fills: "counts",
    segment_standings: "counts",
    packed_columns: "what values are possible",
    packed_values: "codes and numbers by place",
    packed_people: "who has which place: emptied with an erasure",
    packed_loose: "whose places count for nothing: emptied with an erasure",
    segment_sizes: "counts",
    t.tags: "documents",
    t.tag_cuts: "cuts over everyone",
    t.tag_fills: "counts",
    tag_failures: "why a refresh failed: problems of documents",
    t.templates: "documents",
    t.journeys: "states of journeys",
    t.journey_versions: "documents",
    declarations: "documents",
    descriptions: "what is said of events and properties",
    channels: "documents",
    channel_codes: "documents",
    channel_costs: "amounts",
    signing_keys: "what links are signed with",
    backtests: "counts, and documents",
    kept_documents: "documents",
    board_shares: "links to boards, and which member made them",
    removals: "how many events went, of those that the rules name and of all others",
    schedules: "documents, and how far they came",
    erasures: "salted hashes",
    # The log of the way in.
    t.seen: "hashes of message ids, of nobody",
    t.imports: "names of files",
    erased_names: "salted hashes",
}
INTAKE: Mapping[Table, str] = {
    t.stretches: "rewritten without the person's calls",
    t.rejects: "removed where they name the person",
    t.spools: "carried into the event store before it is erased there",
}
