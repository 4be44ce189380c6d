"""Judgement on journeys that could be published: each warning where it belongs, none where all is well."""

import pytest
from tests.unit.decide.journey_builders import winback

from perennial.decide.journeys import parse_journey
from perennial.decide.rehearsals.lint import Surroundings, lint
from perennial.kernel.ids import TemplateId
from perennial.kernel.values import Json

AROUND = Surroundings(events=("add_to_cart", "order_paid", "app_open"), entries_a_month=5_000)
TWO_DAYS: Json = {"wait": "2d", "then": "remind"}


def chart(**changed: Json) -> Json:
    nodes = winback()["nodes"]
    assert isinstance(nodes, dict)
    return {**nodes, **changed}


def send(template: str = "offer", then: str = "done", **said: Json) -> Json:
    return {"send": {"channel": "email", "template": template, "topic": "marketing", **said}, "then": then}


def found(around: Surroundings = AROUND, **changed: Json) -> list[tuple[str, str]]:
    good: dict[str, Json] = {"control": "10%"}
    document = winback(**(good | changed))
    return [(one.path, one.code) for one in lint(parse_journey(document), around)]


def test_a_good_journey_has_no_warnings() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("changed", "warning"),
    [
        (
            {"entry": {"on": {"event": "ad_to_cart"}, "key": "cart_id"}},
            ("$.entry.on.event", "event_never_seen"),
        ),
        ({"exit": [{"event": "order_payed"}]}, ("$.exit[0].event", "event_never_seen")),
        ({"exit": [{"did": "order_payed"}]}, ("$.exit", "event_never_seen")),
        ({"goal": {"event": "add_to_cart", "same": "cart_id", "for": "3d"}}, ("$.goal", "goal_implied")),
        (
            {"entry": {"on": {"event": "add_to_cart"}, "key": "cart_id", "if": {"did": "order_paid"}}},
            ("$.goal", "goal_implied"),
        ),
        ({"control": "none"}, ("$.control", "no_control")),
        ({"control": "1%"}, ("$.control", "control_too_small")),
        ({"goal": {"event": "order_paid", "for": "12h"}}, ("$.nodes.remind", "send_after_goal")),
        (
            {
                "nodes": chart(
                    offer=send("remind", expires="1d", then="long"), long={"wait": "2d", "then": "remind"}
                )
            },
            ("$.nodes.long.wait", "wait_outlives_offer"),
        ),
        (
            {"nodes": chart(offer=send(topic="transactional"))},
            ("$.nodes.offer.send.topic", "no_consent_topic"),
        ),
        (
            {
                "nodes": chart(
                    worth={
                        "branch": [
                            {"if": {"trait": "vip", "is": True}, "then": "offer"},
                            {"if": {"trait": "vip", "is": True}, "then": "remind"},
                        ],
                        "else": "remind",
                    }
                )
            },
            ("$.nodes.worth.branch[1]", "arm_never_taken"),
        ),
        (
            {
                "nodes": chart(
                    pause={"wait": "24h", "then": "offer"},
                    offer=send(then="worth"),
                    worth={
                        "branch": [{"if": {"trait": "vip", "is": True}, "then": "remind"}],
                        "else": "remind",
                    },
                )
            },
            ("$.nodes.worth", "branch_without_effect"),
        ),
    ],
)
def test_what_is_probably_not_meant_is_said_with_its_place(
    changed: dict[str, Json], warning: tuple[str, str]
) -> None:
    assert warning in found(AROUND, **changed)


def test_a_condition_that_excludes_the_goal_does_not_imply_it() -> None:
    condition: Json = {"not": {"did": "order_paid", "within": "7d"}}
    entry: Json = {"on": {"event": "add_to_cart"}, "key": "cart_id", "if": condition}
    assert found(entry=entry) == []


def test_an_event_never_seen_is_named_with_the_nearest_that_was() -> None:
    journey = parse_journey(winback(entry={"on": {"event": "ad_to_cart"}, "key": "cart_id"}, control="10%"))
    [warning] = lint(journey, AROUND)
    assert "add_to_cart" in warning.hint


def test_topics_and_languages_are_judged_by_what_the_workspace_has() -> None:
    around = Surroundings(
        events=AROUND.events,
        topics=("news",),
        locales={TemplateId("offer"): frozenset(["zh"]), TemplateId("remind"): frozenset()},
    )
    assert found(around) == [
        ("$.nodes.offer.send.topic", "unknown_topic"),
        ("$.nodes.remind.send.topic", "unknown_topic"),
        ("$.nodes.remind.send.template", "missing_locale"),
    ]
