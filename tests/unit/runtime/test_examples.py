"""Examples of a journey's file: run by the real rules, on a clock and with a memory of their own."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from perennial.decide.journeys import PublishedJourney, parse_journey
from perennial.decide.policies import FrequencyCap, GatePolicy
from perennial.decide.rehearsals import Setting, Tally
from perennial.decide.rehearsals.examples import parse_examples
from perennial.kernel.conditions.evaluator import PersonHistory
from perennial.kernel.documents import read_document
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json
from perennial.kernel.windows import MICROSECOND, Zone
from perennial.runtime.rehearsing.engine import Rehearsal
from perennial.runtime.rehearsing.examples import Surroundings, run_examples
from perennial.runtime.rehearsing.recalled import Recalled

CART = """
id: cart_winback
entry: {on: {event: add_to_cart}, key: cart_id}
reentry: per_key
goal: {event: order_paid, same: cart_id, for: 3d}
exit: [{event: order_paid, same: cart_id}]
control: "10%"
start: pause
nodes:
  pause: {wait: 24h, then: worth}
  worth:
    branch: [{if: {measure: sum(amount), of: order_paid, within: 365d, is: ">= 500"}, then: offer}]
    else: done
  offer: {send: {channel: email, template: offer, topic: marketing, expires: 2d}, then: done}
  done: {exit: {outcome: asked}}
"""
AROUND = Surroundings(
    policy=GatePolicy(), zone=Zone(name="Asia/Shanghai"), resolve=lambda condition, _: condition
)


def told(examples: str, *, around: Surroundings = AROUND) -> Mapping[str, Json]:
    """What came of the first of some examples."""
    document = read_document(CART + examples, name="cart").value
    journey = parse_journey(document)
    found = parse_examples(journey.examples, zone=around.zone)
    return run_examples(journey, found, around)[0]


BOUGHT = "{at: 2025-12-01T00:00:00Z, event: order_paid, properties: {amount: 600}}"
CARTED = "{at: 0s, event: add_to_cart, properties: {cart_id: c1}}"


def test_a_left_cart_is_written_about_a_day_later() -> None:
    found = told(
        f"""
examples:
  - name: left
    given: [{BOUGHT}, {CARTED}]
    expect:
      path: [pause, worth, offer, done]
      messages: [{{node: offer, template: offer, at: 24h}}]
      outcome: asked
      goal: missed
