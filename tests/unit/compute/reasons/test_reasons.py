"""How reasons are put together: what a tag's value was seen to be, what changed, and what is opened once."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from perennial.compute.profiles.ports import Cut, Quantity
from perennial.compute.reasons import LastTold, Reason, tell, why
from perennial.compute.tags.model import Scalar
from perennial.kernel.conditions import (
    LANGUAGES,
    Aggregate,
    All,
    Condition,
    InSegment,
    KnownDefinitions,
    Language,
    Moment,
    ScoreGroup,
    ScorePart,
    ScoreRule,
    TagIs,
    ValueRule,
    parse_condition,
)
from perennial.kernel.conditions import Test as Comparison
from perennial.kernel.conditions.model import EventPattern, Rank, Told
from perennial.kernel.conditions.moment import Ask
from perennial.kernel.ids import ProfileId, SegmentId, TagId
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone
from perennial.testing import PersonHistory, a_person, an_event, at, days
from perennial.testing.population import MemoryPopulation

ANNA = ProfileId(1)
ORDERS = EventPattern(event="order_paid")
RFM = ScoreRule(
    population=parse_condition({"did": "order_paid"}),
    parts=(
        ScorePart(
            name="recency",
            aggregate=Aggregate(kind="last_ago"),
            pattern=ORDERS,
            cuts=(30.0, 7.0),
            low_is_good=True,
            high_from=3,
        ),
        ScorePart(
            name="money",
            aggregate=Aggregate(kind="sum", property="amount"),
            pattern=ORDERS,
            cuts=(50.0, 100.0),
            high_from=3,
        ),
    ),
    groups=(
        ScoreGroup(name="champions", high=(True, True)),
        ScoreGroup(name="big and away", high=(False, True)),
    ),
)


@dataclass(frozen=True, slots=True)
class Witness:
    """The reference evaluator, of one person."""

    person: PersonHistory
    found: Cut | None = None
    """The border of every share; without one, that of twelve people who ordered, twenty minutes ago."""

    def verdicts(
        self, conditions: Sequence[Condition], asks: Sequence[Ask], *, at: Moment
    ) -> list[tuple[bool, ...]]:
        return MemoryPopulation([self.person]).verdicts(conditions, asks, at=at)

    def numbers_of(
        self, profile_id: ProfileId, wanted: Sequence[Quantity], *, at: Moment
    ) -> Sequence[float | None]:
        return MemoryPopulation([self.person]).numbers_of(profile_id, wanted, at=at)

    def cut_of(self, rank: Rank, *, at: Moment) -> Cut:
        if self.found is not None:
            return self.found
        is_done = rank.pattern.event == "order_paid"
        return Cut(
            value=2.0 if is_done else None,
            people=12 if is_done else 0,
            at=at.as_of - timedelta(minutes=20),
        )

    def told_of(
        self, profile_id: ProfileId, wanted: Collection[Told], *, at: Moment
    ) -> Mapping[Told, LastTold]:
        return {}

    def kept_of(
        self, profile_id: ProfileId, segments: Collection[SegmentId], *, at: Moment
    ) -> Mapping[SegmentId, datetime]:
        return {}

    def stored_of(
        self, profile_id: ProfileId, tags: Collection[TagId], *, at: Moment
    ) -> Mapping[TagId, Scalar]:
        return {TagId(tag): value for tag, value in self.person.stored.items() if tag in tags}


def reason(condition: Condition, person: PersonHistory, definitions: KnownDefinitions) -> Reason:
    return why(condition, ANNA, at=at(), definitions=definitions, witnesses=Witness(person))


def asked(document: Json) -> Condition:
    return parse_condition(document)


def nodes(told: Reason) -> Iterator[Reason]:
    yield told
    for part in told.parts:
        yield from nodes(part)


@pytest.mark.parametrize(
    ("ago", "amount", "group", "scores"),
    [
        (1, 150.0, "champions", (3, 3)),
        (7, 100.0, "champions", (3, 3)),
        (8, 100.0, "big and away", (2, 3)),
        (31, 99.0, None, (1, 2)),
    ],
)
def test_a_score_shows_its_numbers_and_the_group_they_lead_to(
    ago: float, amount: float, group: str | None, scores: tuple[int, int]
) -> None:
    person = a_person(an_event(properties={"amount": amount}, ago=days(ago)))
    definitions = KnownDefinitions(tags={"rfm": RFM})
    told = reason(TagIs(tag="rfm", test=Comparison(operator="set", literal=True)), person, definitions)
    assert told.seen["value"] == group
    assert (told.seen["recency_score"], told.seen["money_score"]) == scores
    assert (told.seen["recency"], told.seen["money"]) == (ago, amount)
    assert told.holds is (group is not None)


def test_whoever_is_not_scored_has_no_score_to_show() -> None:
    definitions = KnownDefinitions(tags={"rfm": RFM})
    named = TagIs(tag="rfm", test=Comparison(operator="=", literal="champions"))
    told = reason(named, a_person(an_event("app_open")), definitions)
    assert (told.holds, told.seen) == (False, {"value": None})


@pytest.mark.parametrize(("ago", "value"), [(1.0, "active"), (10.0, "dormant"), (100.0, "lost")])
def test_a_tag_of_named_values_shows_the_first_that_holds(ago: float, value: str) -> None:
    rule = ValueRule(
        values=(
            ("active", asked({"did": "app_open", "within": "7d"})),
            ("dormant", asked({"did": "app_open", "within": "90d"})),
        ),
        otherwise="lost",
    )
    question = TagIs(tag="stage", test=Comparison(operator="=", literal=value))
    definitions = KnownDefinitions(tags={"stage": rule})
    told = reason(question, a_person(an_event("app_open", ago=days(ago))), definitions)
    assert (told.holds, told.seen) == (True, {"value": value})
    assert [part.value for part in told.parts] == ["active", "dormant"]


def test_what_is_referred_to_twice_is_opened_once() -> None:
    definitions = KnownDefinitions(segments={"buyers": asked({"did": "order_paid"})})
    twice = All(of=(InSegment(segment="buyers"), InSegment(segment="buyers")))
    told = reason(twice, a_person(an_event()), definitions)
    assert [len(part.parts) for part in told.parts] == [1, 0]
    assert all(node.holds for node in nodes(told))


def test_a_change_shows_the_average_it_is_measured_against() -> None:
    opens = [an_event("app_open", ago=days(ago)) for ago in (1, 7.5, 8, 15, 16, 17, 18, 40)]
    document: Json = {
        "change": "count",
        "of": "app_open",
        "over": "7d",
        "against": {"average_of": 2},
        "is": "<= -50%",
    }
    told = reason(asked(document), a_person(*opens), KnownDefinitions())
    assert told.holds
    assert (told.seen["now"], told.seen["before"]) == (1.0, 3.0)
    assert told.seen["percent"] == pytest.approx(-200 / 3)


def test_an_event_at_the_border_of_two_windows_is_in_the_earlier_one() -> None:
    opens = [an_event("app_open", ago=days(ago)) for ago in (1, 7, 14, 30)]
    document: Json = {
        "change": "count",
        "of": "app_open",
        "over": "7d",
        "against": "previous",
        "is": ">= -1",
    }
    told = reason(asked(document), a_person(*opens), KnownDefinitions())
    assert (told.seen["now"], told.seen["before"], told.seen["difference"]) == (1.0, 1.0, 0.0)


def test_nothing_to_compare_is_said_so() -> None:
    document: Json = {
        "change": "avg(amount)",
        "of": "order_paid",
        "over": "7d",
        "against": "previous",
        "is": "<= -5",
    }
    told = reason(
        asked(document),
        a_person(an_event(ago=days(20))),
        KnownDefinitions(),
    )
    assert "nothing to compare, first seen 2026-03-11 12:00" in tell(told, "en", zone=Zone())[0]
    assert "无从比较，首次出现于 2026-03-11 20:00" in tell(told, "zh-CN", zone=Zone(name="Asia/Shanghai"))[0]


SAID: Mapping[str, Json] = {
    "seen": {"seen": "first", "within": "30d"},
    "sequence": {"sequence": ["view_item", "order_paid"], "span": "1d"},
    "sequence, not begun": {"sequence": ["app_open", "order_paid"], "span": "1d"},
    "after, answered": {"after": "view_item", "without": "order_paid", "for": "1h"},
    "after, unanswered": {"after": "order_paid", "without": "view_item", "for": "1h"},
    "after, never": {"after": "app_open", "without": "order_paid", "for": "1h"},
    "rank": {"rank": "count", "of": "order_paid", "top": "50%"},
    "rank by age": {"rank": "last_ago", "of": "order_paid", "bottom": "10%"},
    "rank of nobody": {"rank": "count", "of": "app_open", "top": "50%"},
}
"""What is asked in each form."""
READ: Mapping[str, Mapping[Language, str]] = {
    "seen": {
        "en": ("✓ The person was first seen in the last 30 days. Seen: 2026-03-11 12:00."),
        "zh-CN": ("✓ 此人首次活跃在最近 30 天内。实际：2026-03-11 12:00。"),
    },
    "sequence": {
        "en": (
            "✓ The person did view_item, then order_paid, all within 1 day of the first."
            " Seen: step 1 once, step 2 2 times."
        ),
        "zh-CN": (
            "✓ 此人依次发生过 view_item，然后 order_paid（全部在首个之后 1 天内）。"
            "实际：第 1 步 1 次，第 2 步 2 次。"
        ),
    },
    "sequence, not begun": {
        "en": (
            "✗ The person did app_open, then order_paid, all within 1 day of the first."
            " Seen: step 1 never, step 2 2 times."
        ),
        "zh-CN": (
            "✗ 此人依次发生过 app_open，然后 order_paid（全部在首个之后 1 天内）。"
            "实际：第 1 步 从未，第 2 步 2 次。"
        ),
    },
    "after, answered": {
        "en": (
            "✗ The person last did view_item at least 1 hour but less than 169 hours"
            " ago and has not done order_paid since."
            " Seen: done 2026-03-11 12:00, the other 2026-03-30 12:00."
        ),
        "zh-CN": (
            "✗ 此人最近一次发生 view_item 距今至少 1 小时、不到 169 小时，此后没有发生过 order_paid。"
            "实际：发生于 2026-03-11 12:00，后者发生于 2026-03-30 12:00。"
        ),
    },
    "after, unanswered": {
        "en": (
            "✓ The person last did order_paid at least 1 hour but less than 169 hours"
            " ago and has not done view_item since."
            " Seen: done 2026-03-30 12:00, the other 2026-03-11 12:00."
        ),
        "zh-CN": (
            "✓ 此人最近一次发生 order_paid 距今至少 1 小时、不到 169 小时，此后没有发生过 view_item。"
            "实际：发生于 2026-03-30 12:00，后者发生于 2026-03-11 12:00。"
        ),
    },
    "after, never": {
        "en": (
            "✗ The person last did app_open at least 1 hour but less than 169 hours"
            " ago and has not done order_paid since."
            " Seen: never, the other 2026-03-30 12:00."
        ),
        "zh-CN": (
            "✗ 此人最近一次发生 app_open 距今至少 1 小时、不到 169 小时，此后没有发生过 order_paid。"
            "实际：从未，后者发生于 2026-03-30 12:00。"
        ),
    },
    "rank": {
        "en": (
            "✓ The person is among the top 50% by the number of order_paid."
            " Seen: 2, the last one inside has 2, of 12 ranked at 2026-03-31 11:40."
        ),
        "zh-CN": (
            "✓ 此人 order_paid 的次数排在前 50%。"
            "实际：2，入围者最后一名为 2（2026-03-31 11:40 排名，共 12 人）。"
        ),
    },
    "rank by age": {
        "en": (
            "✓ The person is among the bottom 10% by the time since the last of order_paid."
            " Seen: 1 day, the last one inside has 2.0139 days, of 12 ranked at 2026-03-31 11:40."
        ),
        "zh-CN": (
            "✓ 此人 order_paid 的最近一次距今时间排在后 10%。"
            "实际：1 天，入围者最后一名为 2.0139 天（2026-03-31 11:40 排名，共 12 人）。"
        ),
    },
    "rank of nobody": {
        "en": (
            "✗ The person is among the top 50% by the number of app_open."
            " Seen: 0, nobody was ranked at 2026-03-31 11:40."
        ),
        "zh-CN": ("✗ 此人 app_open 的次数排在前 50%。实际：0，2026-03-31 11:40 排名时没有人参与。"),
    },
}
"""How it reads."""
SEEN_BY_SOMEBODY = a_person(
    an_event("view_item", ago=days(20)), an_event(ago=days(19)), an_event(ago=days(1), properties={"a": 1})
)


@pytest.mark.parametrize(("form", "language"), [(form, language) for form in SAID for language in LANGUAGES])
def test_every_form_says_what_it_went_by(form: str, language: Language) -> None:
    told = reason(asked(SAID[form]), SEEN_BY_SOMEBODY, KnownDefinitions())
    assert tell(told, language, zone=Zone()) == [READ[form][language]]


def test_whoever_was_never_active_is_said_to_be() -> None:
    told = reason(asked(SAID["seen"]), a_person(), KnownDefinitions())
    assert "Seen: never active." in tell(told, "en", zone=Zone())[0]
    assert "实际：从未活跃。" in tell(told, "zh-CN", zone=Zone())[0]


def test_a_rank_goes_by_the_very_border_it_shows() -> None:
    ranked = asked({"rank": "last_ago", "of": "order_paid", "bottom": "10%"})
    for hours, holds in ((0, False), (24, True)):
        cut = Cut(value=0.5, people=12, at=at().as_of - timedelta(hours=hours))
        told = why(
            ranked, ANNA, at=at(), definitions=KnownDefinitions(), witnesses=Witness(SEEN_BY_SOMEBODY, cut)
        )
        assert told.holds is holds
        assert told.seen == {"value": 1.0, "border": 0.5 + hours / 24, "people": 12, "found_at": cut.at}
