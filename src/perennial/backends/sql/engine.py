"""Opening the relational stores: engines by URL, schemas brought up to date, failures in our words."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, TypeVar

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    inspect,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from perennial.kernel.errors import PerennialError, Unavailable

T = TypeVar("T")

if TYPE_CHECKING:
    from alembic.config import Config

Chain = Literal["root", "intake", "state"]
"""Each store has a schema and a chain of migrations of its own."""
CHAINS: tuple[Chain, ...] = ("root", "intake", "state")

_MIGRATIONS = Path(__file__).parent / "migrations"
_BEGIN = "perennial_begin"
_VERSIONS = Table("alembic_version", MetaData(), Column("version_num", Text))

# FULL: a commit survives a power cut. The cache keeps the memory of seen messages off the disk's back.
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA busy_timeout = 30000",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -65536",
)


class StoreNotWritable(PerennialError):
    """The data directory cannot be written to."""

    code = "not_writable"


class NewerVersion(PerennialError):
    """The data was written by a newer version of Perennial."""

    code = "newer_version"


class StoreUnavailable(Unavailable):
    """The state store does not answer; nothing of this was kept."""

    code: ClassVar[str] = "unavailable"


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
    engine = create_engine(url, pool_size=10, max_overflow=40)
    _PREPARATIONS.get(engine.dialect.name, _leave_as_it_is)(engine)
    return engine


def open_store(url: str, chain: Chain) -> Engine:
    """A store ready for use: opened, and its schema brought to this version."""
    engine = open_engine(url)
    try:
        upgrade(engine, chain)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine) -> Generator[Connection, None, None]:
    """One transaction that may write; it commits at the end of the block, or leaves nothing behind."""
    with reworded(), engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"}).begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Generator[Connection, None, None]:
    """A snapshot to read from; it waits for no writer and holds none up."""
    with reworded(), engine.connect() as connection:
        yield connection


@contextmanager
def reworded() -> Generator[None, None, None]:
    """The driver's failures as ours: whoever called may try again."""
    try:
        yield
    except DBAPIError as error:
        # Only the driver's own words: SQLAlchemy's text holds parameters, which are personal.
        raise StoreUnavailable(hint=str(error.orig)) from error


def upgrade(engine: Engine, chain: Chain) -> None:
    """Bring a store's schema to this version. Refuses a store that is newer than the code."""
    try:
        with engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"}).begin() as connection:
            present = _revision(connection)
            if present is not None and present not in _revisions(chain):
                raise _newer(engine, chain)
            if present != _revisions(chain)[-1]:
                _migrate(connection, chain)
    except DBAPIError as error:
        raise StoreNotWritable(
            f"The {chain} store cannot be opened for writing: {error.orig}.",
            hint="Check the directory's owner, permissions and free space.",
            path=engine.url.database or "",
        ) from error


def alembic_config(chain: Chain, connection: Connection) -> "Config":
    """Alembic's settings for one chain of migrations, run over an open connection."""
    from alembic.config import Config  # noqa: PLC0415  a second at every start, for what is seldom needed

    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("version_locations", str(_MIGRATIONS / "versions" / chain))
    config.attributes["connection"] = connection
    config.attributes["chain"] = chain
    return config


def _migrate(connection: Connection, chain: Chain) -> None:
    from alembic import command  # noqa: PLC0415  as above

    command.upgrade(alembic_config(chain, connection), "head")


def _revision(connection: Connection) -> str | None:
    """The migration a store was last brought to; None for a new one."""
    if not inspect(connection).has_table(_VERSIONS.name):
        return None
    return connection.execute(select(_VERSIONS.c.version_num)).scalar()


def _revisions(chain: Chain) -> list[str]:
    """A chain's migrations in order: their files are named so that they sort."""
    return sorted(file.stem for file in (_MIGRATIONS / "versions" / chain).glob(f"{chain}_*.py"))


def _newer(engine: Engine, chain: Chain) -> NewerVersion:
    return NewerVersion(
        f"The {chain} store was written by a newer version of Perennial.",
        hint="Upgrade Perennial, or open another data directory.",
        path=engine.url.database or "",
    )


def _prepare_sqlite(engine: Engine) -> None:
    """Take transactions out of pysqlite's hands: it begins them late, and never as a writer."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _SQLITE_PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        options: Mapping[str, str] = connection.get_execution_options()
        connection.exec_driver_sql(options.get(_BEGIN, "BEGIN"))


def _leave_as_it_is(_engine: Engine) -> None:
    """Most dialects begin when they are told to."""


_PREPARATIONS: Mapping[str, Callable[[Engine], None]] = {"sqlite": _prepare_sqlite}


def portions(values: Sequence[T], size: int = 5_000) -> Iterator[Sequence[T]]:
    """Values in portions that fit into one statement's parameters."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
