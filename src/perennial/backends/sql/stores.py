"""Where an installation keeps its relational stores: files in its directory, or schemas of one database."""

from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from perennial.backends.sql.engine import open_engine, open_store, place_store, writing
from perennial.backends.sql.leases import SharedLeases, SoleLeases
from perennial.backends.sql.options import Chain
from perennial.backends.sql.postgres import drop_schema
from perennial.backends.sql.state import StateStore
from perennial.kernel.errors import NotSupported


class Stores(Protocol):
    """Opens the stores of one installation, each brought to this version."""

    def root(self) -> Engine:
        """The list of workspaces, keys and tokens."""
        ...

    def intake(self, workspace: str) -> Engine:
        """A workspace's intake log."""
        ...

    def state(self, workspace: str) -> StateStore:
        """A workspace's state, with the leases on its work."""
        ...

    def drop(self, workspace: str) -> None:
        """Take a workspace's stores away, for good; files go with the workspace's folder. Idempotent."""
        ...

    def close(self) -> None:
        """Let go of every connection."""
        ...


class SqliteStores:
    """`sqlite:///`: a file for each store inside the data directory."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._opened: dict[Path, Engine] = {}

    def root(self) -> Engine:
        """The file `perennial.db`."""
        return self._open(self._home / "perennial.db", "root")

    def intake(self, workspace: str) -> Engine:
        """The file `intake.db` in the workspace's folder."""
        return self._open(self._home / "workspaces" / workspace / "intake.db", "intake")

    def state(self, workspace: str) -> StateStore:
        """The file `state.db` there. Whoever has the directory open does all of the work."""
        engine = self._open(self._home / "workspaces" / workspace / "state.db", "state")
        return StateStore(engine, SoleLeases())

    def drop(self, workspace: str) -> None:
        """Let go of a workspace's files."""
        folder = self._home / "workspaces" / workspace
        for file in [file for file in self._opened if file.parent == folder]:
            self._opened.pop(file).dispose()

    def close(self) -> None:
        """Let go of every file."""
        for engine in self._opened.values():
            engine.dispose()

    def _open(self, file: Path, chain: Chain) -> Engine:
        # Of a workspace that could not be opened and is tried again, the files are open already.
        if file not in self._opened:
            self._opened[file] = open_store(f"sqlite:///{file}", chain)
        return self._opened[file]


class PostgresStores:
    """`postgresql://…`: the schema `perennial` for the installation and `ws_NAME` for each workspace."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)

    def root(self) -> Engine:
        """The schema `perennial`."""
        return place_store(self._engine, "root", schema="perennial")

    def intake(self, workspace: str) -> Engine:
        """Tables in the workspace's schema."""
        return place_store(self._engine, "intake", schema=f"ws_{workspace}")

    def state(self, workspace: str) -> StateStore:
        """Their neighbours in the same schema; the processes on this database divide the work."""
        engine = place_store(self._engine, "state", schema=f"ws_{workspace}")
        return StateStore(engine, SharedLeases(engine))

    def drop(self, workspace: str) -> None:
        """Take the workspace's schema away."""
        with writing(self.root()) as connection:
            drop_schema(connection, f"ws_{workspace}")

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()


def open_stores(url: str, home: Path) -> Stores:
    """The stores at a URL. Raises NotSupported and BadStateUrl; nothing is connected yet."""
    if url == "sqlite:///":
        return SqliteStores(home)
    if not url.startswith("postgresql:"):
        raise NotSupported(
            "There is no state store of this kind.",
            hint="Write sqlite:/// for files in the data directory, or "
            "postgresql://user:password@host:5432/database.",
            path="$.state",
        )
    return PostgresStores(url)
