"""Erasures in SQL: what is known of a person and goes, and the receipts that stay."""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Row, delete, func, select, update
from sqlalchemy.sql.dml import Delete, Update

from perennial.backends.sql.bulk import among
from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import insert_into
from perennial.backends.sql.loosening import count_members, count_values, forget_places, loosen, packed_rows
from perennial.backends.sql.personal import STATE
from perennial.backends.sql.tables import (
    identities,
    messages,
    profiles,
    segment_fills,
    tag_fills,
    traits,
)
from perennial.backends.sql.tables_privacy import erasures
from perennial.backends.sql.tables_schedules import exported_rows
from perennial.collect.identity.model import Identifier
from perennial.collect.privacy.model import Erasure, PersonNames
from perennial.kernel.ids import ProfileId, SegmentId, TagId

_ADDRESS_TRAITS = ("email", "phone")


class SqlErasures:
    """`collect.privacy.ports.Erasures`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def names_of(self, profile_id: ProfileId) -> PersonNames:
        """Every profile and name of the person a profile is."""
        run = self._connection.execute
        column = profiles.c
        own = run(select(column.merged_into).where(column.profile_id == profile_id)).scalar() or profile_id
        lost = run(select(column.profile_id).where(column.merged_into == own).order_by(column.profile_id))
        people = [ProfileId(own), *map(ProfileId, lost.scalars())]
        rows = run(
            select(identities.c.kind, identities.c.value).where(
                among(self._connection, identities.c.profile_id, people)
            )
        )
        names = sorted(Identifier(row.kind, row.value) for row in rows)
        return PersonNames(profiles=people, names=names, addresses=self._addresses(people))

    def save(self, erasure: Erasure) -> None:
        """Keep an erasure as it stands now."""
        row = {
            "subject": erasure.subject,
            "reason": erasure.reason,
            "by": erasure.by,
            "allows_return": erasure.allows_return,
            "requested_at": to_micros(erasure.requested_at),
            "step": erasure.step,
            "profiles": json.dumps(list(erasure.profiles)),
            "names": json.dumps([[name.kind, name.value] for name in erasure.names], ensure_ascii=False),
            "addresses": json.dumps(list(erasure.addresses), ensure_ascii=False),
            "counts": json.dumps(dict(erasure.counts)),
            "proof": json.dumps(dict(erasure.proof)),
            "finished_at": None if erasure.finished_at is None else to_micros(erasure.finished_at),
        }
        statement = insert_into(erasures, self._connection).values(erasure_id=erasure.erasure_id, **row)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["erasure_id"], set_=row))

    def find(self, erasure_id: str) -> Erasure | None:
        """The erasure of this id."""
        query = select(erasures).where(erasures.c.erasure_id == erasure_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _erasure(row)

    def list(self, *, limit: int, after: str | None = None) -> Sequence[Erasure]:
        """Erasures, by id."""
        query = select(erasures).order_by(erasures.c.erasure_id).limit(limit)
        if after is not None:
            query = query.where(erasures.c.erasure_id > after)
        return [_erasure(row) for row in self._connection.execute(query)]

    def unfinished(self) -> Sequence[Erasure]:
        """Those that are not done, oldest first."""
        query = select(erasures).where(erasures.c.step != "done").order_by(erasures.c.requested_at)
        return [_erasure(row) for row in self._connection.execute(query)]

    def count_rows(self, person: PersonNames) -> Mapping[str, int]:
        """How many rows are about a person, by table, and by export those that were written elsewhere."""
        counts = dict(self._exports(person))
        for each in STATE:
            theirs = select(func.count()).select_from(each.table)
            found = self._connection.execute(theirs.where(each.where(self._connection, person)))
            counts[each.table.name] = found.scalar_one()
        for table, packed in packed_rows(self._connection, person.profiles).items():
            counts[table.name] += len(packed)
        return {name: rows for name, rows in counts.items() if rows}

    def erase_rows(self, person: PersonNames) -> None:
        """Take away every row that is about a person."""
        loosen(self._connection, person.profiles)
        forget_places(self._connection)
        for each in STATE:
            where = each.where(self._connection, person)
            statement: Delete | Update = delete(each.table).where(where)
            if each.emptied:
                statement = update(each.table).where(where).values(dict(each.emptied))
            self._connection.execute(statement)
        self._recount()

    def rows_of(self, person: PersonNames) -> Mapping[str, Sequence[Mapping[str, object]]]:
        """Every row that is about a person, by table."""
        packed = packed_rows(self._connection, person.profiles)
        return {
            each.table.name: [
                *(
                    dict(row)
                    for row in self._connection.execute(
                        select(each.table).where(each.where(self._connection, person))
                    ).mappings()
                ),
                *packed.get(each.table, ()),
            ]
            for each in STATE
        }

    def _addresses(self, people: Sequence[ProfileId]) -> Sequence[str]:
        run = self._connection.execute
        sent = select(messages.c.address).where(among(self._connection, messages.c.profile_id, people))
        told = select(traits.c.value).where(
            among(self._connection, traits.c.profile_id, people), traits.c.name.in_(_ADDRESS_TRAITS)
        )
        found = set(run(sent).scalars())
        for text in run(told).scalars():
            value = json.loads(text)
            found |= {value} if isinstance(value, str) else set()
        return sorted(found - {""})

    def _exports(self, person: PersonNames) -> dict[str, int]:
        """In which databases elsewhere rows of this person were written: those are not ours to delete."""
        [where] = [each.where for each in STATE if each.table is exported_rows]
        query = (
            select(exported_rows.c.export_id, func.count())
            .where(where(self._connection, person))
            .group_by(exported_rows.c.export_id)
        )
        return {f"export {name}": rows for name, rows in self._connection.execute(query)}

    def _recount(self) -> None:
        """Segments and tags say how many people have them."""
        run = self._connection.execute
        for segment_id in run(select(segment_fills.c.segment_id)).scalars().all():
            people = count_members(self._connection, SegmentId(segment_id))
            same = segment_fills.c.segment_id == segment_id
            run(update(segment_fills).where(same).values(people=people))
        for tag_id in run(select(tag_fills.c.tag_id)).scalars().all():
            people = count_values(self._connection, TagId(tag_id))
            run(update(tag_fills).where(tag_fills.c.tag_id == tag_id).values(people=people))


def _erasure(row: Row[*tuple[object, ...]]) -> Erasure:
    return Erasure(
        erasure_id=row.erasure_id,
        subject=row.subject,
        reason=row.reason,
        by=row.by,
        allows_return=row.allows_return,
        requested_at=from_micros(row.requested_at),
        step=row.step,
        profiles=[ProfileId(one) for one in json.loads(row.profiles)],
        names=[Identifier(kind, value) for kind, value in json.loads(row.names)],
        addresses=json.loads(row.addresses),
        counts=json.loads(row.counts),
        proof=json.loads(row.proof),
        finished_at=None if row.finished_at is None else from_micros(row.finished_at),
    )
