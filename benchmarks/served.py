"""The product, and beside it a file that says which thread does what: Python names no threads to the system.

python -m benchmarks.served FILE PERENNIAL_ARGUMENTS...
"""

import json
import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from perennial.cli import main

_EVERY_SECONDS = 0.5
_TICKS = os.sysconf("SC_CLK_TCK")
_ENGINE = "event store"
"""Threads that are not Python's and have a name: they are ClickHouse's. Granian's have the process's."""
_ROLES: Mapping[str, str] = {
    "MainThread": "way in",
    "intake": "log",
    "understand-": "processor",
}


def tell_threads(file: Path) -> None:
    """Keep the file up to date until the process ends."""
    wait = threading.Event()
    while True:
        names = {str(one.native_id): one.name for one in threading.enumerate()}
        file.with_suffix(".next").write_text(json.dumps(names), encoding="utf-8")
        file.with_suffix(".next").rename(file)
        wait.wait(_EVERY_SECONDS)


def seconds_by_role(pid: int, file: Path) -> Mapping[str, float]:
    """Processor seconds of a process so far, by what its threads do; of those that ended as `ended`."""
    named: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    spent: dict[str, float] = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            stat = (task / "stat").read_text(encoding="utf-8")
        except OSError:
            continue  # it ended meanwhile
        comm = stat[stat.index("(") + 1 : stat.rindex(")")]
        role = _role(named.get(task.name, ""), comm)
        spent[role] = spent.get(role, 0.0) + _seconds(stat)
    whole = _seconds(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8"))
    return {**spent, "ended": max(0.0, whole - sum(spent.values()))}


def _role(name: str, comm: str) -> str:
    for begins, role in _ROLES.items():
        if name.startswith(begins):
            return role
    if name:
        return f"python {name}"
    return "http" if comm.startswith("python") else f"{_ENGINE} {comm}"


def _seconds(stat: str) -> float:
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


if __name__ == "__main__":
    threading.Thread(target=tell_threads, args=(Path(sys.argv[1]),), daemon=True).start()
    sys.exit(main(sys.argv[2:]))
