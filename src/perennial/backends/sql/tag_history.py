"""What became of people's values of tags, and what is said of them, in SQL."""

import json
from collections.abc import Mapping, Sequence
from typing import cast

from sqlalchemy import Connection, Row, and_, func, insert, select

from perennial.backends.sql.bulk import BulkInsert
from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.tables import profiles, tag_values
from perennial.backends.sql.tables_tags import tag_changes, tag_disputes
from perennial.backends.sql.tag_columns import PackedValues
from perennial.backends.sql.tag_pages import still_disputed
from perennial.compute.profiles.people_port import Person
from perennial.compute.tags.model import Dispute, RecordedChange, Scalar, ValueChange
from perennial.kernel.ids import ProfileId, TagId, UserId

_CHANGES = BulkInsert(
    tag_changes,
    ("profile_id", "tag_id", "version", "before", "after", "cause", "changed_at"),
    lambda insert: insert,
)


class SqlTagHistory:
    """`TagHistory` on one connection; the caller's transaction is ours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, changes: Sequence[RecordedChange]) -> None:
        """Keep how values changed."""
        _CHANGES.run(
            self._connection,
            [
                (
                    each.change.profile_id,
                    each.tag_id,
                    each.version,
                    _text(each.change.before),
                    _text(each.change.after),
                    each.cause,
                    to_micros(each.changed_at),
                )
                for each in changes
            ],
        )

    def of_person(
        self, profile_id: ProfileId, *, limit: int, before: int | None = None
    ) -> Sequence[tuple[int, RecordedChange]]:
        """How a person's values changed, the latest first, each with its number; below `before`, if given."""
        table = tag_changes.c
        query = select(tag_changes).where(table.profile_id == profile_id)
        if before is not None:
            query = query.where(table.number < before)
        rows = self._connection.execute(query.order_by(table.number.desc()).limit(limit))
        return [(row.number, _change(row)) for row in rows]

    def value_of(self, tag_id: TagId, profile_id: ProfileId) -> Scalar | None:
        """A person's value of a tag as last computed."""
        same = (tag_values.c.tag_id == tag_id, tag_values.c.profile_id == profile_id)
        text = self._connection.execute(select(tag_values.c.value).where(*same)).scalar_one_or_none()
        packed = PackedValues(self._connection).values_of([profile_id], only=[tag_id])
        return _scalar(next((value for _, _, value in packed), None) if text is None else text)

    def dispute(self, dispute: Dispute) -> None:
        """Keep that a value is said to be wrong."""
        self._connection.execute(
            insert(tag_disputes).values(
                tag_id=dispute.tag_id,
                profile_id=dispute.person.profile_id,
                value=_text(dispute.value),
                version=dispute.version,
                by=dispute.by,
                note=dispute.note,
                disputed_at=to_micros(dispute.disputed_at),
            )
        )

    def disputes(
        self, tag_id: TagId, *, limit: int, before: int | None = None
    ) -> Sequence[tuple[int, Dispute]]:
        """What is said to be wrong of a tag, the latest first, each with its number."""
        table = tag_disputes.c
        query = (
            select(*table, profiles.c.user_id)
            .select_from(tag_disputes.outerjoin(profiles, profiles.c.profile_id == table.profile_id))
            .where(table.tag_id == tag_id)
        )
        if before is not None:
            query = query.where(table.number < before)
        rows = self._connection.execute(query.order_by(table.number.desc()).limit(limit))
        return [(row.number, _dispute(row)) for row in rows]

    def disputed(self) -> Mapping[TagId, int]:
        """Of how many people each tag's present value is said to be wrong."""
        same = and_(
            tag_values.c.tag_id == tag_disputes.c.tag_id,
            tag_values.c.profile_id == tag_disputes.c.profile_id,
            tag_values.c.value == tag_disputes.c.value,
        )
        people = func.count(tag_disputes.c.profile_id.distinct())
        query = select(tag_disputes.c.tag_id, people).join(tag_values, same).group_by(tag_disputes.c.tag_id)
        rows = {TagId(tag_id): number for tag_id, number in self._connection.execute(query)}
        return {**rows, **still_disputed(self._connection, rows)}


def _text(value: Scalar | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _scalar(text: str | None) -> Scalar | None:
    return None if text is None else cast("Scalar", json.loads(text))  # `_text` wrote a scalar


def _change(row: Row[*tuple[object, ...]]) -> RecordedChange:
    change = ValueChange(
        profile_id=ProfileId(row.profile_id), before=_scalar(row.before), after=_scalar(row.after)
    )
    return RecordedChange(
        change=change,
        tag_id=TagId(row.tag_id),
        version=row.version,
        cause=row.cause,
        changed_at=from_micros(row.changed_at),
    )


def _dispute(row: Row[*tuple[object, ...]]) -> Dispute:
    user_id = None if row.user_id is None else UserId(row.user_id)
    return Dispute(
        tag_id=TagId(row.tag_id),
        person=Person(profile_id=ProfileId(row.profile_id), user_id=user_id),
        value=json.loads(row.value),
        version=row.version,
        by=row.by,
        note=row.note,
        disputed_at=from_micros(row.disputed_at),
    )
