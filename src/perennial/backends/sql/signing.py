"""What a workspace signs the links of its messages with."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from perennial.backends.sql.columns import to_micros
from perennial.backends.sql.engine import insert_into
from perennial.backends.sql.state import StateStore
from perennial.backends.sql.tables_tracking import signing_keys


def signing_secrets(store: StateStore, *, first: str, now: datetime) -> Sequence[str]:
    """The secrets that links are believed by, the newest last; the first is made where there is none."""
    kept = select(signing_keys.c.secret).order_by(signing_keys.c.number)
    with store.read() as transaction:
        found = transaction.connection.execute(kept).scalars().all()
    if found:
        return list(found)
    with store.begin() as transaction:
        connection = transaction.connection
        # Of several processes that start at once, one is the first.
        made = insert_into(signing_keys, connection).on_conflict_do_nothing()
        connection.execute(made, [{"number": 1, "secret": first, "created_at": to_micros(now)}])
        return list(connection.execute(kept).scalars())
