"""ClickHouse servers for tests: one by itself, and three that are a cluster of three shards."""

import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / ".services" / "clickhouse" / "libchdb.so"
SERVE = Path(__file__).with_name("serve_clickhouse.py")
CLUSTER = "perennial"
SHARDS = 3
_STARTS_WITHIN = 600
"""Looks at the port, a tenth of a second apart: a cold disk reads 550 MB first."""
_LIVES_FOR = 3_600


@pytest.fixture(scope="session")
def clickhouse_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a running server."""
    with running(tmp_path_factory, 1) as ports:
        yield f"clickhouse://{_hosts(ports)}/"


@pytest.fixture(scope="session")
def clickhouse_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a running cluster of three shards."""
    with running(tmp_path_factory, SHARDS) as ports:
        yield f"clickhouse://{_hosts(ports)}/?cluster={CLUSTER}"


def within(url: str, namespace: str) -> str:
    """The URL of a server or cluster for an installation of that name: it sees no other's databases."""
    return urlsplit(url)._replace(path=f"/{namespace}").geturl()


@contextmanager
def running(folders: pytest.TempPathFactory, how_many: int) -> Generator[Sequence[int]]:
    """Servers that know each other, by their HTTP ports; stopped at the end."""
    if not LIBRARY.is_file():
        pytest.skip("no ClickHouse server here: run `make test-services`")
    ports = _free_ports(2 * how_many)
    http_ports, tcp_ports = ports[:how_many], ports[how_many:]
    with ExitStack() as started:
        stops = [
            started.enter_context(_server(folders.mktemp("clickhouse"), http_port, tcp_port, tcp_ports))
            for http_port, tcp_port in zip(http_ports, tcp_ports, strict=True)
        ]
        for wait, http_port in zip(stops, http_ports, strict=True):
            wait(http_port)
        yield http_ports


@contextmanager
def _server(
    folder: Path, http_port: int, tcp_port: int, shards: Sequence[int]
) -> Generator[Callable[[int], None]]:
    """Start a server; what is yielded waits until it answers."""
    log = folder / "log.txt"
    command = [sys.executable, str(SERVE), f"--library={LIBRARY}", f"--path={folder}"]
    command += [f"--http-port={http_port}", f"--tcp-port={tcp_port}", f"--seconds={_LIVES_FOR}"]
    if len(shards) > 1:
        command += [f"--shard={shard}" for shard in shards]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            yield lambda port: _wait(process, port, log)
        finally:
            # It holds nothing that anybody wants back.
            process.kill()


def _wait(process: subprocess.Popen[bytes], http_port: int, log: Path) -> None:
    for _ in range(_STARTS_WITHIN):
        if _answers(http_port):
            return
        try:
            process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    pytest.fail(f"The ClickHouse server did not start: {log.read_text(errors='replace')[-2_000:]}")


def _answers(http_port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", http_port, timeout=5)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _free_ports(how_many: int) -> list[int]:
    """Loopback ports that are free now: all are held while they are looked for, so that each is another."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(how_many)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def _hosts(http_ports: Sequence[int]) -> str:
    return ",".join(f"127.0.0.1:{port}" for port in http_ports)
