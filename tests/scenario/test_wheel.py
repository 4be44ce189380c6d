"""The wheel carries the console, so that whoever installs it needs no Node.js."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from perennial.api.console_files import BUILT

ROOT = Path(__file__).parents[2]


@pytest.mark.service
def test_a_wheel_carries_the_built_console_and_nothing_it_was_built_from(tmp_path: Path) -> None:
    if not (BUILT / "index.html").is_file():
        pytest.skip("the console is not built: make web")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    [wheel] = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    built = {
        f"perennial/console/static/{file.relative_to(BUILT).as_posix()}"
        for file in BUILT.rglob("*")
        if file.is_file()
    }
    assert built <= inside
    assert "perennial/backends/clickhouse/sql/today.sql" in inside
    assert [name for name in inside if "node_modules" in name or name.endswith((".ts", ".tsx"))] == []
