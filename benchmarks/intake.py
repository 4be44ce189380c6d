"""How many events a second are acknowledged over HTTP, durably and deduplicated, with the processor running.

    .venv/bin/python -m benchmarks.intake [SECONDS]

The load comes from one process of its own on this machine and shares its processors; its bodies are made
beforehand. It comes twice: as fast as it is answered, and at a steady pace. Checked both times: as many
events are in the event store as were acknowledged. The baseline in the same run is the least a server could
do: the same bodies through Granian and raw ASGI, message ids hashed and inserted, bodies kept, one commit at
a time with `synchronous = FULL`; no checks, no identity, no event store.
"""

import base64
import json
import multiprocessing
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from perennial.kernel.ids import bucket

CLIENTS = 16
BATCH = 100
PEOPLE = 50_000
PACE = 20_000
"""Events a second that are offered in the steady run."""
MOST_PER_SECOND = 50_000
"""Bodies are made beforehand, so there is an end to them."""
START_SECONDS = 60
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a load came to, as its clients saw it."""

    acknowledged: int
    refused: int
    """Events answered with "later"."""
    seconds: float
    answers: Sequence[float]
    """Seconds of every answer, sorted."""

    @property
    def rate(self) -> float:
        return self.acknowledged / self.seconds

    def __str__(self) -> str:
        median, late = self.answers[len(self.answers) // 2], self.answers[int(len(self.answers) * 0.99)]
        return (
            f"{self.rate:,.0f} acknowledged events/s ({self.refused:,} told to come later), answer median"
            f" {median * 1000:.0f} ms, p99 {late * 1000:.0f} ms"
        )


def main(seconds: int) -> None:
    print(f"{CLIENTS} connections, batches of {BATCH}, {PEOPLE:,} people, {seconds} s each")
    fastest = in_a_new_home(seconds, MOST_PER_SECOND)
    in_a_new_home(seconds, PACE)
    with tempfile.TemporaryDirectory() as folder:
        least = measure_baseline(Path(folder), seconds)
    print(f"baseline, the least a server could do: {least}")
    print(f"as fast as it is answered: {fastest.rate / least.rate:.2f} of the baseline's rate")


def in_a_new_home(seconds: int, pace: int) -> Load:
    with tempfile.TemporaryDirectory() as folder:
        return measure(Path(folder) / "home", seconds, pace)


def measure(home: Path, seconds: int, pace: int) -> Load:
    """The product under load, until everything acknowledged can be counted."""
    key = str(command(home, "init")["write_key"])
    server = subprocess.Popen(
        [sys.executable, "-m", "perennial", "--home", str(home), "serve", "--port", "0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = wait_for(home)
        before = cpu_seconds(server.pid)
        load = run_load(address, key, seconds, pace)
        spent = cpu_seconds(server.pid) - before
        processed = position(home)
        begun = time.perf_counter()
        stored = command(home, "events", "count")["events"]
        caught_up = time.perf_counter() - begun
        peak = peak_megabytes(server.pid)
    finally:
        server.terminate()
        server.wait(timeout=60)
    if stored != load.acknowledged:
        sys.exit(f"wrong answer: {stored} events stored of {load.acknowledged} acknowledged")
    lag = load.acknowledged - processed
    offered = f"{pace:,} events/s offered" if pace == PACE else "as fast as it is answered"
    print(
        f"{offered}: {load}\n"
        f"  processed meanwhile: {processed / load.seconds:,.0f} events/s; {lag:,} behind at the end,"
        f" caught up {caught_up:.1f} s later\n"
        f"  the server used {spent / load.seconds:.2f} processors and at most {peak:,.0f} MB",
        flush=True,
    )
    return load


def measure_baseline(folder: Path, seconds: int) -> Load:
    """The least a server could do, under the same load."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.intake_baseline", str(folder / "log.db"), str(port)]
    )
    try:
        wait_until_listening(port)
        return run_load(f"http://127.0.0.1:{port}", "key", seconds, MOST_PER_SECOND)
    finally:
        server.terminate()
        server.wait(timeout=60)


def run_load(address: str, key: str, seconds: int, pace: int) -> Load:
    """Send batches from a process of its own until the time is over, no more events a second than `pace`."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(send_all, (address, key, seconds, pace))


def send_all(address: str, key: str, seconds: int, pace: int) -> Load:
    """Batches over kept connections, each waiting for its answer before it sends the next."""
    shares = [bodies(client, key, seconds * pace // BATCH // CLIENTS) for client in range(CLIENTS)]
    interval = BATCH * CLIENTS / pace
    answers: list[float] = []
    refused: list[int] = []
    host, _, port = address.removeprefix("http://").partition(":")
    begun = time.perf_counter()

    def client(name: int, share: Sequence[bytes]) -> None:
        with socket.create_connection((host, int(port)), timeout=60) as connection:
            for number, body in enumerate(share):
                due = begun + (number + name / CLIENTS) * interval
                time.sleep(max(0.0, due - time.perf_counter()))
                sent = time.perf_counter()
                if sent - begun > seconds:
                    return
                connection.sendall(body)
                if status_of(connection) == 200:
                    answers.append(time.perf_counter() - sent)
                else:
                    refused.append(BATCH)

    threads = [threading.Thread(target=client, args=each) for each in enumerate(shares)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(
        acknowledged=len(answers) * BATCH,
        refused=sum(refused),
        seconds=time.perf_counter() - begun,
        answers=sorted(answers),
    )


def status_of(connection: socket.socket) -> int:
    """The status of the next answer, whose body is read and dropped."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        part = connection.recv(65536)
        if not part:
            sys.exit("the server hung up")
        answer += part
    head, _, rest = answer.partition(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-le")
    )
    while len(rest) < length:
        rest += connection.recv(65536)
    return int(head[9:12])


def bodies(client: int, key: str, number_of_bodies: int) -> list[bytes]:
    """Whole requests, made beforehand; a few people do most of what happens."""
    secret = base64.b64encode(f"{key}:".encode()).decode()
    made: list[bytes] = []
    for number in range(number_of_bodies):
        calls = [call(f"{client}-{number}-{place}", place) for place in range(BATCH)]
        body = json.dumps({"batch": calls}).encode()
        head = f"POST /v1/batch HTTP/1.1\r\nHost: bench\r\nAuthorization: Basic {secret}\r\n"
        made.append(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return made


def call(message_id: str, place: int) -> dict[str, object]:
    return {
        "type": "track",
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


def cpu_seconds(pid: int) -> float:
    """Processor time of a process so far, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
