from datetime import UTC, date, datetime

import pytest

from perennial.collect.acquisition import Channel, Code, Cost, KnownChannels, Touch
from perennial.collect.acquisition.costs import read_costs
from perennial.collect.acquisition.rules import (
    address_of,
    check_code,
    cost_within,
    known_channels,
    may_touch,
    told_paths,
    touch_of,
)
from perennial.kernel.errors import InvalidDocument

KNOWN = KnownChannels({"b1": "fair"}, {"fair": "fair", "wx": "wechat"})
CODE = Code(code="b1", channel_id="fair", target="https://shop.example/a?x=1#top")


def touch_in(properties: dict[str, object], context: dict[str, object] | None = None) -> Touch | None:
    given, around = dict(properties), dict(context or {})
    assert may_touch(given, around)  # pyright: ignore[reportArgumentType]  plain JSON
    return touch_of(told_paths(given, around), KNOWN)  # pyright: ignore[reportArgumentType]  as above


@pytest.mark.parametrize(
    ("properties", "context", "channel", "campaign"),
    [
        ({}, {"campaign": {"source": "WX", "name": "ten"}}, "wechat", "ten"),
        ({"utm_source": "wx", "utm_campaign": "ten"}, {}, "wechat", "ten"),
        ({"$utm_source": "nobody"}, {}, None, ""),
        ({"url": "https://s.example/?utm_source=wx&utm_campaign=%E6%98%A5+sale#x"}, {}, "wechat", "春 sale"),
        ({}, {"page": {"url": "https://s.example/?utm_source=wx&pn_code=b1"}}, "fair", ""),
        ({"pn_code": "b1"}, {}, "fair", ""),
    ],
)
def test_a_touch_is_read_wherever_clients_write_it(
    properties: dict[str, object], context: dict[str, object], channel: str | None, campaign: str
) -> None:
    touch = touch_in(properties, context)
    assert touch is not None
    assert (touch.channel, touch.campaign) == (channel, campaign)


def test_a_code_that_nobody_declared_is_no_touch() -> None:
    assert touch_in({"pn_code": "forged"}) is None


@pytest.mark.parametrize(
    ("properties", "context"),
    [({}, {}), ({"url": "https://s.example/?q=1"}, {"page": {"url": 7}}), ({"amount": 3}, {"page": "x"})],
)
def test_an_ordinary_call_needs_no_closer_look(
    properties: dict[str, object], context: dict[str, object]
) -> None:
    assert not may_touch(properties, context)  # pyright: ignore[reportArgumentType]  plain JSON


def test_a_visitors_query_goes_along_and_replaces_none_of_ours() -> None:
    address = address_of(CODE, "x=2&utm_source=evil&pn_code=other&keep=me")
    assert address == "https://shop.example/a?x=1&utm_source=fair&pn_code=b1&keep=me#top"


@pytest.mark.parametrize("carried", ["k=" + "a" * 1000, "k=\r\nset-cookie: x", "k=春"])
def test_a_query_that_is_too_long_or_no_plain_text_is_left_behind(carried: str) -> None:
    assert address_of(CODE, carried) == address_of(CODE, "")


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "//evil.example",
        "/relative",
        "https://user@evil.example/",
        "https://s.example/\r\nx",
        "https://s.example\\@evil.example/",
        "https://",
        "https://s.example/" + "a" * 2000,
    ],
)
def test_a_code_leads_to_whole_addresses_of_pages_only(target: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        check_code(Code(code="b1", channel_id="fair", target=target), ["fair"])
    assert [one.code for one in refused.value.problems] == ["bad_target"]


def test_a_code_is_valid_from_its_beginning_until_its_end() -> None:
    begins, ends = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    code = Code(code="b", channel_id="fair", target="x", valid_from=begins, valid_until=ends)
    moments = [datetime(2026, 2, 28, tzinfo=UTC), begins, ends]
    assert [code.is_valid(at) for at in moments] == [False, True, False]


def test_a_channels_own_id_means_it_whoever_else_claims_it() -> None:
    claiming = Channel(channel_id="a", name="A", sources=("b", "c"))
    known = known_channels([Channel(channel_id="b", name="B", sources=("c",)), claiming], [])
    assert known.by_source == {"a": "a", "b": "b", "c": "a"}


def test_the_days_of_a_period_add_up_to_its_cost() -> None:
    cost = Cost(
        channel_id="fair",
        first_day=date(2026, 3, 1),
        last_day=date(2026, 3, 7),
        amount=100,
        currency="CNY",
    )
    days = [cost_within(cost, first=date(2026, 3, day), last=date(2026, 3, day)) for day in range(1, 9)]
    assert days == [14, 14, 14, 15, 14, 14, 15, 0]
    assert cost_within(cost, first=date(2026, 2, 1), last=date(2026, 3, 4)) == 57


def test_a_file_of_costs_is_read_whole_or_every_mistake_is_told_with_its_line() -> None:
    header = "channel,from,to,amount,currency\n"
    good = "fair,2026-03-01,2026-03-31,3100,CNY\n"
    lines = '{"channel": "fair", "day": "2026-03-01", "amount": 5, "currency": "CNY"}\n'
    wrong = header + good + good + "fare,2026-03-01,2026-02-01,1.5,CNY\nfair,today,,1,yuan\n"
    assert [one.amount for one in read_costs(header + good, "csv", channels=["fair"])] == [3100]
    assert [one.amount for one in read_costs(lines, "jsonl", channels=["fair"])] == [5]
    with pytest.raises(InvalidDocument) as refused:
        read_costs(wrong, "csv", channels=["fair"])
    assert [(one.path, one.code) for one in refused.value.problems] == [
        ("$[3]", "repeated"),
        ("$[4].amount", "bad_amount"),
        ("$[5].day", "bad_day"),
    ]
