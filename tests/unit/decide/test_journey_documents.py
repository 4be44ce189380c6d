"""What a journey's document may say, and what is said of one that is wrong."""

import pytest
from tests.unit.decide.journey_builders import winback

from perennial.decide.journeys import JourneyVocabulary, journey_document, parse_journey, validate
from perennial.decide.journeys.model import Send
from perennial.kernel.conditions.parse import Vocabulary
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json

KNOWN = JourneyVocabulary(
    conditions=Vocabulary(segments={"lapsed", "vip"}, tags={"lifecycle"}), templates={"offer", "remind"}
)


def problems(document: Json, known: JourneyVocabulary | None = KNOWN) -> set[tuple[str, str]]:
    """Each problem as its path and code."""
    try:
        parse_journey(document, known=known)
    except InvalidDocument as refused:
        return {(problem.path, problem.code) for problem in refused.problems}
    return set()


def with_nodes(**nodes: Json) -> dict[str, Json]:
    """A chart of these nodes and an end, from `first`."""
    return winback(start="first", nodes={**nodes, "done": {"exit": {"outcome": "x"}}})


EVERY_KIND: dict[str, Json] = winback(
    name="Cart winback",
    reentry={"after": "30d"},
    control="12.5%",
    entry={
        "on": {"event": "add_to_cart", "where": [{"property": "amount", "is": ">= 10"}]},
        "key": "cart_id",
        "if": {"not": {"tag": "lifecycle", "is": "churned"}},
        "max_age": "2h",
    },
    start="ways",
    nodes={
        "ways": {
            "split": {
                "method": "fixed",
                "arms": [{"id": "a", "weight": 1, "then": "offer"}, {"id": "b", "weight": 3, "then": "meet"}],
            }
        },
        "offer": {
            "send": {
                "channel": "email",
                "template": "offer",
                "topic": "marketing",
                "priority": 80,
                "expires": "2d",
                "over_cap": "drop",
                "on_drop": "continue",
            },
            "then": "meet",
        },
        "meet": {"join": True, "then": "pause"},
        "pause": {"wait": "90m", "then": "again"},
        "again": {"branch": [{"if": {"segment": "vip"}, "then": "ways"}], "else": "done"},
        "done": {"exit": {"outcome": "asked"}},
    },
)


def test_a_message_over_the_cap_is_held_unless_its_node_says_drop() -> None:
    send = {"channel": "email", "template": "offer", "topic": "marketing"}
    nodes: dict[str, Json] = {"offer": {"send": send, "then": "done"}, "done": {"exit": {"outcome": "asked"}}}
    journey = parse_journey({**EVERY_KIND, "start": "offer", "nodes": nodes}, known=KNOWN)
    assert [node.over_cap for node in journey.nodes.values() if isinstance(node, Send)] == ["hold"]


def test_a_journey_of_every_kind_of_node_is_accepted_and_written_back_as_it_was_meant() -> None:
    journey = parse_journey(EVERY_KIND, known=KNOWN)
    assert parse_journey(journey_document(journey)) == journey
    assert journey.control == 0.125


def test_a_journey_entered_by_a_segment_is_written_back_too() -> None:
    entry: Json = {"on": {"segment": "lapsed", "change": "entered", "include_current": True}}
    document = winback(
        entry=entry, reentry="never", goal={"event": "order_paid", "for": "3d"}, exit=[{"event": "*"}]
    )
    journey = parse_journey(document, known=KNOWN)
    assert parse_journey(journey_document(journey)) == journey


