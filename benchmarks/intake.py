"""How many events a second are acknowledged over HTTP, durably and deduplicated, with the processor running.

    .venv/bin/python -m benchmarks.intake [SECONDS] [batches|singles|baseline ...]

The load comes from one process of its own on this machine and shares its processors; its bodies are made
beforehand. `batches` of a hundred calls and `singles` (one call, `POST /v1/track`) come twice each: as fast
as they are answered, and at a steady half of what is asked for. Checked each time: as many events are in the
event store as were acknowledged. `baseline` is the least a server could do: the same batches through Granian
and raw ASGI, message ids hashed and inserted, bodies kept, one commit at a time with `synchronous = FULL`; no
checks, no identity, no event store.
"""

import base64
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import Load, Shape, run_load
from benchmarks.served import seconds_by_role
from perennial.kernel.ids import bucket

BATCH = 100
PEOPLE = 50_000
START_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to send, with the pace of its steady half and how many bodies a second are made at most."""

    shape: Shape
    half: int
    """Events a second, half of what the collect issue asks for."""
    most: int
    """Events a second that no server here reaches: bodies are made beforehand."""


def batches(client: int, key: str, requests: int) -> list[bytes]:
    """Requests of a hundred calls; a few people do most of what happens."""
    made: list[bytes] = []
    for number in range(requests):
        calls = [_call(f"{client}-{number}-{place}", place) for place in range(BATCH)]
        made.append(_request("batch", key, {"batch": [{"type": "track", **call} for call in calls]}))
    return made


def singles(client: int, key: str, requests: int) -> list[bytes]:
    """Requests of one call each."""
    return [_request("track", key, _call(f"{client}-{number}", number % BATCH)) for number in range(requests)]


WAYS: Mapping[str, Way] = {
    "batches": Way(shape=Shape(connections=16, events=BATCH, make=batches), half=15_000, most=60_000),
    "singles": Way(shape=Shape(connections=128, events=1, make=singles), half=1_500, most=12_000),
}


def main(seconds: int, asked: Sequence[str]) -> None:
    print(f"{PEOPLE:,} people, {seconds} s each")
    for name, way in WAYS.items():
        if name in asked:
            print(f"{name}: {way.shape.connections} connections, {way.shape.events} events a request")
            in_a_new_home(seconds, way.most, way.shape, "as fast as it is answered")
            in_a_new_home(seconds, way.half, way.shape, f"{way.half:,} events/s offered")
    if "baseline" in asked:
        with tempfile.TemporaryDirectory() as folder:
            least = measure_baseline(Path(folder), seconds)
        print(f"baseline, the least a server could do: {least}")


def in_a_new_home(seconds: int, pace: int, shape: Shape, offered: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder) / "home", seconds, pace, shape, offered)


def measure(home: Path, seconds: int, pace: int, shape: Shape, offered: str) -> None:
    """The product under load, until everything acknowledged can be counted."""
    key = str(command(home, "init")["write_key"])
    threads = home.parent / "threads.json"
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "benchmarks.served",
            str(threads),
            "--home",
            str(home),
            "serve",
            "--port",
            "0",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = wait_for(home)
        before = seconds_by_role(server.pid, threads)
        load = run_load(address, key, seconds, pace, shape)
        processed = position(home)
        begun = time.perf_counter()
        stored = command(home, "events", "count")["events"]
        caught_up = time.perf_counter() - begun
        after = seconds_by_role(server.pid, threads)
        peak = peak_megabytes(server.pid)
    finally:
        server.terminate()
        server.wait(timeout=60)
    if stored != load.acknowledged:
        sys.exit(f"wrong answer: {stored} events stored of {load.acknowledged} acknowledged")
    spent = {role: after[role] - before.get(role, 0.0) for role in after}
    print(
        f"{offered}: {load}\n"
        f"  processed meanwhile: {processed / load.seconds:,.0f} events/s;"
        f" {load.acknowledged - processed:,} behind at the end, caught up {caught_up:.1f} s later\n"
        f"  {shares(spent, load)}; at most {peak:,.0f} MB; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def shares(spent: Mapping[str, float], load: Load) -> str:
    """Processor microseconds of each event until it could be counted, by what they were spent on."""
    events = max(load.acknowledged, 1)
    each = {role: seconds / events * 1e6 for role, seconds in spent.items()}
    engine = sum(cost for role, cost in each.items() if role.startswith("event store"))
    shown = {role: cost for role, cost in each.items() if not role.startswith("event store") and cost >= 0.05}
    shown["event store"] = engine
    listed = ", ".join(f"{role} {cost:.1f}" for role, cost in sorted(shown.items(), key=lambda one: -one[1]))
    return (
        f"the server spent {sum(each.values()):.1f} µs of processor on an event ({listed});"
        f" the generator {load.spent / events * 1e6:.1f}"
    )


def measure_baseline(folder: Path, seconds: int) -> Load:
    """The least a server could do, under the same load."""
    port = free_port()
    way = WAYS["batches"]
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.intake_baseline", str(folder / "log.db"), str(port)]
    )
    try:
        wait_until_listening(port)
        return run_load(f"http://127.0.0.1:{port}", "key", seconds, way.most, way.shape)
    finally:
        server.terminate()
        server.wait(timeout=60)


def _request(word: str, key: str, document: Mapping[str, object]) -> bytes:
    secret = base64.b64encode(f"{key}:".encode()).decode()
    body = json.dumps(document).encode()
    head = f"POST /v1/{word} HTTP/1.1\r\nHost: bench\r\nAuthorization: Basic {secret}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _call(message_id: str, place: int) -> dict[str, object]:
    return {
        "userId": f"u{int(PEOPLE * bucket(message_id, salt='person') ** 3)}",
        "event": "view_item",
        "messageId": message_id,
        "properties": {"sku": f"s{place}", "price": 12.5, "list": "home"},
    }


def command(home: Path, *arguments: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "perennial", "--home", str(home), "--json", *arguments],
        capture_output=True,
        check=True,
    )
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def wait_for(home: Path) -> str:
    """The server's address, once it answers."""
    for _ in range(START_SECONDS * 10):
        if (home / "server.json").is_file():
            return str(json.loads((home / "server.json").read_text(encoding="utf-8"))["address"])
        time.sleep(0.1)
    sys.exit("the server did not start")


def wait_until_listening(port: int) -> None:
    for _ in range(START_SECONDS * 10):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit("the baseline did not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def position(home: Path) -> int:
    """How many calls the processor has committed, read from its own store."""
    (state,) = home.glob("workspaces/*/state.db")
    with closing(sqlite3.connect(f"file:{state}?mode=ro", uri=True)) as store:
        found = store.execute("SELECT position FROM offsets WHERE stream = 'intake'").fetchone()
    return int(found[0]) if found else 0


def peak_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10, sys.argv[2:] or [*WAYS, "baseline"])
