"""Write the locks from pyproject.toml, or check that they still satisfy it.

One universal lock per audience (all platforms and Pythons from 3.11), with hashes and without
any index address: where packages come from is the machine's business, what they are is ours.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
UV = Path(sys.executable).with_name("uv")
RUNTIME = "requirements.lock"
DEVELOPMENT = "requirements-dev.lock"
COMPILE = [
    "pip",
    "compile",
    "--quiet",
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--custom-compile-command=make lock",
]


def compile_locks(folder: Path, *, upgrade: bool) -> None:
    """Resolve both locks in `folder`; without `upgrade` versions already chosen there are kept."""
    extra = ["--upgrade"] if upgrade else []
    for lock, options in {RUNTIME: [], DEVELOPMENT: ["--group=dev", f"--constraint={RUNTIME}"]}.items():
        arguments = [*COMPILE, *extra, *options, "pyproject.toml", f"--output-file={lock}"]
        subprocess.run([UV, *arguments], cwd=folder, check=True)


def pins(text: str) -> set[str]:
    """The `name==version ; marker` lines of a lock."""
    return {line.rstrip(" \\") for line in text.splitlines() if re.match(r"[a-zA-Z0-9]", line)}


def check_locks() -> int:
    """Resolve in a scratch folder from the present pins; any difference means a stale lock."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name in ("pyproject.toml", RUNTIME, DEVELOPMENT):
            (folder / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
        compile_locks(folder, upgrade=False)
        stale = [
            name
            for name in (RUNTIME, DEVELOPMENT)
            if pins((folder / name).read_text(encoding="utf-8"))
            != pins((ROOT / name).read_text(encoding="utf-8"))
        ]
    for name in stale:
        print(f"{name} does not satisfy pyproject.toml any more: run `make lock`.")
    return 1 if stale else 0


def main(arguments: list[str]) -> int:
    """`--check` compares, `--upgrade` chooses newest versions, nothing keeps what it can."""
    if "--check" in arguments:
        return check_locks()
    compile_locks(ROOT, upgrade="--upgrade" in arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