def test_everything_wrong_is_said_at_once() -> None:
    document = winback(
        nmae="x",
        control="100%",
        goal={"event": "order_paid", "same": "cart_id"},
        start="pauze",
        nodes={
            "pause": {"wait": "-1h", "then": "done"},
            "offer": {"send": {"channel": "email", "template": "ofer", "topic": "marketing"}},
            "done": {"exit": {"outcom": "x"}},
        },
    )
    assert problems(document) >= {
        ("$.nmae", "unknown_key"),
        ("$.control", "bad_control"),
        ("$.goal", "missing_key"),
        ("$.start", "unknown_node"),
        ("$.nodes.pause.wait", "bad_duration"),
        ("$.nodes.offer", "missing_key"),
        ("$.nodes.offer.send.template", "unknown_template"),
        ("$.nodes.done.exit.outcom", "unknown_key"),
        ("$.nodes.done.exit", "missing_key"),
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"control": "auto"}, ("$.control", "not_built_yet")),
        ({"control": "10"}, ("$.control", "bad_control")),
        ({"control": "0%"}, ("$.control", "bad_control")),
        ({"reentry": "sometimes"}, ("$.reentry", "unknown_word")),
        ({"reentry": {"after": "soon"}}, ("$.reentry.after", "bad_duration")),
        ({"entry": {"on": {"schedule": "0 9 * * *"}}}, ("$.entry.on.schedule", "not_built_yet")),
        ({"entry": {"on": {"segment": "lapst"}}}, ("$.entry.on.segment", "unknown_segment")),
        ({"entry": {"on": {"segment": "vip", "change": "entred"}}}, ("$.entry.on.change", "unknown_word")),
        (
            {"entry": {"on": {"event": "x"}, "if": {"tag": "lifecicle", "is": "a"}}},
            ("$.entry.if.tag", "unknown_tag"),
        ),
        ({"entry": {"on": {"event": "x"}}}, ("$.goal.same", "needs_key")),
        ({"entry": {"on": {"event": "x"}}}, ("$.exit[0].same", "needs_key")),
        ({"entry": {"on": {"event": "x"}}}, ("$.reentry", "needs_key")),
        ({"entry": {"on": {"segment": "vip"}, "key": "cart_id"}}, ("$.entry.key", "no_key")),
        ({"exit": [{"consent": "email/marketing", "is": "withdrwn"}]}, ("$.exit[0].is", "unknown_value")),
        ({"goal": {"event": "x", "message": "offer", "for": "1d"}}, ("$.goal.message", "no_message")),
        (
            {"goal": {"event": "message_opened", "message": "nowhere", "for": "1d"}},
            ("$.goal.message", "unknown_node"),
        ),
        ({"control_target": {}}, ("$.control_target", "not_built_yet")),
        ({"id": "a b"}, ("$.id", "bad_id")),
        ({"nodes": {}}, ("$.nodes", "empty_chart")),
    ],
)
def test_a_mistake_is_named_with_its_place(changes: dict[str, Json], expected: tuple[str, str]) -> None:
    assert expected in problems(winback(**changes))


