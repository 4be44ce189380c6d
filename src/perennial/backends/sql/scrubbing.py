"""Stores without the bytes of what was deleted: rewritten whole, as a page keeps what is not written over."""

from sqlalchemy import Engine, MetaData

from perennial.backends.sql.options import SCHEMA


def rewrite_file(engine: Engine, _tables: MetaData) -> bool:
    """VACUUM makes a new file of what is there; the journal, where old pages are, is then emptied.

    Whether that was done: not while somebody reads an old snapshot.
    """
    lent = engine.raw_connection()
    try:
        cursor = lent.cursor()
        # Before it too: its own pages go through the journal, which keeps what was there.
        for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            cursor.execute(statement)
            row = cursor.fetchone()
        cursor.close()
        return row is None or not row[0]
    finally:
        lent.close()


def rewrite_tables(engine: Engine, tables: MetaData) -> bool:
    """VACUUM FULL writes each table anew; the server's own journal is its own affair."""
    schema = str(engine.get_execution_options().get(SCHEMA, "perennial"))
    quote = engine.dialect.identifier_preparer.quote_identifier
    lent = engine.raw_connection()
    try:
        own = lent.driver_connection
        lent.detach()  # it is told to commit by itself, and nobody shall get it after us
        setattr(own, "autocommit", True)  # noqa: B010  a member of the driver's, which SQLAlchemy knows as Any
        cursor = lent.cursor()
        for table in tables.tables.values():
            cursor.execute(f"VACUUM (FULL) {quote(schema)}.{quote(table.name)}")
        cursor.close()
    finally:
        lent.close()
    return True
