"""Opening the relational stores: engines by URL, schemas brought up to date, failures in our words."""

import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

import structlog
from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    MetaData,
    Table,
    Text,
    create_engine,
    inspect,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from perennial.backends.sql.full import is_disk_full
from perennial.backends.sql.options import CHAIN, CHAINS, SCHEMA, WRITES, Chain
from perennial.backends.sql.postgres import make_schema, parse_postgres, prepare_postgres
from perennial.backends.sql.scrubbing import rewrite_file, rewrite_tables
from perennial.backends.sql.sqlite import prepare_sqlite
from perennial.kernel.errors import DiskFull, PerennialError, Unavailable

_log = structlog.get_logger(__name__)

__all__ = [
    "CHAINS",
    "Chain",
    "NewerVersion",
    "StateUnavailable",
    "StoreNotWritable",
    "StoreUnavailable",
    "alembic_config",
    "insert_into",
    "open_engine",
    "open_store",
    "place_store",
    "portions",
    "reading",
    "reworded",
    "upgrade",
    "writing",
]

T = TypeVar("T")

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUILDS_ON = re.compile(r'^down_revision = "(\w+)"$', re.MULTILINE)


class StoreNotWritable(PerennialError):
    """The data directory cannot be written to."""

    code = "not_writable"


class NewerVersion(PerennialError):
    """The data was written by a newer version of Perennial."""

    code = "newer_version"


class StoreUnavailable(Unavailable):
    """The state store does not answer; nothing of this was kept."""

    code: ClassVar[str] = "unavailable"


class StateUnavailable(Unavailable):
    """The state store cannot be opened."""

    code: ClassVar[str] = "state_unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dialect:
    """What differs between the engines: everything else is SQLAlchemy's."""

    prepare: Callable[[Engine], None]
    """Teach an engine how its connections and transactions begin."""
    is_shared: bool
    """Several stores live in one database, each in a schema, beside those of others."""
    rewrite: Callable[[Engine, MetaData], bool]
    """Write a store's files anew, without the bytes of what was deleted; whether that could be done."""
    pool_size: int
    max_overflow: int


_DIALECTS: Mapping[str, _Dialect] = {
    "sqlite": _Dialect(
        prepare=prepare_sqlite, is_shared=False, rewrite=rewrite_file, pool_size=10, max_overflow=40
    ),
    # A server allows a hundred connections by default, and several of us come.
    "postgresql": _Dialect(
        prepare=prepare_postgres, is_shared=True, rewrite=rewrite_tables, pool_size=5, max_overflow=20
    ),
}


class Upsert(Protocol):
    """An insert that knows what to do where the row is there already."""

    def __call__(self, table: Table, /) -> "sqlite.Insert | postgresql.Insert":
        """An insert into the table."""
        ...


# The two dialects spell ON CONFLICT alike, but SQLAlchemy has a class for each.
_INSERTS: Mapping[str, Upsert] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_into(table: Table, connection: Connection) -> "sqlite.Insert | postgresql.Insert":
    """An insert with `on_conflict_do_nothing` and `on_conflict_do_update`, in the connection's dialect."""
    return _INSERTS[connection.dialect.name](table)


def open_engine(url: str) -> Engine:
    """An engine whose transactions are those of its dialect, and snapshots unless asked to write."""
    parsed = _parse(url)
    dialect = _DIALECTS[parsed.get_backend_name()]
    engine = create_engine(
        parsed,
        pool_size=dialect.pool_size,
        max_overflow=dialect.max_overflow,
        # A server that was started again must not cost whoever asks next an error.
        pool_pre_ping=dialect.is_shared,
    )
    dialect.prepare(engine)
    return engine


def open_store(url: str, chain: Chain, *, schema: str = "perennial") -> Engine:
    """A store ready for use: opened, and its schema brought to this version."""
    engine = open_engine(url)
    try:
        return place_store(engine, chain, schema=schema)
    except BaseException:
        engine.dispose()
        raise


def place_store(engine: Engine, chain: Chain, *, schema: str) -> Engine:
    """A store of an open engine, brought to this version; stores of one engine share its connections.

    `schema` is where it is in a database that keeps several; a file keeps one, and ignores it.
    """
    placed = engine.execution_options(**{CHAIN: chain, SCHEMA: schema})
    upgrade(placed, chain)
    return placed


def _parse(url: str) -> URL:
    return parse_postgres(url) if url.startswith("postgresql:") else make_url(url)


@contextmanager
def writing(engine: Engine) -> Generator[Connection, None, None]:
    """One transaction that may write; it commits at the end of the block, or leaves nothing behind."""
    with reworded(), engine.execution_options(**{WRITES: True}).begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Generator[Connection, None, None]:
    """A snapshot to read from; it waits for no writer and holds none up."""
    with reworded(), engine.connect() as connection:
        yield connection


