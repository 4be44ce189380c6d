"""Refused calls in SQL: kept with their reasons, looked for, and noted as taken."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    and_,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import reading, writing
from perennial.backends.sql.tables import rejects
from perennial.collect.events.model import MAX_ID, MAX_NAME, KeptReject, Reject
from perennial.collect.events.rules import is_object
from perennial.collect.rejects.model import RejectCount, RejectQuery

KEPT_REJECTS = 10_000
"""Refused calls that stay listed: the newest. A client gone wrong must not fill the disk."""
KEPT_FOR = timedelta(days=90)
"""How long before the newest one."""
KEPT_OF_REQUEST = 1_000
"""Refused calls of one request that are kept whole; of the others each reason is counted. A hundred bytes of
gzip can be twenty thousand of them, and would drive out what everyone else sent."""


class SqlRejects:
    """`collect.rejects.RejectStore` on the intake's database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(
        self, query: RejectQuery, *, limit: int, after: int | None = None
    ) -> tuple[Sequence[KeptReject], int | None]:
        """Rejects, newest first, and the cursor of the next page."""
        asked = select(rejects).where(_matches(query)).order_by(rejects.c.reject_id.desc()).limit(limit)
        if after is not None:
            asked = asked.where(rejects.c.reject_id < after)
        with reading(self._engine) as connection:
            page = [kept_reject(row) for row in connection.execute(asked)]
        return page, page[-1].reject_id if len(page) == limit else None

    def oldest(self, query: RejectQuery, *, above: int, limit: int) -> Sequence[KeptReject]:
        """Rejects whose number is above this one, oldest first."""
        asked = select(rejects).where(_matches(query), rejects.c.reject_id > above)
        with reading(self._engine) as connection:
            rows = connection.execute(asked.order_by(rejects.c.reject_id).limit(limit)).all()
        return [kept_reject(row) for row in rows]

    def counts(self, query: RejectQuery) -> Sequence[RejectCount]:
        """How many there are of each code, the most first."""
        total = func.sum(rejects.c.events)
        taken = func.sum(case((rejects.c.replayed_at.is_(None), 0), else_=1))
        asked = (
            select(
                rejects.c.code,
                total.label("events"),
                taken.label("replayed"),
                func.min(rejects.c.received_at).label("first_at"),
                func.max(rejects.c.received_at).label("last_at"),
            )
            .where(_matches(query))
            .group_by(rejects.c.code)
            .order_by(total.desc(), rejects.c.code)
        )
        with reading(self._engine) as connection:
            return [
                RejectCount(
                    code=row.code,
                    events=int(row.events),
                    replayed=int(row.replayed),
                    first_at=from_micros(row.first_at),
                    last_at=from_micros(row.last_at),
                )
                for row in connection.execute(asked)
            ]

    def settle(self, taken: Mapping[int, str], refused: Mapping[int, Reject], *, at: datetime) -> None:
        """Note which were taken, as which message, and the new reason of the others. All or nothing."""
        with writing(self._engine) as connection:
            for number, message_id in taken.items():
                noted = update(rejects).where(rejects.c.reject_id == number, rejects.c.replayed_at.is_(None))
                connection.execute(noted.values(replayed_at=to_micros(at), message_id=message_id))
            for number, reject in refused.items():
                reason = {
                    "path": reject.path,
                    "code": reject.code,
                    "message": reject.message,
                    "hint": reject.hint,
                }
                waiting = (rejects.c.reject_id == number) & rejects.c.replayed_at.is_(None)
                connection.execute(update(rejects).where(waiting).values(**reason))


def insert_rejects(
    connection: Connection, source: str, refused: Sequence[Reject], *, at: datetime, envelope: str = ""
) -> None:
    """Keep refused calls with their reasons; of all that there are, the newest `KEPT_REJECTS`."""
    if not refused:
        return
    rows = [
        {**_row(source, reject, at), **_names(reject), "envelope": envelope, "events": 1}
        for reject in refused[:KEPT_OF_REQUEST]
    ]
    rows += _counted(source, refused[KEPT_OF_REQUEST:], at)
    connection.execute(insert(rejects), rows)
    newest = connection.execute(select(func.max(rejects.c.reject_id))).scalar_one()
    is_old = rejects.c.received_at < to_micros(at - KEPT_FOR)
    connection.execute(delete(rejects).where((rejects.c.reject_id <= newest - KEPT_REJECTS) | is_old))


def _row(source: str, reject: Reject, at: datetime) -> dict[str, object]:
    return {
        "source": source,
        "received_at": to_micros(at),
        "path": reject.path,
        "code": reject.code,
        "message": reject.message,
        "hint": reject.hint,
        "payload": reject.payload,
    }


_NAMED = {"event": "event", "user_id": "userId", "anonymous_id": "anonymousId", "message_id": "messageId"}


def _names(reject: Reject) -> dict[str, object]:
    """Whom and what a refused call is about, as far as it says so."""
    try:
        document: object = json.loads(reject.payload)
    except (ValueError, RecursionError):
        document = None
    said: Mapping[str, object] = document if is_object(document) else {}
    return {column: _text(said.get(field)) for column, field in _NAMED.items()}


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    # What no store of text takes: half of a surrogate pair, and the sign without a name.
    said = str(value).encode("utf-8", "ignore").decode().replace("\x00", "")
    return said[: max(MAX_ID, MAX_NAME)]


def _counted(source: str, more: Sequence[Reject], at: datetime) -> list[dict[str, object]]:
    """One row for every reason of those that are not kept whole, without what they said."""
    by_code: dict[str, list[Reject]] = {}
    for reject in more:
        by_code.setdefault(reject.code, []).append(reject)
    nameless = dict.fromkeys(_NAMED, "")
    return [
        {
            **_row(source, same[0], at),
            **nameless,
            "payload": "",
            "hint": f"{len(same)} more of this request, of which only this is kept.",
            "envelope": "",
            "events": len(same),
        }
        for same in by_code.values()
    ]


def _matches(query: RejectQuery) -> ColumnElement[bool]:
    table = rejects.c
    wanted: list[ColumnElement[bool]] = [true()]
    for column, value in ((table.code, query.code), (table.source, query.source), (table.event, query.event)):
        if value is not None:
            wanted.append(column == value)
    if query.ids is not None:
        wanted.append(table.reject_id.in_(query.ids))
    if query.start is not None:
        wanted.append(table.received_at >= to_micros(query.start))
    if query.end is not None:
        wanted.append(table.received_at < to_micros(query.end))
    if query.search:
        places = (table.payload, table.user_id, table.anonymous_id, table.message_id)
        wanted.append(or_(*(place.icontains(query.search, autoescape=True) for place in places)))
    if query.is_waiting:
        wanted.append(table.replayed_at.is_(None))
    return and_(*wanted)


def kept_reject(row: Row[tuple[object, ...]]) -> KeptReject:
    """A row as the noun."""
    return KeptReject(
        reject_id=row.reject_id,
        source=row.source,
        received_at=from_micros(row.received_at),
        path=row.path,
        code=row.code,
        message=row.message,
        hint=row.hint,
        payload=row.payload,
        event=row.event,
        user_id=row.user_id,
        anonymous_id=row.anonymous_id,
        message_id=row.message_id,
        events=row.events,
        envelope=row.envelope,
        replayed_at=None if row.replayed_at is None else from_micros(row.replayed_at),
    )