@pytest.mark.parametrize(
    ("node", "where", "code"),
    [
        ({"wait_until": {"event": "x"}, "then": "done", "on_timeout": "done"}, "", "missing_key"),
        ({"wait_until": {"event": "x"}, "at_most": "2d", "then": "done"}, "", "missing_key"),
        (
            {"wait_until": {"did": "x"}, "at_most": "2d", "then": "done", "on_timeout": "done"},
            ".wait_until.did",
            "not_built_yet",
        ),
        ({"set": {"trait": 1}, "then": "done"}, ".set", "not_built_yet"),
        ({"list": {"add": "x"}, "then": "done"}, ".list", "not_built_yet"),
        ({"webhook": {"url": "x"}, "then": "done", "on_error": "done"}, ".webhook", "not_built_yet"),
        ({"start": {"journey": "x"}, "then": "done"}, ".start", "not_built_yet"),
        ({"reward": {}, "then": "done"}, ".reward", "not_built_yet"),
        ({"task": {}, "then": "done"}, ".task", "not_built_yet"),
        ({"wait": "1d", "restart_on": {"evnt": "x"}, "then": "done"}, ".restart_on.evnt", "unknown_key"),
        ({"wait": {"until": "9 am"}, "then": "done"}, ".wait.until", "bad_time"),
        ({"wait": {"on": ["mon"]}, "then": "done"}, ".wait", "missing_key"),
        ({"wait": {"until": "09:00", "zone": "mine"}, "then": "done"}, ".wait.zone", "unknown_word"),
        ({"wait": {"until": "09:00", "on": ["monday"]}, "then": "done"}, ".wait.on[0]", "unknown_word"),
        ({"wait": {"until": "09:00", "on": []}, "then": "done"}, ".wait.on", "empty_list"),
        ({"wait": {"until": "09:00", "at": 1}, "then": "done"}, ".wait.at", "unknown_key"),
        ({"wait": {"until_trait": "birthday"}, "then": "done"}, ".wait.until_trait", "not_built_yet"),
        (
            {"split": {"method": "adaptive", "arms": [{"id": "a", "weight": 1, "then": "done"}]}},
            ".split.method",
            "not_built_yet",
        ),
        (
            {"split": {"arms": [{"id": "a", "weight": 0, "then": "done"}]}},
            ".split.arms[0].weight",
            "bad_weight",
        ),
        (
            {"send": {"channel": "sms", "template": "offer", "topic": "t"}, "then": "done"},
            ".send.channel",
            "not_built_yet",
        ),
        (
            {"send": {"channel": "emial", "template": "offer", "topic": "t"}, "then": "done"},
            ".send.channel",
            "unknown_word",
        ),
        (
            {
                "send": {"channel": "email", "template": "offer", "topic": "t", "on_drop": "done"},
                "then": "done",
            },
            ".send.on_drop",
            "not_built_yet",
        ),
        ({"wiat": "1d", "then": "done"}, ".wiat", "unknown_node_kind"),
        ({"wait": "1d"}, "", "missing_key"),
        ({"wait": "1d", "then": "dnoe"}, ".then", "unknown_node"),
        ({"wait": "1d", "send": {}, "then": "done"}, "", "several_kinds"),
        ({"branch": [], "else": "done"}, ".branch", "empty_list"),
        (
            {"branch": [{"if": {"traid": "x"}, "then": "done"}], "else": "done"},
            ".branch[0].if.traid",
            "unknown_form",
        ),
    ],
)
def test_a_mistake_in_a_node_is_named_with_its_place(node: Json, where: str, code: str) -> None:
    assert (f"$.nodes.first{where}", code) in problems(with_nodes(first=node))


def test_a_node_that_nothing_leads_to_is_refused() -> None:
    lost: Json = {"wait": "1d", "then": "done"}
    assert problems(with_nodes(first={"wait": "1d", "then": "done"}, lost=lost)) == {
        ("$.nodes.lost", "unreachable_node")
    }


@pytest.mark.parametrize(
    ("link", "is_refused"),
    [({"join": True, "then": "first"}, True), ({"wait": "1s", "then": "first"}, False)],
)
def test_a_loop_needs_a_wait(link: Json, is_refused: bool) -> None:
    first: Json = {"branch": [{"if": {"trait": "x", "set": True}, "then": "back"}], "else": "done"}
    codes = {code for _, code in problems(with_nodes(first=first, back=link))}
    assert codes == ({"loop_without_wait"} if is_refused else set())


def test_a_file_is_read_as_yaml_1_2_and_its_mistakes_have_lines() -> None:
    text = """\
id: hello
entry: {on: {event: signed_up}}
start: first
nodes:
  first: {wait: 24h, then: dnoe}
  done: {exit: {outcome: "no"}}
"""
    found = validate(text, name="hello.yaml", known=KNOWN)
    assert [(problem.path, problem.line) for problem in found] == [
        ("$.nodes.first.then", 5),
        ("$.nodes.done", 6),
    ]
    assert "done" in found[0].hint
    assert validate(text.replace("dnoe", "done"), name="hello.yaml", known=KNOWN) == ()
    [syntax] = validate(text + "id: again\n", name="hello.yaml", known=KNOWN)
    assert (syntax.code, syntax.line) == ("duplicate_key", 7)
