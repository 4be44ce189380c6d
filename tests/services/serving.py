"""`perennial serve` as a process of its own, ended at the end of its block."""

import subprocess
import sys
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

PERENNIAL = (sys.executable, "-m", "perennial")


@contextmanager
def serving(home: Path, *, until: str = "server_ready") -> Generator[subprocess.Popen[str]]:
    """A server on a free port, from the line of its log on that contains `until`."""
    process = subprocess.Popen(
        [*PERENNIAL, "--home", str(home), "serve", "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=home,  # what somebody exports to a plain name comes to lie there
    )
    assert process.stderr is not None
    # Read to its end: a server whose log nobody reads stands still once the pipe is full.
    reading = Thread(target=deque, args=(process.stderr, 0))
    with process:
        try:
            said: list[str] = []
            for line in process.stderr:
                said.append(line)
                if until in line:
                    break
            else:
                raise AssertionError("".join(said))
            reading.start()
            yield process
        finally:
            process.kill()
            if reading.is_alive():
                reading.join()
