"""What a benchmark says of one way to do something: wall, processor and memory, of a fresh process."""

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds on the clock, processor seconds of all threads, and the process's highest memory so far."""

    wall: float
    cpu: float
    megabytes: int

    def __str__(self) -> str:
        return f"wall {self.wall:7.2f} s, cpu {self.cpu:7.2f} s, peak {self.megabytes:5d} MB"


def timed(job: Callable[[], object]) -> Cost:
    """What a job costs in this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    job()
    return Cost(wall=time.perf_counter() - wall, cpu=time.process_time() - cpu, megabytes=peak_megabytes())


def peak_megabytes() -> int:
    """The highest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def median(costs: list[Cost]) -> Cost:
    """The median of each number by itself; memory at its highest."""
    return Cost(
        wall=statistics.median(cost.wall for cost in costs),
        cpu=statistics.median(cost.cpu for cost in costs),
        megabytes=max(cost.megabytes for cost in costs),
    )


def cost_told(told: object) -> Cost:
    """A cost as `in_fresh_process` brings it back."""
    match told:
        case {"wall": float() as wall, "cpu": float() as cpu, "megabytes": int() as megabytes}:
            return Cost(wall=wall, cpu=cpu, megabytes=megabytes)
        case _:
            raise TypeError(f"{told!r} is no cost")


def in_fresh_process(module: str, *arguments: str) -> dict[str, object]:
    """What a module of this package prints as its last line, in JSON, when it runs by itself."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True, check=True
    )
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer
