"""Run every benchmark, each in a fresh process, after saying which machine this is.

make bench                 # all, at their default size
make bench MILLIONS=50     # the conditions over so many million events
.venv/bin/python -m benchmarks imports intake
"""

import os
import platform
import subprocess
import sys
from importlib.metadata import version

BENCHMARKS = ("conditions", "imports", "intake", "idle", "merges")


def main(chosen: list[str]) -> None:
    unknown = set(chosen) - set(BENCHMARKS)
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    print(
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, {platform.platform()}, "
        f"Python {platform.python_version()}, chDB {version('chdb')}",
        flush=True,
    )
    for name in chosen or BENCHMARKS:
        print(f"\n## {name}", flush=True)
        size = [os.environ["MILLIONS"]] if name == "conditions" and "MILLIONS" in os.environ else []
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *size], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
