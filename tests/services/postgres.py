"""A PostgreSQL server for tests: loopback only, a password asked for, durable, and short-lived."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

USER, PASSWORD = "perennial", "only for tests"
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql*/bin")
_LIVES_FOR = 3_600
_STARTS_WITHIN = 300
"""Looks at the server, a tenth of a second apart."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server."""

    port: int
    pid: int

    def url(self, database: str, *, password: str = PASSWORD) -> str:
        """Where a database of this server is, as settings say it."""
        return f"postgresql://{USER}:{password.replace(' ', '%20')}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A connection that commits each statement, for making databases and looking into them."""
        return psycopg.connect(self.url(database), autocommit=True)

    def make_database(self, name: str, *, template: str = "template0") -> str:
        """An empty database, or a copy of another; its URL."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        with self.connect() as connection:
            connection.execute(statement)
        return self.url(name)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server for the whole session; skips where PostgreSQL is not installed."""
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL here: run `make test-services`")
    with _running(programs) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: PostgresServer) -> Callable[[], str]:
    """Makes empty databases; each call answers the URL of another."""
    numbers = count()
    return lambda: postgres_server.make_database(f"test_{next(numbers)}")


def _programs() -> Path | None:
    """The folder of the newest PostgreSQL there is."""
    found = [folder for place in _PLACES for folder in Path("/").glob(place[1:])]
    usable = sorted(folder for folder in found if (folder / "initdb").is_file())
    if usable:
        return usable[-1]
    on_path = shutil.which("initdb")
    return None if on_path is None else Path(on_path).parent


@contextmanager
def _running(programs: Path) -> Generator[PostgresServer]:
    folder = Path(tempfile.mkdtemp(prefix="perennial-postgres-"))
    user = _user()
    if user is not None:
        os.chown(folder, user, -1)
    try:
        _make_cluster(programs, folder, user)
        with _started(programs, folder, user) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> int | None:
    """PostgreSQL refuses to run as root; its own user is there where it was installed."""
    return pwd.getpwnam("postgres").pw_uid if os.geteuid() == 0 else None


def _make_cluster(programs: Path, folder: Path, user: int | None) -> None:
    secret = folder / "password"
    secret.write_text(PASSWORD)
    # English order is not that of code points: a list that forgets to say which order it wants is found out.
    order = ("--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en")
    told = (
        "--auth=scram-sha-256",
        f"--username={USER}",
        f"--pwfile={secret}",
        "--no-sync",
        "--no-instructions",
    )
    done = subprocess.run(
        [programs / "initdb", f"--pgdata={folder / 'data'}", *told, *order],
        user=user,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def _started(programs: Path, folder: Path, user: int | None) -> Generator[PostgresServer]:
    port, log = _free_port(), folder / "log"
    settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": ""}
    given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    # However this session ends, the server does too.
    command: Sequence[str | Path] = ["timeout", "--signal=INT", str(_LIVES_FOR), programs / "postgres"]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*command, "-D", folder / "data", *given], user=user, cwd=folder, stdout=output, stderr=output
        ) as process,
    ):
        server = PostgresServer(port, process.pid)
        try:
            _wait(process, server, log)
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nobody wants its files back


def _wait(process: subprocess.Popen[bytes], server: PostgresServer, log: Path) -> None:
    for _ in range(_STARTS_WITHIN):
        try:
            server.connect().close()
        except psycopg.OperationalError:
            pass
        else:
            return
        try:
            process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    pytest.fail(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2_000:]}")


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])
