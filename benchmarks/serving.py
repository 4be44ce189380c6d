"""A server in a process of its own, for benchmarks of it."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serving(home: Path) -> Generator[subprocess.Popen[bytes]]:
    """`perennial serve` on a free port, ended at the end."""
    server = subprocess.Popen(
        [sys.executable, "-m", "perennial", "--home", str(home), "serve", "--port", "0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield server
    finally:
        server.terminate()
        server.wait(timeout=60)
