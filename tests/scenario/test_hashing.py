"""What a workspace hashes is in no file as it was sent, refused or imported."""

import json
import secrets
from pathlib import Path

from tests.scenario.test_erasure import found_in

from perennial.collect.events import Reception
from perennial.wiring import open_app

RULES = """
rules:
  - {id: form, email: [email]}
  - {id: hide, hash: [email, card, context.ip, context.traits.email]}
  - {id: staff, test_accounts: drop, user_ids: ["test-*"]}
"""
KEYS = "keys: [{key: hashed_mail, from: [traits.email]}]"
WAYS = ("email", "card", "ip", "import", "refused", "dropped")


def test_a_hashed_value_is_in_no_file_and_joins_people_all_the_same(tmp_path: Path) -> None:
    markers = {name: secrets.token_hex(12) for name in WAYS}
    address = f"{markers['email']}@example.com"
    home = tmp_path / "home"
    with open_app(home) as app:
        app.init()
        shop = app.workspace()
        shop.publish_cleaning(RULES)
        shop.publish_identity(KEYS)
        web = Reception(source="web", received_at=app.clock.now())
        calls = [
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
        receipt = shop.submit_calls(calls, web).result()
        assert len(receipt.rejected) == 2
        for number, row in enumerate(("identify", "nonsense")):
            file = tmp_path / f"{number}.jsonl"
            traits = {"email": f"{markers['import']}@example.com"}
            line = {"type": row, "userId": "wang", "timestamp": "2026-01-02T03:04:05Z", "traits": traits}
            file.write_text(json.dumps(line) + "\n")
            shop.import_file(file)
        shop.turn()
        # One address in three ways of writing is one person's; of another import, another's.
        assert shop.count_people() == 2
        rejects = shop.list_rejects().rows
        assert len(rejects) == 3
        assert "h_" in str(rejects)
        assert found_in(home, markers) == {}
        told = shop.export_person("wang")
        assert "h_" in str(told["state"])
