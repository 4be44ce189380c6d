"""SQLite: what each connection is told, and how its transactions begin."""

from collections.abc import Mapping

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from perennial.backends.sql.options import WRITES

# FULL: a commit survives a power cut. The cache keeps the memory of seen messages off the disk's back.
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA busy_timeout = 30000",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -65536",
    # Pages are written again and again: few of them go from the log to the file each time (16 MB of log).
    "PRAGMA wal_autocheckpoint = 4000",
)
_ASIDE = "aside"
"""Where a connection last was told to put what it needs beside its tables."""


def prepare_sqlite(engine: Engine) -> None:
    """Take transactions out of pysqlite's hands: it begins them late, and never as a writer."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        options: Mapping[str, object] = connection.get_execution_options()
        _keep_aside(connection, "MEMORY" if options.get(WRITES) else "DEFAULT")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITES) else "BEGIN")


def _keep_aside(connection: Connection, place: str) -> None:
    """Say where SQLite is to put what it needs beside the tables: temporary files, or memory.

    A statement that writes keeps every page as it was until it is done; in files that cost half of writing
    keys. What a reader sorts may be large, and stays in files.
    """
    if connection.info.get(_ASIDE) != place:
        connection.exec_driver_sql(f"PRAGMA temp_store = {place}")
        connection.info[_ASIDE] = place
