"""Members over real sockets: the first owner comes by a printed link, invites, and the server restarts."""

import json
import re
import subprocess
from pathlib import Path

import httpx
from tests.scenario.test_console import PERENNIAL, SECONDS, Server, serving

FIRST = re.compile(r"first owner: (http://127\.0\.0\.1:\d+)/set-up\?key=(key_\w+)\n")
PASSWORD = "four words of mei"


def browser(server: Server) -> httpx.Client:
    address = server.told["address"]
    return httpx.Client(base_url=address, headers={"origin": address}, timeout=SECONDS)


def test_the_first_owner_comes_by_a_printed_link_and_invites_somebody(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with serving(home) as server:
        server.command("init", "--json")
        found = FIRST.fullmatch(server.hear("first owner: "))
        assert found is not None
        key = found.group(2)
        with browser(server) as mei:
            form = {"key": key, "email": "mei@example.com", "password": PASSWORD}
            assert mei.post("/set-up", data=form).status_code == 303
            order = {"email": "li@example.com", "role": "viewer"}
            invited = mei.post("/api/members", json=order).json()
            cookies = dict(mei.cookies)
        with browser(server) as li:
            joined = {"key": invited["link"]["url"].partition("key=")[2], "password": "the words of li"}
            assert li.post("/join", data=joined).status_code == 303
            assert li.get("/api/today").status_code == 200
            assert li.post("/api/journeys/x/pause").json()["code"] == "forbidden"
        listed = json.loads(server.command("member", "list", "--json").stdout)["members"]
        assert [(one["email"], one["roles"]) for one in listed] == [
            ("li@example.com", {"default": "viewer"}),
            ("mei@example.com", {"*": "owner"}),
        ]
        refused = server.command("member", "set-up", "--json")
        assert json.loads(refused.stderr)["code"] == "owner_exists"
        server.stop()
        assert [secret for secret in (PASSWORD, *cookies.values()) if secret in "".join(server.said)] == []

    with serving(home) as server:
        address = server.told["address"]
        port = address.rpartition(":")[2]
        (session,) = cookies.values()
        # Sessions are kept: a restart logs nobody out. The cookie's name carries the port, another one now.
        moved = {"cookie": f"perennial_member_{port}={session}"}
        assert httpx.get(f"{address}/api/today", headers=moved).status_code == 200
        server.stop()
        assert not any(FIRST.fullmatch(line) for line in server.said)


def test_an_installation_that_nobody_owns_listens_to_its_own_machine_only(tmp_path: Path) -> None:
    home = tmp_path / "home"
    refused = subprocess.run(
        [*PERENNIAL, "--home", str(home), "serve", "--host", "0.0.0.0", "--port", "0"],  # noqa: S104
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert refused.returncode == 1
    assert json.loads(refused.stderr.splitlines()[-1])["code"] == "owner_missing"
