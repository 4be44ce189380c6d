"""Which screening the calls of each source get, and when a declaration takes effect."""

import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from perennial.collect.cleaning import parse_cleaning
from perennial.collect.events.model import Call, Reception, Reject
from perennial.collect.events.rules import parse_call
from perennial.collect.plans import parse_plan
from perennial.collect.screening import Declaration, DeclarationKind, Screens
from perennial.collect.screening.service import publish
from perennial.kernel.documents import read_document
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
HOW_TO = Path(__file__).parents[3] / "docs" / "how-to"
PLAN: Mapping[str, Json] = {
    "mode": "warn",
    "sources": {"web": "block", "old": "off"},
    "events": {"order_paid": {"properties": {"amount": {"required": True}}}},
}


class Shelf:
    """Declarations in memory."""

    def __init__(self) -> None:
        self._live: dict[DeclarationKind, Declaration] = {}

    @property
    def declarations(self) -> "Shelf":
        return self

    @contextmanager
    def read(self) -> Generator["Shelf"]:
        yield self

    def latest(self, kind: DeclarationKind) -> Declaration | None:
        return self._live.get(kind)

    def add(self, declaration: Declaration) -> None:
        self._live[declaration.kind] = declaration


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def screens(shelf: Shelf) -> Screens:
    return Screens(shelf, zone=Zone())


def submitted(screens: Screens, source: str, **properties: Json) -> Call | Reject:
    reception = Reception(source=source, received_at=NOON, screening=screens.of(source))
    document = {"type": "track", "event": "order_paid", "userId": "p1", "properties": properties}
    return parse_call(document, reception, new_id=lambda: "m-1")


def test_nothing_declared_is_no_screening_at_all(shelf: Shelf, screens: Screens) -> None:
    assert screens.of("web") is None
    assert screens.of_import("import:x") == (None, "")
    publish("cleaning", {"rules": []}, shelf, now=NOON)
    screens.look_up()
    assert screens.of("web") is None


def test_a_declaration_takes_effect_when_it_is_looked_up(shelf: Shelf, screens: Screens) -> None:
    publish("plan", PLAN, shelf, now=NOON)
    assert isinstance(submitted(screens, "web"), Call)
    screens.look_up()
    assert isinstance(submitted(screens, "web"), Reject)
    assert isinstance(submitted(screens, "ios"), Call)
    publish("plan", {**PLAN, "sources": {}}, shelf, now=NOON)
    screens.look_up()
    assert isinstance(submitted(screens, "web"), Call)


def test_a_source_that_is_off_and_has_no_rule_is_not_screened(shelf: Shelf, screens: Screens) -> None:
    publish("plan", PLAN, shelf, now=NOON)
    publish("cleaning", {"rules": [{"id": "a", "trim": "x", "sources": ["ios"]}]}, shelf, now=NOON)
    screens.look_up()
    assert screens.of("old") is None
    assert screens.of("ios") is not None


def test_only_events_of_the_plan_concern_it(shelf: Shelf, screens: Screens) -> None:
    publish("plan", PLAN, shelf, now=NOON)
    screens.look_up()
    screening = screens.of("web")
    assert screening is not None
    assert screening.concerns(["other", "order_paid"])
    assert not screening.concerns(["other"])


def test_an_import_is_known_by_the_documents_it_was_read_under(shelf: Shelf, screens: Screens) -> None:
    publish("plan", PLAN, shelf, now=NOON)
    screens.look_up()
    _, first = screens.of_import("import:x")
    _, again = screens.of_import("import:x")
    publish("plan", {**PLAN, "mode": "block"}, shelf, now=NOON)
    screens.look_up()
    _, other = screens.of_import("import:x")
    assert first == again
    assert "" not in (first, other)
    assert first != other


def test_what_is_cleaned_is_then_held_against_the_plan(shelf: Shelf, screens: Screens) -> None:
    publish("plan", PLAN, shelf, now=NOON)
    publish("cleaning", {"rules": [{"id": "a", "rename": "amt", "to": "amount"}]}, shelf, now=NOON)
    screens.look_up()
    call = submitted(screens, "web", amt=5)
    assert isinstance(call, Call)
    assert call.properties == {"amount": 5}


def test_files_that_the_how_tos_show_are_without_mistakes() -> None:
    blocks = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
    [plan] = blocks.findall((HOW_TO / "tracking-plan.md").read_text(encoding="utf-8"))
    cleaning = blocks.findall((HOW_TO / "cleaning.md").read_text(encoding="utf-8"))
    assert parse_plan(read_document(plan, name="plan").value).events.keys() == {"order_paid", "identify"}
    rules = [parse_cleaning(read_document(one, name="cleaning").value, zone=Zone()).rules for one in cleaning]
    assert list(map(len, rules)) == [10, 2]