"""
    )
    assert (found["ok"], found["mismatches"]) == (True, [])


def test_what_is_not_as_expected_is_said_with_both_sides() -> None:
    found = told(f"examples: [{{given: [{CARTED}], expect: {{path: [pause, worth, offer, done]}}}}]")
    assert found["ok"] is False
    assert found["mismatches"] == [
        {
            "what": "path",
            "expected": ["pause", "worth", "offer", "done"],
            "found": ["pause", "worth", "done"],
        }
    ]


def test_paying_for_that_cart_ends_the_run_and_is_its_goal_and_a_late_payment_does_so_too() -> None:
    for received in ("1s", "20h"):
        paid = f"{{at: 2h, received: {received}, event: order_paid, properties: {{cart_id: c1, amount: 9}}}}"
        expect = "{path: [pause], messages: [], outcome: exit_rule, goal: reached}"
        found = told(f"examples: [{{given: [{BOUGHT}, {CARTED}, {paid}], expect: {expect}}}]")
        assert found["mismatches"] == []


def test_what_comes_in_after_the_message_was_written_cannot_have_been_known() -> None:
    bought = "{at: 1h, received: 30h, event: order_paid, properties: {amount: 600}}"
    found = told(f"examples: [{{given: [{CARTED}, {bought}], expect: {{path: [pause, worth, done]}}}}]")
    assert found["mismatches"] == []


def test_the_control_walks_the_same_way_and_its_message_is_withheld() -> None:
    expect = "{path: [pause, worth, offer, done], messages: [{node: offer, state: withheld}]}"
    found = told(f"examples: [{{arm: control, given: [{BOUGHT}, {CARTED}], expect: {expect}}}]")
    assert found["mismatches"] == []


def test_caps_and_quiet_hours_of_the_workspace_hold_in_examples() -> None:
    around = Surroundings(
        policy=GatePolicy(caps=(FrequencyCap(limit=1, window=timedelta(days=7)),)),
        zone=AROUND.zone,
        resolve=AROUND.resolve,
    )
    second = "{at: 1h, event: add_to_cart, properties: {cart_id: c2}}"
    expect = "{messages: [{node: offer, state: dropped, reason: capped}]}"
    found = told(
        f"examples: [{{key: c2, given: [{BOUGHT}, {CARTED}, {second}], expect: {expect}}}]", around=around
    )
    assert found["mismatches"] == []


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("{at: 0s, traits: {city: 上海}}", "no_address"),
        ("{at: 0s, traits: {email: li@example.com}}", "no_consent"),
    ],
)
def test_whoever_is_not_taken_for_reachable_is_as_they_are_given(given: str, reason: str) -> None:
    expect = f"{{messages: [{{node: offer, state: dropped, reason: {reason}}}]}}"
    found = told(f"examples: [{{reachable: false, given: [{BOUGHT}, {given}, {CARTED}], expect: {expect}}}]")
    assert found["mismatches"] == []


def test_nobody_comes_in_where_that_is_what_is_expected() -> None:
    other = "{at: 0s, event: page_seen}"
    assert told(f"examples: [{{given: [{other}], expect: {{entered: false}}}}]")["ok"] is True
    assert told(f"examples: [{{given: [{other}], expect: {{path: [pause]}}}}]")["ok"] is False


@pytest.mark.parametrize(
    ("examples", "path", "code"),
    [
        ("examples: [{given: [], expect: {path: []}}]", "$.examples[0].given", "empty_list"),
        ("examples: [{given: [{at: 0s}], expect: {path: []}}]", "$.examples[0].given[0]", "missing_key"),
        ("examples: [{given: [{event: a}], expect: {}}]", "$.examples[0].expect", "empty_example"),
        (
            "examples: [{given: [{event: a, at: soon}], expect: {path: []}}]",
            "$.examples[0].given[0].at",
            "bad_instant",
        ),
        (
            "examples: [{given: [{event: a}], expect: {paths: []}}]",
            "$.examples[0].expect.paths",
            "unknown_key",
        ),
        (
            "examples: [{given: [{event: a}], arm: both, expect: {path: []}}]",
            "$.examples[0].arm",
            "unknown_word",
        ),
    ],
)
def test_a_mistake_in_an_example_is_named_with_its_place(examples: str, path: str, code: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        told(examples)
    assert (refused.value.problems[0].path, refused.value.problems[0].code) == (path, code)


def test_nobody_answers_a_message_that_was_never_sent_and_the_tally_counts_where_that_was_assumed() -> None:
    document = read_document(
        """
id: ask
entry: {on: {event: signed_up}}
start: write
nodes:
  write: {send: {channel: email, template: hello, topic: marketing}, then: opened}
  opened: {wait_until: {event: message_opened}, at_most: 2d, then: done, on_timeout: lost}
  done: {exit: {outcome: opened}}
  lost: {exit: {outcome: ignored}}
examples:
  - {given: [{event: signed_up}], expect: {path: [write, opened, lost], outcome: ignored}}
""",
        name="ask",
    ).value
    journey = parse_journey(document)
    [example] = parse_examples(journey.examples, zone=AROUND.zone)
    assert run_examples(journey, [example], AROUND)[0]["mismatches"] == []
    tally = Tally(journey)
    published = PublishedJourney(journey=journey, version=1, published_at=example.start)
    setting = Setting(
        journeys=(published,),
        start=example.start - MICROSECOND,
        end=example.until,
        step=timedelta(hours=6),
        policy=AROUND.policy,
        zone=AROUND.zone,
    )
    person = PersonHistory(profile_id=ProfileId(1), events=example.given)
    past = Recalled(person, zone=AROUND.zone, resolve=AROUND.resolve, is_reachable=True)
    assert Rehearsal(setting, past, past, [tally]).run()
    assert tally.assumed() == {"opened": 1}
    assert tally.sent == {"email": 1}
