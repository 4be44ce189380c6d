"""A person whose id has slashes in it is asked about like any other, over HTTP and on the command line."""

import json
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from perennial.api import create_app
from perennial.cli import main
from perennial.cli.local_transport import LocalTransport
from perennial.wiring import open_app

LOCAL = {"authorization": "Bearer local_secret"}
ID = "a/b//segments?c#d 春"


def test_an_id_with_slashes_is_found_in_every_route_of_people(tmp_path: Path) -> None:
    with open_app(tmp_path / "home") as app:
        app.init()
        app.workspace().send([{"type": "track", "event": "seen", "userId": ID, "messageId": "m1"}])
        transport = LocalTransport(create_app(app, local_token="local_secret"))
        with httpx.Client(transport=transport, base_url="http://perennial", headers=LOCAL) as client:
            app.workspace().wait_accepted()
            steps = ("identity", "consents", "export", "segments", "segments/history", "tags")
            answers = [client.get(f"/api/people/{quote(ID, safe='')}/{step}") for step in steps]
            unknown = client.get("/api/people/a%2Fc/identity")
            said = {"consent": "email/marketing", "state": "granted", "proof": "form"}
            consent = client.post(f"/api/people/{quote(ID, safe='')}/consent", json=said)
    assert [one.status_code for one in (*answers, consent)] == [200] * 7
    assert answers[0].json()["user_id"] == ID
    assert unknown.json()["code"] == "unknown_person"


def test_the_command_line_takes_such_an_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    with open_app(home) as app:
        app.init()
        app.workspace().send([{"type": "track", "event": "seen", "userId": ID, "messageId": "m1"}])
    assert main(["--home", str(home), "--json", "people", "identity", ID]) == 0
    assert json.loads(capsys.readouterr().out)["user_id"] == ID
