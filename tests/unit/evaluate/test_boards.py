"""What a board does to its tiles, what it tells to all, and what its tables and links say."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.evaluate.boards import Filters, ShareKeys, ShareUnknown, board_table, table_of
from perennial.evaluate.boards.rows import MAIN
from perennial.evaluate.boards.rules import (
    counts_only,
    joined,
    may_tell,
    missing_in,
    named_events,
    named_properties,
    words_in,
)
from perennial.evaluate.insights import KEYS, Spec, parse_insight
from perennial.evaluate.insights.model import Breakdown
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
KEYS_OF_SHOP = ShareKeys("shop", ["old", "new"])


def spec(**document: Json) -> Spec:
    return parse_insight(document, zone=Zone())


def test_the_period_of_a_board_takes_the_place_of_the_tiles_own() -> None:
    own: dict[str, Json] = {"kind": "stickiness", "range": {"last": "7d"}}
    weeks, days = Filters(range={"last": "12w"}), Filters(range={"last": "3d"})
    assert joined(own, weeks)["range"] == {"last": "12w"}
    assert joined(own, weeks, days)["range"] == {"last": "3d"}
    assert joined(own, Filters()) == own


def test_the_condition_of_a_board_holds_beside_the_tiles_own() -> None:
    named = Filters(among="vip")
    assert joined({"kind": "stickiness"}, named)["among"] == "vip"
    both = joined({"kind": "stickiness", "among": {"did": "visit"}}, named)
    assert both["among"] == {"all": [{"did": "visit"}, {"segment": "vip"}]}


def test_events_are_those_that_are_counted_and_not_those_of_whom_it_is_about() -> None:
    funnel = spec(
        kind="funnel",
        steps=["visit", {"event": "paid", "where": [{"property": "amount", "is": "> 1"}]}],
        exclude=[{"event": "left", "from": 0, "to": 1}],
        among={"did": "signed_up"},
    )
    assert named_events(funnel) == {"visit", "paid", "left"}
    assert named_events(spec(kind="lifecycle", event="*")) == frozenset()


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            {"kind": "trend", "series": [{"event": "paid", "count": "sum(amount)"}, {"event": "visit"}]},
            ["amount"],
        ),
        ({"kind": "trend", "series": [{"event": "*", "count": "sum(amount)"}]}, []),
        ({"kind": "value", "event": "paid", "amount": "total"}, ["total"]),
        ({"kind": "basket", "event": "paid", "item": "sku", "basket": "cart"}, ["sku", "cart"]),
        ({"kind": "distribution", "event": "paid", "measure": "avg(amount)"}, ["amount"]),
        ({"kind": "retention", "start": "visit", "return": "paid", "value": "sum(amount)"}, ["amount"]),
        ({"kind": "funnel", "steps": ["visit", "paid"], "same": "cart"}, []),
    ],
)
def test_properties_are_those_an_answer_is_made_of(document: dict[str, Json], expected: list[str]) -> None:
    assert [path for _, path in named_properties(spec(**document))] == expected


def test_what_nobody_ever_sent_is_named_but_not_the_events_of_ours() -> None:
    asked = spec(
        kind="trend",
        series=[
            {"event": "paid", "count": "sum(amount)"},
            {"event": "paid", "count": "sum(margin)"},
            {"event": "refunded", "count": "sum(amount)"},
            {"event": "message_sent", "count": "total"},
        ],
    )
    found = missing_in(asked, {"paid"}, lambda _event, path: path == "amount")
    assert (found.events, found.properties) == (("refunded",), ("paid.margin",))
    assert bool(found)
    assert not missing_in(spec(kind="lifecycle"), frozenset(), lambda _event, _path: False)


def test_an_answer_for_all_leads_to_nobody_and_keeps_its_numbers() -> None:
    answer: dict[str, Json] = {
        "kind": "retention",
        "spec": {"among": {"trait": "email", "is": "a@example.com"}},
        "cohorts": [{"at": "2026-03-01", "cells": [{"k": 0, "value": 3, "cell": {"k": 0}}]}],
        "intervals": [{"new": 1, "cells": {"new": {"status": "new"}}, "left_cell": {"stage": "a"}}],
    }
    found = counts_only(answer)
    assert found == {
        "kind": "retention",
        "cohorts": [{"at": "2026-03-01", "cells": [{"k": 0, "value": 3}]}],
        "intervals": [{"new": 1}],
    }
    assert set(words_in(found)) == {"retention", "2026-03-01"}


@pytest.mark.parametrize(
    ("breakdown", "items", "expected"),
    [
        (None, [], True),
        (Breakdown(by="trait", name="city"), [], False),
        (Breakdown(by="tag", name="tier"), [], True),
        (Breakdown(by="property", name="channel"), [], True),
        (Breakdown(by="property", name="contact.email"), [], False),
        (Breakdown(by="property", name="contacts"), [], True),
        (None, ["contact"], False),
        (None, [None, "page"], True),
    ],
)
def test_no_part_is_called_after_what_is_personal(
    breakdown: Breakdown | None, items: list[str | None], expected: bool
) -> None:
    assert may_tell(breakdown, items, {"contact.email", "contact"}) is expected


def test_every_kind_has_a_table() -> None:
    assert MAIN.keys() == KEYS.keys()


def test_a_table_has_the_compared_numbers_below_the_asked_ones() -> None:
    points: Json = [{"at": "2026-03-01", "value": 2, "incomplete": False, "cell": {}}]
    line: Json = {"series": 0, "name": "visit", "breakdown": None, "points": points}
    table = table_of({"kind": "trend", "series": [line], "compare": {"series": [line]}})
    assert table.columns == ("period", "series", "name", "breakdown", "at", "value", "incomplete")
    assert [row["period"] for row in table.rows] == ["asked", "compared"]


def test_an_interval_is_two_columns_and_a_list_one() -> None:
    steps: Json = [{"step": 0, "people": 3, "interval95": [0.1, 0.9]}, {"step": 1, "interval95": None}]
    assert table_of({"kind": "funnel", "steps": steps}).rows == [
        {"step": 0, "people": 3, "low95": 0.1, "high95": 0.9},
        {"step": 1, "low95": None, "high95": None},
    ]
    parts: Json = [{"in": ["a", "b"], "not_in": [], "people": 3}]
    assert table_of({"kind": "overlap", "parts": parts}).rows == [{"in": "a + b", "not_in": "", "people": 3}]


def test_a_boards_table_says_which_number_of_which_tile() -> None:
    answer: Json = {"kind": "stickiness", "buckets": [{"intervals": 2, "people": 5, "breakdown": "ads"}]}
    rows = board_table(
        [
            {"id": "a", "title": "A", "state": "answered", "answer": answer},
            {"id": "b", "title": "B", "state": "missing", "answer": None, "missing_events": ["paid"]},
            {"id": "c", "title": "C", "state": "failed", "answer": None},
        ]
    ).rows
    assert [(row["tile"], row.get("row"), row.get("value"), row.get("missing")) for row in rows] == [
        ("a", "intervals=2, breakdown=ads", 5, None),
        ("b", None, None, "paid"),
        ("c", None, None, "failed"),
    ]


def test_a_token_opens_its_share_until_it_ends() -> None:
    token = KEYS_OF_SHOP.token("shr_1", NOON)
    assert KEYS_OF_SHOP.share_id(token, now=NOON - timedelta(seconds=1)) == "shr_1"
    with pytest.raises(ShareUnknown):
        KEYS_OF_SHOP.share_id(token, now=NOON)


def test_a_token_of_an_older_key_still_opens_and_one_of_another_workspace_does_not() -> None:
    before = NOON - timedelta(days=1)
    assert KEYS_OF_SHOP.share_id(ShareKeys("shop", ["old"]).token("shr_1", NOON), now=before) == "shr_1"
    with pytest.raises(ShareUnknown):
        KEYS_OF_SHOP.share_id(ShareKeys("other", ["old", "new"]).token("shr_1", NOON), now=before)


@given(place=st.integers(min_value=0, max_value=200), letter=st.characters(codec="ascii"))
def test_no_letter_of_a_token_can_be_another(place: int, letter: str) -> None:
    token = KEYS_OF_SHOP.token("shr_1", NOON)
    at = place % len(token)
    changed = token[:at] + letter + token[at + 1 :]
    if changed == token:
        return
    if at == len(token) - 1:
        return  # the last letter of base64 holds bits that mean nothing: the signature is the same
    with pytest.raises(ShareUnknown):
        KEYS_OF_SHOP.share_id(changed, now=NOON - timedelta(days=1))


@given(token=st.text(max_size=400))
def test_what_is_no_token_opens_nothing(token: str) -> None:
    with pytest.raises(ShareUnknown):
        KEYS_OF_SHOP.share_id(token, now=NOON - timedelta(days=1))
