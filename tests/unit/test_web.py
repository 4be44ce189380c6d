"""The console and the API agree: what is checked in for the console is what the code says now."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
GENERATOR = WEB / "node_modules" / "openapi-typescript" / "bin" / "cli.js"


def test_the_openapi_document_of_the_console_is_current() -> None:
    found = subprocess.run(
        [sys.executable, ROOT / "tools" / "openapi.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stdout) == (0, ""), found.stderr


@pytest.mark.skipif(not GENERATOR.is_file(), reason="the console's packages are not installed: make web")
def test_the_types_of_the_console_are_made_from_that_document(tmp_path: Path) -> None:
    node = shutil.which("node") or "node"
    made = tmp_path / "schema.d.ts"
    subprocess.run(
        [node, GENERATOR, WEB / "openapi.json", "--output", made], capture_output=True, text=True, check=True
    )
    kept = WEB / "src" / "api" / "schema.d.ts"
    assert kept.read_text(encoding="utf-8") == made.read_text(encoding="utf-8"), "run `make openapi`"


def test_the_lock_of_the_console_names_no_registry_and_every_package_by_its_hash() -> None:
    lines = (WEB / "package-lock.json").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if '"resolved"' in line] == []
    packages = sum('"node_modules/' in line and line.rstrip().endswith("{") for line in lines)
    assert packages == sum('"integrity"' in line for line in lines)
