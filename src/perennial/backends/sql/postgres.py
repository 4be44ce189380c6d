"""PostgreSQL: where its address leads, what each connection is told, and how its transactions begin."""

import re
from collections.abc import Mapping

from sqlalchemy import URL, Connection, Engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from perennial.backends.sql.options import CHAIN, SCHEMA, SESSIONS, WRITES
from perennial.kernel.errors import PerennialError
from perennial.kernel.ids import derive_number, mint_secret

_FORM = "postgresql://user:password@host:5432/database"

_SESSION = (
    # A 200 means that the call is on the disk, whatever the server was told; stricter settings stay.
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') IN ('off', 'local')",
    # The locks of a process that died with its machine, or stopped in the middle, are not kept for hours.
    "SET tcp_keepalives_idle = 5",
    "SET tcp_keepalives_interval = 2",
    "SET tcp_keepalives_count = 3",
    "SET client_connection_check_interval = '5s'",
    "SET idle_in_transaction_session_timeout = '5min'",
    # Our statements are short; compiling them costs more than running them.
    "SET jit = off",
)
_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_BRIEFLY = "SET LOCAL lock_timeout = '3s'; "
# One writer at a time: after the lock each statement must see what the writer before it committed.
_LATEST = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE"


class BadStateUrl(PerennialError):
    """The state store's address is not one: postgresql://user:password@host:5432/database."""

    code = "bad_state_url"


def parse_postgres(url: str) -> URL:
    """A `postgresql://` address for the driver. Raises BadStateUrl, repeating nothing of it."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise BadStateUrl(
            hint=f"Write {_FORM}; letters such as @ and / in a password as %40 and %2F."
        ) from None
    if not parsed.database:
        raise BadStateUrl("The state store's address names no database.", hint=f"Write {_FORM}.")
    # A server behind a silent firewall is told of in seconds, not minutes; an address may say otherwise.
    patient = URL.create("postgresql", query={"connect_timeout": "10", **parsed.query})
    return parsed.set(drivername="postgresql+psycopg", query=patient.query)


def prepare_postgres(engine: Engine) -> None:
    """Tell each connection what durability and patience are, and each transaction where and how it works."""
    sessions = f"perennial {mint_secret('')}"
    engine.update_execution_options(**{SESSIONS: sessions})

    @event.listens_for(engine, "connect")
    def on_connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for statement in _SESSION:
            cursor.execute(statement)
        cursor.execute("SELECT set_config('application_name', %s, false)", [sessions])
        cursor.close()
        connection.commit()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        options: Mapping[str, object] = connection.get_execution_options()
        schema, chain = str(options.get(SCHEMA, "perennial")), options.get(CHAIN)
        place = f"SET LOCAL search_path TO {_quoted(schema)}"
        if options.get(WRITES):
            turn = f"SELECT pg_advisory_xact_lock({derive_number('writer', schema, str(chain))})"
            # Who renews leases has to find out in time what a frozen holder keeps it from.
            patience = _BRIEFLY if chain == "leases" else ""
            connection.exec_driver_sql(f"{_LATEST}; {place}; {patience}{turn}")
        else:
            connection.exec_driver_sql(f"{_SNAPSHOT}; {place}")


def make_schema(connection: Connection) -> None:
    """Make the schema that the connection's transactions work in, where it is missing."""
    schema = str(connection.get_execution_options().get(SCHEMA, "perennial"))
    connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {_quoted(schema)}")


def drop_schema(connection: Connection, schema: str) -> None:
    """Take a schema away with everything in it."""
    connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {_quoted(schema)} CASCADE")


def _quoted(schema: str) -> str:
    # Ours are `perennial` and `ws_` with a workspace's name, which is letters, digits, - and _.
    if not re.fullmatch(r"[a-z0-9_-]{1,63}", schema):
        raise ValueError(f"{schema!r} is no name of a schema")
    return f'"{schema}"'
