"""How many events a second are acknowledged over HTTP, durably and deduplicated, with the processor running.

    .venv/bin/python -m benchmarks.intake [SECONDS]

The load comes from this machine too, and shares its processors. At the end every acknowledged event is
counted in the event store.
"""

import base64
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx

CLIENTS = 4
BATCH = 100
START_SECONDS = 60


def main(seconds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        key = command(home, "init")["write_key"]
        server = subprocess.Popen(
            [sys.executable, "-m", "perennial", "--home", str(home), "serve", "--port", "0"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            address = wait_for(home)
            spent = load(address, str(key), seconds)
            acknowledged = len(spent) * BATCH
            stored = command(home, "events", "count")["events"]
        finally:
            server.terminate()
            server.wait(timeout=60)
    if stored != acknowledged:
        sys.exit(f"wrong answer: {stored} events stored of {acknowledged} acknowledged")
    spent.sort()
    print(
        f"{CLIENTS} clients, batches of {BATCH}: {acknowledged / seconds:,.0f} acknowledged events/s, answer"
        f" median {statistics.median(spent) * 1000:.0f} ms, p99 {spent[int(len(spent) * 0.99)] * 1000:.0f} ms"
    )


def load(address: str, key: str, seconds: int) -> list[float]:
    """Send batches from several clients until the time is over; seconds of every answer."""
    spent: list[float] = []
    until = time.perf_counter() + seconds
    secret = base64.b64encode(f"{key}:".encode()).decode()

    def client(name: int) -> None:
        with httpx.Client(base_url=address, headers={"Authorization": f"Basic {secret}"}, timeout=30) as http:
            number = 0
            while time.perf_counter() < until:
                body = json.dumps({"batch": [call(name, number, place) for place in range(BATCH)]})
                begun = time.perf_counter()
                answer = http.post("/v1/batch", content=body)
                if answer.status_code == httpx.codes.OK:
                    spent.append(time.perf_counter() - begun)
                number += 1

    threads = [threading.Thread(target=client, args=(name,)) for name in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return spent


def call(client: int, number: int, place: int) -> dict[str, object]:
    return {
        "type": "track",
        "userId": f"u{(number * BATCH + place) % 5_000}",
        "event": "view_item",
        "messageId": f"{client}-{number}-{place}",
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


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
