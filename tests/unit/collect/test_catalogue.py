"""What the counted types mean: drift, what looks personal, and how it is masked."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from perennial.collect.catalogue import TypeFacts, masked
from perennial.collect.catalogue.model import LeafType, PiiKind
from perennial.collect.catalogue.rules import drift_of, looks_personal, masked_text, suggestions_of
from perennial.collect.plans import CompiledPlan, parse_plan

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def seen(
    path: str,
    kind: LeafType,
    events: int = 10,
    *,
    event: str = "order_paid",
    source: str = "web",
    first_at: datetime = NOON,
    looks_like: Sequence[tuple[PiiKind, int]] = (),
) -> TypeFacts:
    return TypeFacts(
        event=event,
        path=path,
        type=kind,
        source=source,
        events=events,
        first_at=first_at,
        last_at=first_at + DAY,
        sample=f"a sample of {path}",
        looks_like=looks_like,
    )


def test_the_rarer_type_of_a_property_is_drift_since_it_was_first_seen() -> None:
    later = NOON + 3 * DAY
    [drift] = drift_of(
        [
            seen("amount", "number", 100),
            seen("amount", "text", 2, source="ios", first_at=later),
            seen("amount", "text", 1, source="android", first_at=later + DAY),
            seen("amount", "empty", 5),
        ],
        None,
    )
    assert (drift.code, drift.expected, drift.found, drift.events) == ("type_drift", "number", "text", 3)
    assert (drift.first_at, drift.sources) == (later, ["android", "ios"])


def test_a_property_that_comes_up_long_after_its_event_is_new() -> None:
    found = [seen("amount", "number"), seen("coupon", "text", 3, first_at=NOON + 5 * DAY)]
    [drift] = drift_of(found, None)
    assert (drift.code, drift.path, drift.expected) == ("new_property", "coupon", "absent before")


def test_properties_that_an_event_began_with_are_not_new() -> None:
    assert drift_of([seen("amount", "number"), seen("coupon", "text", first_at=NOON + DAY)], None) == []


def test_a_plan_says_what_is_expected_however_rare_it_is() -> None:
    plan = CompiledPlan(parse_plan({"events": {"order_paid": {"properties": {"amount": "number"}}}}))
    found = [
        seen("amount", "text", 100),
        seen("amount", "number", 1),
        seen("colour", "text", 7),
        seen("x", "text", 4, event="order_seen"),
        seen("y", "text", 9, event="order_seen"),
    ]
    drifts = {(one.event, one.path): one for one in drift_of(found, plan)}
    assert drifts.keys() == {("order_paid", "amount"), ("order_paid", "colour"), ("order_seen", "")}
    assert drifts["order_paid", "amount"].expected == "number"
    assert drifts["order_paid", "colour"].code == "new_property"
    assert (drifts["order_seen", ""].code, drifts["order_seen", ""].events) == ("new_event", 9)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ada@example.com", "e-mail"),
        ("13800138000", "phone"),
        ("+8613800138000", "phone"),
        ("11010519491231002X", "id_card"),
        ("o-13800138000", None),
        ("12.5", None),
        ("12800138000", None),
    ],
)
def test_whole_values_are_known_by_how_they_are_written(text: str, kind: PiiKind | None) -> None:
    assert looks_personal(text) == kind


def test_what_looks_personal_often_enough_and_is_not_flagged_is_suggested() -> None:
    found = [
        seen("mail", "text", 10, looks_like=[("e-mail", 9)]),
        seen("note", "text", 100, looks_like=[("e-mail", 3)]),
        seen("phone", "text", 10, looks_like=[("phone", 10)]),
    ]
    [suggestion] = suggestions_of(found, {("order_paid", "phone")})
    assert (suggestion.path, suggestion.kind, suggestion.matching) == ("mail", "e-mail", 9)
    assert suggestion.sample == "a ***"


def test_masked_values_show_little_and_keep_their_place() -> None:
    document = {
        "phone": "13800138000",
        "who": {"mail": "a@b.cn", "age": 7},
        "tags": ["x", "longer"],
        "n": None,
    }
    assert masked(document, {"phone", "who", "tags", "n"}) == {
        "phone": "13***",
        "who": {"mail": "a@***", "age": "***"},
        "tags": ["***", "lo***"],
        "n": None,
    }
    assert masked(document, set()) == document
    assert masked_text("ab") == "***"
