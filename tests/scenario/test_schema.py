"""What is sent, what should be and what is done about the rest: from the command line to the numbers."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from perennial.cli.main import main
from perennial.collect.imports.model import ImportResult
from perennial.kernel.clock import VirtualClock
from perennial.kernel.values import Json
from perennial.wiring import App, open_app

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
PLAN = """
name: Shop
mode: warn
sources: {web: block}
unexpected_events: refused
events:
  order_paid:
    unexpected_properties: refused
    properties:
      amount: {type: number, required: true, min: 0}
      currency: {type: text, allowed: [CNY, USD]}
"""
RULES = """
rules:
  - {id: bots, bots: drop}
  - {id: staff, test_accounts: exclude, user_ids: ["test-*"]}
  - {id: clocks, clock: clamp, ahead: 1h}
  - {id: phones, phone: [phone], region: CN, events: [identify]}
  - {id: fen, multiply: amount_fen, by: 0.01, to: amount}
  - {id: twice, near_duplicates: drop, within: 5s}
"""
MAPPING = """
type: track
event: event
user_id: who
timestamp: at
properties: {amount: amount, currency: currency}
"""
ORDERS = """who,event,at,amount,currency
p1,order_paid,2026-01-01T00:00:00Z,12.5,CNY
p2,order_paid,2026-01-02T00:00:00Z,-3,CNY
p3,order_payed,2026-01-03T00:00:00Z,4,CNY
p4,order_paid,2026-01-04T00:00:00Z,5,cny
"""
Read = Callable[..., dict[str, Any]]


def a_track(user_id: str, event: str = "order_paid", /, **parts: Json) -> dict[str, Json]:
    return {"type": "track", "userId": user_id, "event": event, "properties": {"amount": 1}, **parts}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def read(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Read:
    """Runs a command; a last word that holds line breaks is written to a file."""
    main(["--home", str(home), "init"])
    capsys.readouterr()

    def run(*words: str, code: int = 0) -> dict[str, Any]:
        *before, last = words
        if "\n" in last:
            file = tmp_path / "document.yaml"
            file.write_text(last, encoding="utf-8")
            last = str(file)
        assert main(["--home", str(home), "--json", *before, last]) == code
        printed = capsys.readouterr()
        return json.loads(printed.out if code == 0 else printed.err.splitlines()[-1])

    return run


def opened(home: Path) -> App:
    return open_app(home, clock=VirtualClock(NOON))


def test_the_catalogue_says_what_was_sent_and_what_people_say_of_it(home: Path, read: Read) -> None:
    with opened(home) as app:
        calls = [a_track("p1"), a_track("p2", properties={"amount": "1", "phone": "13800138000"})]
        app.workspace().send(calls)
        app.workspace().turn()
    [event] = read("schema", "events")["events"]
    assert (event["name"], event["events"], event["kinds"]) == ("order_paid", 2, ["track"])
    amount, phone = read("schema", "properties", "order_paid")["properties"]
    assert (amount["types"], amount["share"]) == ({"number": 1, "text": 1}, 1.0)
    assert (phone["share"], phone["looks_like"], phone["samples"]) == (0.5, "phone", ["13800138000"])
    [suggested] = read("schema", "pii", "--days", "3000")["suggestions"]
    assert (suggested["path"], suggested["sample"]) == ("phone", "13***")

    said = read("schema", "describe", "order_paid", "phone", "--pii", "--owner", "ada")
    assert (said["pii"], said["owner"], said["version"]) == (True, "ada", 1)
    assert read("schema", "properties", "order_paid")["properties"][1]["samples"] == ["13***"]
    revealed = read("schema", "properties", "--reveal", "order_paid")["properties"][1]
    assert (revealed["samples"], revealed["owner"]) == (["13800138000"], "ada")
    assert read("schema", "pii", "--days", "3000")["suggestions"] == []
    [drift] = read("schema", "drift", "--days", "3000")["drift"]
    assert (drift["path"], drift["expected"], drift["found"]) == ("amount", "number", "text")
    assert read("schema", "properties", "order_payed", code=1)["hint"] == "Did you mean 'order_paid'?"


@pytest.mark.parametrize("format_", ["jsonl", "csv"])
def test_flagged_values_leave_the_house_only_where_somebody_says_so(
    home: Path, read: Read, tmp_path: Path, format_: str
) -> None:
    read("cleaning", "publish", RULES)
    with opened(home) as app:
        phone: Json = {"phone": "138 0013 8000", "city": "上海"}
        identify: dict[str, Json] = {"type": "identify", "userId": "p1", "traits": phone}
        app.workspace().send([identify, a_track("p1", properties=phone)])
        app.workspace().turn()
    read("schema", "describe", "identify", "phone", "--pii")
    read("schema", "describe", "order_paid", "phone", "--pii")
    for kind in ("events", "people"):
        masked, revealed = tmp_path / f"masked.{format_}", tmp_path / f"revealed.{format_}"
        read("export", kind, "--to", str(masked))
        read("export", kind, "--reveal", "--to", str(revealed))
        shown = masked.read_text(encoding="utf-8")
        assert "8000" not in shown
        assert "***" in shown
        assert "上海" in shown
        assert "8000" in revealed.read_text(encoding="utf-8")


def test_a_plan_blocks_one_source_and_warns_of_the_others(home: Path, read: Read) -> None:
    mistaken = read("plan", "validate", PLAN.replace("number", "numbr"), code=1)
    assert mistaken["problems"][0]["hint"] == "Did you mean 'number'?"
    assert mistaken["problems"][0]["line"] == 10
    assert read("plan", "validate", PLAN) == {"ok": True, "problems": []}
    assert read("plan", "show", code=1)["code"] == "not_declared"
    assert read("plan", "publish", PLAN)["version"] == 1
    assert read("plan", "publish", PLAN)["version"] == 1
    assert read("plan", "show")["document"]["name"] == "Shop"
    with opened(home) as app:
        workspace = app.workspace()
        bad = a_track("p1", properties={"amount": "1", "colour": "red"})
        blocked = workspace.send([{**bad, "messageId": "bad-1"}, a_track("p1")], source="web")
        warned = workspace.send([bad, a_track("p1"), a_track("p1", "order_payed")], source="ios")
        workspace.turn()
        assert workspace.count_events() == 4
    assert [(one.path, one.code) for one in blocked.rejected] == [("$.properties.amount", "wrong_type")]
    assert (blocked.accepted, warned.accepted, warned.rejected) == (1, 3, ())
    assert [reject["code"] for reject in read("rejects", "list")["rejects"]] == ["wrong_type"]
    counted = read("plan", "report", "--days", "3000")["violations"]
    assert sorted(
        (one["outcome"], one["code"], one["path"], one["source"], one["events"]) for one in counted
    ) == [
        ("blocked", "wrong_type", "$.properties.amount", "web", 1),
        ("warned", "unexpected_event", "$.event", "ios", 1),
        ("warned", "unexpected_property", "$.properties.colour", "ios", 1),
        ("warned", "wrong_type", "$.properties.amount", "ios", 1),
    ]
    [refused] = [one for one in counted if one["outcome"] == "blocked"]
    assert (refused["event"], refused["message_id"]) == ("order_paid", "bad-1")


@pytest.mark.parametrize("mode", ["warn", "block", "off"])
def test_a_file_of_columns_is_held_against_the_plan_too(
    home: Path, read: Read, tmp_path: Path, mode: str
) -> None:
    file, mapping = tmp_path / "orders.csv", tmp_path / "mapping.yaml"
    file.write_text(ORDERS, encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    read("plan", "publish", PLAN.replace("sources: {web: block}", f"sources: {{'import:*': {mode}}}"))
    result = read("import", str(file), "--mapping", str(mapping))
    rejected = 3 if mode == "block" else 0
    assert result == {"read": 4, "accepted": 4 - rejected, "duplicates": 0, "rejected": rejected}
    codes = [(one["code"], one["path"]) for one in read("rejects", "list")["rejects"]]
    violations = read("plan", "report", "--days", "3000")["violations"]
    expected = [
        ("below_minimum", "$.properties.amount"),
        ("unexpected_event", "$.event"),
        ("value_not_allowed", "$.properties.currency"),
    ]
    if mode == "block":
        assert sorted(codes) == [
            ("below_minimum", "$[1].properties.amount"),
            ("unexpected_event", "$[2].event"),
            ("value_not_allowed", "$[3].properties.currency"),
        ]
    assert sorted((one["code"], one["path"]) for one in violations) == ([] if mode == "off" else expected)


def test_a_plan_that_came_later_does_not_double_what_was_imported(
    home: Path, read: Read, tmp_path: Path
) -> None:
    file, mapping = tmp_path / "orders.csv", tmp_path / "mapping.yaml"
    file.write_text(ORDERS, encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    assert read("import", str(file), "--mapping", str(mapping))["accepted"] == 4
    read("plan", "publish", PLAN)
    again = read("import", str(file), "--mapping", str(mapping))
    assert (again["accepted"], again["duplicates"]) == (0, 4)
    assert read("events", "count")["events"] == 4


def test_rules_of_cleaning_change_drop_and_set_aside_and_count_it(home: Path, read: Read) -> None:
    assert read("cleaning", "validate", RULES) == {"ok": True, "problems": []}
    assert read("cleaning", "publish", RULES)["version"] == 1
    with opened(home) as app:
        workspace = app.workspace()
        receipt = workspace.send(
            [
                a_track("p1", messageId="m-1"),
                a_track("p1", messageId="m-2"),
                a_track("p2", context={"userAgent": "Googlebot/2.1"}),
                a_track("test-1"),
                a_track("p3", timestamp=(NOON + timedelta(days=90)).isoformat()),
                a_track("p4", properties={"amount_fen": 1999}),
                {"type": "identify", "userId": "p4", "traits": {"phone": "138 0013 8000"}},
            ]
        )
        workspace.turn()
        assert [reject.code for reject in receipt.rejected] == ["near_duplicate", "bot"]
        assert workspace.count_events() == 3
        assert workspace.count_events(end=NOON + timedelta(seconds=1)) == 3
        richer = {"measure": "sum(amount)", "of": "order_paid", "is": "= 19.99"}
        assert [row["user_id"] for row in rows(workspace.list_people(richer))] == ["p4"]
        known = {"trait": "phone", "is": "+8613800138000"}
        assert [row["user_id"] for row in rows(workspace.list_people(known))] == ["p4"]
    report = read("cleaning", "report", "--days", "3000")["counts"]
    assert {(one["rule"], one["outcome"]): one["events"] for one in report} == {
        ("bots", "dropped"): 1,
        ("twice", "dropped"): 1,
        ("staff", "set_aside"): 1,
        ("clocks", "kept"): 1,
        ("phones", "kept"): 1,
        ("fen", "kept"): 1,
    }


def test_a_workspace_opens_with_what_it_declared(home: Path, read: Read) -> None:
    read("plan", "publish", PLAN)
    with opened(home) as app:
        receipt = app.workspace().send([a_track("p1", properties={})], source="web")
    assert [reject.code for reject in receipt.rejected] == ["missing_property"]


def test_an_import_that_is_read_again_after_the_plan_changed_takes_what_it_then_may(
    home: Path, read: Read, tmp_path: Path
) -> None:
    file, mapping = tmp_path / "orders.csv", tmp_path / "mapping.yaml"
    file.write_text(ORDERS, encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    read("plan", "publish", PLAN.replace("mode: warn", "mode: block"))
    assert read("import", str(file), "--mapping", str(mapping))["accepted"] == 1
    read("plan", "publish", PLAN)
    with opened(home) as app:
        result: ImportResult = app.workspace().import_file(
            file,
            mapping={
                "type": "track",
                "event": "event",
                "user_id": "who",
                "timestamp": "at",
                "properties": {"amount": "amount", "currency": "currency"},
            },
        )
    assert (result.accepted, result.duplicates) == (3, 1)


def rows(page: tuple[Any, str | None]) -> list[dict[str, Any]]:
    return list(page[0])
