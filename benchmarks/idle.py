"""What an idle server costs: its processor time and memory over a minute in which nothing is asked.

    .venv/bin/python -m benchmarks.idle [HOME] [SECONDS]

Without HOME, a directory is made and a hundred thousand events are imported into it first. The server is
asked for its number of events, so that it has opened everything, and then left alone.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq

import perennial
from benchmarks.imports import MAPPING, history
from benchmarks.intake import command, wait_for
from benchmarks.serving import serving

EVENTS = 100_000
SETTLING_SECONDS = 30
"""Merges after the import and the first refresh are not idleness."""


def main(home: Path, seconds: int) -> None:
    with serving(home) as server:
        wait_for(home)
        print(
            f"{command(home, 'events', 'count')['events']} events; settling {SETTLING_SECONDS} s", flush=True
        )
        time.sleep(SETTLING_SECONDS)
        begun, before = time.perf_counter(), cpu_seconds(server.pid)
        time.sleep(seconds)
        share = (cpu_seconds(server.pid) - before) / (time.perf_counter() - begun)
        print(f"idle for {seconds} s: {share:.2%} of a core, {resident_megabytes(server.pid)} MB resident")


def cpu_seconds(pid: int) -> float:
    """Processor seconds of a process, all threads, in user and system mode."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid: int) -> int:
    """Resident memory of a process now."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) // 1024


def made(folder: Path) -> Path:
    """A directory with events in it."""
    pq.write_table(history(EVENTS), folder / "history.parquet")
    with perennial.open(folder / "home") as app:
        app.init()
        app.workspace().import_file(folder / "history.parquet", mapping=MAPPING)
    return folder / "home"


if __name__ == "__main__":
    seconds_ = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]), seconds_)
    else:
        with tempfile.TemporaryDirectory() as new:
            main(made(Path(new)), seconds_)
