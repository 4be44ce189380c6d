"""What a draft changes of the published version, part by part, in words of both languages."""

import pytest
from tests.unit.decide.journey_builders import winback

from perennial.decide.journeys import Journey, parse_journey
from perennial.decide.rehearsals.changes import changes, sentences
from perennial.kernel.values import Json


def draft(**changed: Json) -> Journey:
    return parse_journey(winback(**changed))


def nodes(**changed: Json) -> Json:
    """The chart with some nodes replaced; None takes one away."""
    chart = winback()["nodes"]
    assert isinstance(chart, dict)
    return {name: node for name, node in {**chart, **changed}.items() if node is not None}


@pytest.mark.parametrize(
    ("after", "path", "english", "chinese"),
    [
        (
            draft(reentry="always"),
            "$.reentry",
            "The rule of re-entry becomes always; it was per_key.",
            "再次进入的规则",
        ),
        (
            draft(nodes=nodes(pause={"wait": "2d", "then": "worth"})),
            "$.nodes.pause.wait",
            "The wait of node pause becomes 2d; it was 1d.",
            "节点 pause 的 wait 改为 2d，原为 1d。",
        ),
        (
            draft(control="10%"),
            "$.control",
            "The control becomes 10%; it was none.",
            "对照组改为 10%，原为 none。",
        ),
        (
            draft(
                nodes=nodes(
                    remind={
                        "send": {
                            "channel": "email",
                            "template": "other",
                            "topic": "marketing",
                            "priority": 40,
                        },
                        "then": "done",
                    }
                )
            ),
            "$.nodes.remind.send.template",
            "The send.template of node remind becomes other; it was remind.",
            "节点 remind 的 send.template 改为 other，原为 remind。",
        ),
    ],
)
def test_one_change_is_one_sentence(after: Journey, path: str, english: str, chinese: str) -> None:
    before = draft()
    [change] = changes(before, after)
    reading = sentences(change, before, after, people=0, version=3)
    assert (change.path, reading["en"]) == (path, english)
    assert chinese in reading["zh-CN"]


def test_conditions_stand_in_words_and_people_who_stand_there_are_named() -> None:
    other = nodes(
        worth={"branch": [{"if": {"trait": "vip", "is": False}, "then": "offer"}], "else": "remind"}
    )
    before, after = draft(), draft(nodes=other)
    [change] = changes(before, after)
    reading = sentences(change, before, after, people=12, version=3)
    assert change.node == "worth"
    assert "vip" in reading["en"]
    assert reading["en"].endswith("12 people stand there; they stay on version 3.")
    assert reading["zh-CN"].endswith("有 12 人停留在那里，他们继续使用版本 3。")


def test_nodes_that_come_and_go_are_named_whole_and_nothing_changed_is_nothing_said() -> None:
    chart = nodes(
        remind=None,
        worth={"branch": [{"if": {"trait": "vip", "is": True}, "then": "offer"}], "else": "later"},
        later={"wait": "1h", "then": "done"},
    )
    found = {(one.kind, one.path) for one in changes(draft(), draft(nodes=chart))}
    assert found == {
        ("removed", "$.nodes.remind"),
        ("added", "$.nodes.later"),
        ("changed", "$.nodes.worth.else"),
    }
    assert list(changes(draft(), draft())) == []
