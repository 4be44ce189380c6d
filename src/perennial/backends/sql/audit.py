"""The audit log in the root store."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Engine, Row, insert, select

from perennial.access.audit.model import BROKEN_OFF, Acted, AuditEntry, AuditQuery
from perennial.access.roles import Acting
from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import reading, writing
from perennial.backends.sql.member_tables import audit_entries, audit_outcomes
from perennial.kernel.values import Json


class SqlAuditStore:
    """`access.audit.AuditStore`; triggers refuse whatever is not an insert."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, acted: Acted, *, at: datetime) -> int:
        """Keep what somebody is about to do; the entry's number."""
        statement = (
            insert(audit_entries)
            .values(
                at=to_micros(at),
                workspace=acted.workspace,
                actor_kind=acted.actor_kind,
                actor_id=acted.actor_id,
                address=acted.address,
                operation=acted.operation,
                target=acted.target,
                before=_text(acted.before),
            )
            .returning(audit_entries.c.entry_id)
        )
        with writing(self._engine) as connection:
            return connection.execute(statement).scalar_one()

    def add_outcome(self, entry_id: int, outcome: str, after: Json | None, *, at: datetime) -> None:
        """Keep what became of it."""
        with writing(self._engine) as connection:
            connection.execute(
                insert(audit_outcomes).values(
                    entry_id=entry_id, at=to_micros(at), outcome=outcome, after=_text(after)
                )
            )

    def entries(self, query: AuditQuery, *, limit: int, before_id: int | None) -> Sequence[AuditEntry]:
        """Entries, newest first."""
        chosen = (
            select(audit_entries, audit_outcomes.c.outcome, audit_outcomes.c.after)
            .outerjoin(audit_outcomes, audit_outcomes.c.entry_id == audit_entries.c.entry_id)
            .where(*_which(query))
            .order_by(audit_entries.c.entry_id.desc())
            .limit(limit)
        )
        if before_id is not None:
            chosen = chosen.where(audit_entries.c.entry_id < before_id)
        with reading(self._engine) as connection:
            return [_entry(row) for row in connection.execute(chosen)]


def _which(query: AuditQuery) -> list[ColumnElement[bool]]:
    columns = audit_entries.c
    texts = {
        columns.workspace: query.workspace,
        columns.actor_id: query.actor,
        columns.operation: query.operation,
        columns.target: query.target,
    }
    found = [column == value for column, value in texts.items() if value is not None]
    if query.start is not None:
        found.append(columns.at >= to_micros(query.start))
    if query.end is not None:
        found.append(columns.at < to_micros(query.end))
    return found


def _entry(row: Row[tuple[object, ...]]) -> AuditEntry:
    return AuditEntry(
        entry_id=row.entry_id,
        at=from_micros(row.at),
        acted=Acted(
            workspace=row.workspace,
            actor_kind=cast("Acting", row.actor_kind),  # only `add` writes it
            actor_id=row.actor_id,
            address=row.address,
            operation=row.operation,
            target=row.target,
            before=_value(row.before),
        ),
        outcome=BROKEN_OFF if row.outcome is None else row.outcome,
        after=_value(row.after),
    )


def _text(value: Json | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _value(text: str | None) -> Json | None:
    return None if text is None else cast("Json", json.loads(text))  # `_text` wrote it