def scrub(engine: Engine, tables: MetaData) -> None:
    """Rewrite a store's files. Raises StoreUnavailable while others are at it, and DiskFull."""
    try:
        with reworded():
            is_rewritten = _DIALECTS[engine.dialect.name].rewrite(engine, tables)
    except engine.dialect.loaded_dbapi.Error as error:  # it speaks to the driver itself
        if is_disk_full(error):
            raise DiskFull(path=engine.url.database or "") from error
        raise StoreUnavailable(hint="Somebody works on the store; it is tried again.") from error
    if not is_rewritten:
        raise StoreUnavailable(hint="Somebody reads from the store; it is tried again.")


@contextmanager
def reworded() -> Generator[None, None, None]:
    """The driver's failures as ours: whoever called may try again."""
    try:
        yield
    except DBAPIError as error:
        if is_disk_full(error.orig):
            raise DiskFull from error
        raise _unavailable(error) from error
    except NoConnectionFree as error:
        raise StoreUnavailable(hint="Every connection is in use; ask again in a moment.") from error


def _unavailable(error: DBAPIError) -> StoreUnavailable:
    """What strangers are told too; the driver's words name hosts and ports, and are for the log."""
    primary: object = getattr(getattr(error.orig, "diag", None), "message_primary", None)
    # Neither SQLAlchemy's text, which holds parameters, nor a server's details, which hold values: personal.
    _log.error("state_store_failed", kind=type(error.orig).__name__, words=str(primary or error.orig))
    return StoreUnavailable(hint="Ask again in a moment.")


def upgrade(engine: Engine, chain: Chain) -> None:
    """Bring a store's schema to this version. Refuses a store that is newer than the code."""
    is_shared = _DIALECTS[engine.dialect.name].is_shared
    try:
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            if is_shared:
                make_schema(connection)
            present = revision_of(connection, chain)
            if present is not None and present not in revisions(chain):
                raise _newer(engine, chain)
            if present != revisions(chain)[-1]:
                _migrate(connection, chain)
    except DBAPIError as error:
        if is_disk_full(error.orig):
            raise DiskFull(path=engine.url.database or "") from error
        raise _unopened(engine, chain, error) from error


def _unopened(engine: Engine, chain: Chain, error: DBAPIError) -> PerennialError:
    if _DIALECTS[engine.dialect.name].is_shared:
        if chain != "root":
            # The installation is open, so it is somebody who uses a workspace that is told.
            return _unavailable(error)
        return StateUnavailable(
            f"The state store at {engine.url.host}:{engine.url.port or 5432} cannot be opened.",
            # The server's own words name the user and the database, never the password.
            hint=" ".join(str(error.orig).split()),
            path="$.state",
        )
    return StoreNotWritable(
        f"The {chain} store cannot be opened for writing: {error.orig}.",
        hint="Check the directory's owner, permissions and free space.",
        path=engine.url.database or "",
    )


def version_table(engine: Engine | Connection, chain: Chain) -> str:
    """Where a store remembers the migration it was last brought to."""
    return f"alembic_version_{chain}" if _DIALECTS[engine.dialect.name].is_shared else "alembic_version"


def alembic_config(chain: Chain, connection: Connection) -> "Config":
    """Alembic's settings for one chain of migrations, run over an open connection."""
    from alembic.config import Config  # noqa: PLC0415  a second at every start, for what is seldom needed

    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("version_locations", str(_MIGRATIONS / "versions" / chain))
    config.attributes["connection"] = connection
    config.attributes["chain"] = chain
    config.attributes["version_table"] = version_table(connection, chain)
    return config


def _migrate(connection: Connection, chain: Chain) -> None:
    from alembic import command  # noqa: PLC0415  as above

    command.upgrade(alembic_config(chain, connection), "head")


def revision_of(connection: Connection, chain: Chain) -> str | None:
    """The migration a store was last brought to; None for a new one."""
    versions = Table(version_table(connection, chain), MetaData(), Column("version_num", Text))
    if not inspect(connection).has_table(versions.name):
        return None
    return connection.execute(select(versions.c.version_num)).scalar()


@cache
def revisions(chain: Chain) -> Sequence[str]:
    """A chain's migrations in order, each after the one that it builds on, whatever their numbers are."""
    following: dict[str | None, str] = {}
    for file in (_MIGRATIONS / "versions" / chain).glob(f"{chain}_*.py"):
        found = _BUILDS_ON.search(file.read_text(encoding="utf-8"))
        following[found[1] if found else None] = file.stem
    ordered: list[str] = []
    while (last := following.get(ordered[-1] if ordered else None)) is not None:
        ordered.append(last)
    return ordered


def _newer(engine: Engine, chain: Chain) -> NewerVersion:
    return NewerVersion(
        f"The {chain} store was written by a newer version of Perennial.",
        hint="Upgrade Perennial, or open another data directory.",
        path=engine.url.database or "",
    )


def portions(values: Sequence[T], size: int = 5_000) -> Iterator[Sequence[T]]:
    """Values in portions that fit into one statement's parameters."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
