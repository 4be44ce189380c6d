"""Tags in the state store: versions, everyone's values, and the cuts that scores rest on."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select

from perennial.backends.sql.bulk import BulkInsert, Insert, fetch
from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.definitions import SqlDefinitions
from perennial.backends.sql.engine import portions
from perennial.backends.sql.packed import LEAST
from perennial.backends.sql.tables import profiles, tag_cuts, tag_fills, tag_values, tags
from perennial.backends.sql.tables_tags import tag_failures
from perennial.backends.sql.tag_columns import PackedValues
from perennial.backends.sql.tag_groups import SqlGroups
from perennial.backends.sql.tag_history import SqlTagHistory
from perennial.backends.sql.tag_pages import packed_page
from perennial.backends.sql.tag_past import SqlPastValues
from perennial.compute.profiles.people_port import Person
from perennial.compute.tags.model import Cuts, Scalar, TagColumn, TagFailure, TagFill, TagValue, ValueChange
from perennial.kernel.ids import ProfileId, TagId, UserId


def _newer(statement: Insert) -> Insert:
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["tag_id", "profile_id"],
        set_={"value": new.value, "details": new.details, "computed_at": new.computed_at},
    )


_VALUES = BulkInsert(tag_values, ("tag_id", "profile_id", "value", "details", "computed_at"), _newer)


class SqlTags:
    """`TagShelf` on one connection; the caller's transaction is ours."""

    def __init__(self, connection: Connection, *, least: int = LEAST) -> None:
        self._connection = connection
        self._packed = PackedValues(connection, least=least)
        self.definitions = SqlDefinitions(connection, tags, tags.c.tag_id)
        self.history = SqlTagHistory(connection)
        self.past = SqlPastValues(connection)
        self.groups = SqlGroups(connection)

    def fills(self) -> Mapping[TagId, TagFill]:
        """How far each tag that was ever computed is up to date."""
        rows = self._connection.execute(select(tag_fills)).mappings()
        return {
            row["tag_id"]: TagFill(
                tag_id=row["tag_id"],
                version=row["version"],
                refreshed_at=from_micros(row["refreshed_at"]),
                people=row["people"],
            )
            for row in rows
        }

    def cuts_at(self, tag_id: TagId, version: int, instant: datetime) -> Cuts | None:
        """The newest cuts of a version at or before an instant."""
        table = tag_cuts.c
        newest = (
            select(table.computed_at, table.cuts)
            .where(table.tag_id == tag_id, table.version == version, table.computed_at <= to_micros(instant))
            .order_by(table.computed_at.desc())
            .limit(1)
        )
        row = self._connection.execute(newest).one_or_none()
        return None if row is None else _read_cuts(*row)

    def record_cuts(self, tag_id: TagId, version: int, cuts: Cuts) -> None:
        """Keep cuts with their time; earlier ones stay."""
        instant = to_micros(cuts.computed_at)
        table = tag_cuts.c
        same = (table.tag_id == tag_id, table.version == version, table.computed_at == instant)
        self._connection.execute(delete(tag_cuts).where(*same))
        written = json.dumps({"people": cuts.people, "r": cuts.r, "f": cuts.f, "m": cuts.m})
        self._connection.execute(
            insert(tag_cuts).values(tag_id=tag_id, version=version, computed_at=instant, cuts=written)
        )

    def write_values(
        self, tag_id: TagId, column: TagColumn, *, computed_at: datetime
    ) -> Sequence[ValueChange]:
        """Write everyone's value where it is another than before, and say whose it was."""
        if self._packed.takes(tag_id, column):
            return self._packed.write(tag_id, column, at=to_micros(computed_at))
        theirs = select(tag_values.c.profile_id, tag_values.c.value, tag_values.c.details).where(
            tag_values.c.tag_id == tag_id
        )
        stored = {row[0]: row[1:] for row in fetch(self._connection, theirs, tuple[int, str, str | None])}
        instant, written, changes = to_micros(computed_at), list[tuple[object, ...]](), list[ValueChange]()
        for profile_id, value, details in column.rows():
            texts = _text(value), None if details is None else _text(details)
            known = stored.pop(profile_id, None)
            if known == texts:
                continue
            written.append((tag_id, profile_id, *texts, instant))
            if known is None or known[0] != texts[0]:
                before = None if known is None else _scalar(known[0])
                changes.append(ValueChange(profile_id=ProfileId(profile_id), before=before, after=value))
        for portion in portions(list(stored)):
            gone = (tag_values.c.tag_id == tag_id, tag_values.c.profile_id.in_(portion))
            self._connection.execute(delete(tag_values).where(*gone))
        changes += [
            ValueChange(profile_id=ProfileId(profile_id), before=_scalar(known[0]), after=None)
            for profile_id, known in stored.items()
        ]
        _VALUES.run(self._connection, written)
        return changes

    def record_fill(self, fill: TagFill) -> None:
        """Note how far a tag is up to date."""
        self._connection.execute(delete(tag_fills).where(tag_fills.c.tag_id == fill.tag_id))
        self._connection.execute(delete(tag_failures).where(tag_failures.c.tag_id == fill.tag_id))
        self._connection.execute(
            insert(tag_fills).values(
                tag_id=fill.tag_id,
                version=fill.version,
                refreshed_at=to_micros(fill.refreshed_at),
                people=fill.people,
            )
        )

    def failures(self) -> Mapping[TagId, TagFailure]:
        """The tags that could not be computed when they were last tried."""
        rows = self._connection.execute(select(tag_failures))
        return {
            row.tag_id: TagFailure(
                tag_id=row.tag_id,
                version=row.version,
                failed_at=from_micros(row.failed_at),
                problem=row.problem,
            )
            for row in rows
        }

    def record_failures(self, failures: Sequence[TagFailure]) -> None:
        """Note that tags could not be computed; a fill takes that back."""
        for each in failures:
            self._connection.execute(delete(tag_failures).where(tag_failures.c.tag_id == each.tag_id))
            self._connection.execute(
                insert(tag_failures).values(
                    tag_id=each.tag_id,
                    version=each.version,
                    failed_at=to_micros(each.failed_at),
                    problem=each.problem,
                )
            )

    def values_of(
        self, profile_ids: Sequence[ProfileId], *, only: Sequence[TagId] | None = None
    ) -> Mapping[ProfileId, Mapping[str, Scalar]]:
        """These people's values by tag (of these tags only); who has none is absent."""
        column, found = tag_values.c, dict[ProfileId, dict[str, Scalar]]()
        for portion in portions(profile_ids):
            wanted = select(column.profile_id, column.tag_id, column.value).where(
                column.profile_id.in_(portion)
            )
            if only is not None:
                wanted = wanted.where(column.tag_id.in_(only))
            for profile_id, tag_id, value in self._connection.execute(wanted):
                found.setdefault(ProfileId(profile_id), {})[tag_id] = _scalar(value)
        for person, packed_id, value in self._packed.values_of(profile_ids, only=only):
            found.setdefault(person, {}).setdefault(packed_id, _scalar(value))
        return found

    def page(self, tag_id: TagId, *, limit: int, after: Person | None = None) -> Sequence[TagValue]:
        """Values of people after one of them, sorted by user id, the anonymous last by profile id."""
        if self._packed.is_packed(tag_id):
            return packed_page(self._connection, tag_id, limit=limit, after=after)
        user_id, profile_id = profiles.c.user_id, tag_values.c.profile_id
        wanted = (
            select(profile_id, user_id, tag_values.c.value, tag_values.c.details, tag_values.c.computed_at)
            .select_from(tag_values.outerjoin(profiles, profiles.c.profile_id == profile_id))
            .where(tag_values.c.tag_id == tag_id)
            .order_by(user_id.is_(None), user_id, profile_id)
            .limit(limit)
        )
        if after is not None:
            wanted = wanted.where(_following(after))
        return [_tag_value(*row) for row in self._connection.execute(wanted)]


def _following(person: Person) -> ColumnElement[bool]:
    """Whether a row comes after a person in the order of lists."""
    user_id, profile_id = profiles.c.user_id, tag_values.c.profile_id
    if person.user_id is None:
        return and_(user_id.is_(None), profile_id > person.profile_id)
    same = and_(user_id == person.user_id, profile_id > person.profile_id)
    return or_(user_id.is_(None), user_id > person.user_id, same)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _scalar(text: str) -> Scalar:
    return cast("Scalar", json.loads(text))  # `_text` wrote a scalar


def _read_cuts(computed_at: int, text: str) -> Cuts:
    written = json.loads(text)
    return Cuts(
        computed_at=from_micros(computed_at),
        people=written["people"],
        r=tuple(written["r"]),
        f=tuple(written["f"]),
        m=tuple(written["m"]),
    )


def _tag_value(
    profile_id: int, user_id: str | None, value: str, details: str | None, computed_at: int
) -> TagValue:
    return TagValue(
        person=Person(profile_id=ProfileId(profile_id), user_id=None if user_id is None else UserId(user_id)),
        value=_scalar(value),
        computed_at=from_micros(computed_at),
        details=None if details is None else json.loads(details),
    )
