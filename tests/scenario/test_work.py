"""`perennial work`: the loop without HTTP."""

import signal
import subprocess
import sys
from pathlib import Path

from perennial.wiring import open_app


def read_until(process: subprocess.Popen[str], word: str) -> None:
    assert process.stderr is not None
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        if word in line:
            return
    raise AssertionError("".join(said))


def test_what_was_accepted_is_understood_by_a_worker_which_ends_when_told_to(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with open_app(home) as app:
        app.init()
        app.workspace().send([{"type": "track", "userId": "li", "event": "app_open", "messageId": "m"}])
        assert app.workspace().count_events() == 0
    command = [sys.executable, "-m", "perennial", "--home", str(home), "work"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            read_until(process, "batch_processed")
            assert not (home / "server.json").exists()
            process.send_signal(signal.SIGTERM)
            read_until(process, "work_stopping")
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()
    with open_app(home) as app:
        assert app.workspace().count_events() == 1
