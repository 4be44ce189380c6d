"""What a workspace hashes is in no file as it was sent, refused or imported."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from tests.scenario.test_erasure import found_in

from perennial.collect.events import Reception
from perennial.kernel.values import Json
from perennial.wiring import App, open_app

RULES = """
rules:
  - {id: form, email: [email]}
  - {id: hide, hash: [email, card, context.ip, context.traits.email]}
  - {id: staff, test_accounts: drop, user_ids: ["test-*"]}
"""
NOT_HIDING = RULES.replace("- {id: hide", "# - {id: hide")
KEYS = "keys: [{key: hashed_mail, from: [traits.email]}]"
WAYS = ("email", "card", "ip", "import", "refused", "dropped")


def markers_sent(app: App, folder: Path, rules: str) -> Mapping[str, str]:
    """Values sent, refused, dropped and imported, under rules."""
    markers = {name: secrets.token_hex(12) for name in WAYS}
    address = f"{markers['email']}@example.com"
    shop = app.workspace()
    shop.publish_cleaning(rules)
    shop.publish_identity(KEYS)
    calls: list[Json] = [
        {
            "type": "identify",
            "anonymousId": "phone",
            "traits": {"email": address.upper(), "card": markers["card"]},
            "context": {"ip": markers["ip"], "traits": {"email": address}},
        },
        {"type": "identify", "anonymousId": "tablet", "traits": {"email": f" {address} "}},
        # Refused before it is a call, and by a rule.
        {"type": "track", "userId": "li", "properties": {"email": f"{markers['refused']}@example.com"}},
        {
            "type": "track",
            "userId": "test-1",
            "event": "seen",
            "properties": {"email": f"{markers['dropped']}@example.com"},
        },
    ]
    web = Reception(source="web", received_at=app.clock.now())
    assert len(shop.submit_calls(calls, web).result().rejected) == 2
    for number, kind in enumerate(("identify", "nonsense")):
        file = folder / f"{number}.jsonl"
        traits = {"email": f"{markers['import']}@example.com"}
        line = {"type": kind, "userId": "wang", "timestamp": "2026-01-02T03:04:05Z", "traits": traits}
        file.write_text(json.dumps(line) + "\n")
        shop.import_file(file)
    shop.turn()
    # One address in three ways of writing is one person's; of another import, another's.
    assert shop.count_people() == 2
    assert len(shop.list_rejects().rows) == 3
    return markers


def test_a_hashed_value_is_in_no_file_and_joins_people_all_the_same(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with open_app(home) as app:
        app.init()
        markers = markers_sent(app, tmp_path, RULES)
        assert found_in(home, markers) == {}
        shop = app.workspace()
        assert "h_" in str(shop.list_rejects().rows)
        assert "h_" in str(shop.export_person("wang")["state"])


def test_without_the_rule_the_same_search_finds_every_value(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with open_app(home) as app:
        app.init()
        markers = markers_sent(app, tmp_path, NOT_HIDING)
        assert set(found_in(home, markers)) == set(WAYS)
