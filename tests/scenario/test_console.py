"""The way into the console over real sockets: what a server prints, to whom it opens, what it keeps quiet."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from perennial.wiring import open_app

PERENNIAL = (sys.executable, "-m", "perennial")
SECONDS = 60
LINK = re.compile(r"console: (http://127\.0\.0\.1:\d+)/enter\?key=(enter_\w+)\n")


@dataclass(slots=True, kw_only=True)
class Server:
    """A serving process and every line it said on standard error."""

    process: subprocess.Popen[str]
    home: Path
    said: list[str] = field(default_factory=list[str])

    @property
    def told(self) -> dict[str, str]:
        """What `server.json` tells this machine's own commands."""
        return json.loads((self.home / "server.json").read_text(encoding="utf-8"))

    def hear(self, words: str) -> str:
        """Listen until a line with these words."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)
            if words in line:
                return line
        raise AssertionError("".join(self.said))

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command beside the server."""
        return subprocess.run(
            [*PERENNIAL, "--home", str(self.home), *words],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def stop(self) -> str:
        """Let it end, and give everything it said on standard output."""
        self.process.send_signal(signal.SIGTERM)
        out, rest = self.process.communicate(timeout=SECONDS)
        self.said.append(rest)
        assert self.process.returncode == 0
        return out


@contextmanager
def serving(home: Path, *options: str) -> Generator[Server]:
    process = subprocess.Popen(
        [*PERENNIAL, "--home", str(home), "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            server = Server(process=process, home=home)
            server.hear("server_ready")
            yield server
        finally:
            process.kill()


def own(home: Path) -> None:
    """Let somebody own an installation."""
    with open_app(home) as app:
        link = app.members.make_set_up_link()
        app.members.redeem_link(link.url.partition("key=")[2], "four words of mei", email="mei@example.com")


def test_a_server_prints_a_link_that_opens_once_and_keeps_it_out_of_its_log(tmp_path: Path) -> None:
    with serving(tmp_path / "home") as server:
        found = LINK.fullmatch(server.hear("console: "))
        assert found is not None
        address, key = found.groups()
        assert address == server.told["address"]

        with httpx.Client(base_url=address) as browser:
            assert browser.get("/enter", params={"key": key}).status_code == 303
            assert browser.get("/api/console/session").json()["workspaces"] == []
            assert browser.get("/").headers["content-type"].startswith("text/html")
            [session] = browser.cookies.values()
        assert httpx.get(f"{address}/enter", params={"key": key}).status_code == 403

        assert server.stop() == ""
        log = "".join(line for line in server.said if not LINK.fullmatch(line))
        assert [secret for secret in (key, session) if secret in log] == []


def test_a_command_beside_the_server_makes_another_link(tmp_path: Path) -> None:
    with serving(tmp_path / "home") as server:
        made = server.command("console", "--json")
        assert (made.returncode, made.stderr) == (0, "")
        [line] = made.stdout.splitlines()
        assert list(json.loads(line)) == ["url"]
        assert httpx.get(json.loads(line)["url"]).status_code == 303
        assert "/enter?key=enter_" in server.command("console").stdout


def test_on_an_address_that_others_can_reach_there_is_no_console(tmp_path: Path) -> None:
    own(tmp_path / "home")
    with serving(tmp_path / "home", "--host", "0.0.0.0") as server:  # noqa: S104  what is refused here
        assert any("The console is not served" in line for line in server.said)
        address = server.told["address"]
        for path in ("/", "/enter?key=x", "/w/default/today"):
            answer = httpx.get(address + path)
            assert (answer.status_code, answer.json()["code"]) == (404, "console_closed"), path
        assert httpx.get(f"{address}/api/health").status_code == 200
        refused = server.command("console", "--json")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert json.loads(refused.stderr)["code"] == "console_closed"
        server.stop()
        assert "enter?key" not in "".join(server.said)
