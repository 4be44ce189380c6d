"""A ClickHouse server for tests, out of the library that `make test-services` fetches.

`clickhouse local` can open ClickHouse's own listeners, and the library runs `clickhouse local`. Several of
these with the same `--shard`s are a cluster. It ends with the process that started it, or after `--seconds`;
user `default`, no password, loopback only.
"""

import argparse
import ctypes
import signal
from pathlib import Path
from xml.etree import ElementTree

CLUSTER = "perennial"
_END_WITH_THE_PARENT = 1  # PR_SET_PDEATHSIG


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--path", type=Path, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--tcp-port", type=int, required=True)
    parser.add_argument("--shard", type=int, action="append", default=[], help="its native port")
    parser.add_argument("--seconds", type=int, default=3_600)
    told = parser.parse_args()
    ctypes.CDLL(None).prctl(_END_WITH_THE_PARENT, signal.SIGKILL)
    config = told.path / "config.xml"
    told.path.mkdir(parents=True, exist_ok=True)
    config.write_bytes(_config(told.http_port, told.tcp_port, told.shard))
    statements = (
        "SYSTEM START LISTEN HTTP",
        "SYSTEM START LISTEN TCP",
        # The process lives as long as its last statement.
        f"SELECT sleepEachRow(1) FROM numbers({told.seconds}) FORMAT Null"  # noqa: S608  a number
        " SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0",
    )
    _run(
        told.library,
        f"--config-file={config}",
        f"--path={told.path / 'store'}",
        f"--query={';'.join(statements)}",
    )


def _config(http_port: int, tcp_port: int, shards: list[int]) -> bytes:
    root = ElementTree.Element("clickhouse")
    _add(root, "listen_host", "127.0.0.1")
    _add(root, "http_port", str(http_port))
    _add(root, "tcp_port", str(tcp_port))
    if shards:
        cluster = _add(_add(root, "remote_servers"), CLUSTER)
        for port in shards:
            replica = _add(_add(cluster, "shard"), "replica")
            _add(replica, "host", "127.0.0.1")
            _add(replica, "port", str(port))
    # As servers keep it if nobody says otherwise.
    queries = _add(root, "query_log")
    _add(queries, "database", "system")
    _add(queries, "table", "query_log")
    _add(queries, "flush_interval_milliseconds", "500")
    _add(queries, "engine", "ENGINE = MergeTree ORDER BY event_time")
    return ElementTree.tostring(root)


def _add(parent: ElementTree.Element, name: str, text: str = "") -> ElementTree.Element:
    child = ElementTree.SubElement(parent, name)
    child.text = text
    return child


def _run(library: Path, *options: str) -> None:
    arguments = [option.encode() for option in ("clickhouse", *options)]
    # One more than there are: a C program's arguments end with a null pointer.
    array = (ctypes.c_char_p * (len(arguments) + 1))(*arguments)
    run = ctypes.CDLL(str(library)).chdb_query_cmdline
    run.argtypes = [ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)]
    run.restype = ctypes.c_void_p
    run(len(arguments), array)


if __name__ == "__main__":
    main()
