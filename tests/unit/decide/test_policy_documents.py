"""A policy's document: what it says, everything that can be wrong with it, and its round trip."""

from datetime import time, timedelta

import pytest

from perennial.decide.assignment import Holdout
from perennial.decide.journeys.model import CHANNELS
from perennial.decide.policies import FrequencyCap, GatePolicy, QuietHours, Rate, Reach, parse_policy
from perennial.decide.policies.write import policy_document
from perennial.kernel.documents import read_document
from perennial.kernel.errors import InvalidDocument

WHOLE = """
caps:
  - {at_most: 3, per: 7d, topics: [marketing]}
  - {at_most: 1, per: day, channels: [email], together: true}
quiet_hours:
  - {from: "22:00", to: "08:00", spread: 20m}
rates: {email: {per_second: 0.5}}
best_hour: "18:30"
holdout: 2.5%
"""


def read(text: str) -> GatePolicy:
    return parse_policy(read_document(text, name="policy").value, channels=CHANNELS)


def test_a_policy_says_what_is_written() -> None:
    policy = read(WHOLE)
    assert policy.caps == (
        FrequencyCap(limit=3, window=timedelta(days=7), reach=Reach(topics=("marketing",))),
        FrequencyCap(limit=1, window="day", reach=Reach(channels=("email",)), together=True),
    )
    (quiet,) = policy.quiet_hours
    assert quiet == QuietHours(start=time(22), end=time(8), spread=timedelta(minutes=20))
    assert policy.rates == {"email": Rate(per_second=0.5, burst=1)}
    assert (policy.best_hour, policy.holdout) == (time(18, 30), Holdout(share=0.025))


def test_what_is_left_out_is_no_cap_no_quiet_hours_and_a_holdout() -> None:
    policy = read("{}")
    assert (policy.caps, policy.quiet_hours, policy.rates) == ((), (), {})
    assert policy.holdout == Holdout(share=0.05)
    assert read("holdout: none").holdout is None


@pytest.mark.parametrize("text", [WHOLE, "{}", "holdout: none", "holdout: 33.3333%"])
def test_a_policy_written_down_reads_as_the_same(text: str) -> None:
    policy = read(text)
    again = parse_policy(policy_document(policy), channels=CHANNELS)
    assert (again.caps, again.quiet_hours, again.rates) == (policy.caps, policy.quiet_hours, policy.rates)
    assert (again.best_hour, again.holdout) == (policy.best_hour, policy.holdout)


@pytest.mark.parametrize(
    ("text", "path", "code"),
    [
        ("[]", "$", "wrong_type"),
        ("quiet: []", "$.quiet", "unknown_key"),
        ("caps: {at_most: 1}", "$.caps", "wrong_type"),
        ("caps: [{at_most: 0, per: 7d}]", "$.caps[0].at_most", "bad_count"),
        ("caps: [{at_most: 1}]", "$.caps[0].per", "missing"),
        ("caps: [{at_most: 1, per: year}]", "$.caps[0].per", "bad_duration"),
        ("caps: [{at_most: 1, per: 7d, together: 1}]", "$.caps[0].together", "wrong_type"),
        ("caps: [{at_most: 1, per: 7d, channels: [emial]}]", "$.caps[0].channels[0]", "unknown_channel"),
        ("caps: [{at_most: 1, per: 7d, topics: [transactional]}]", "$.caps[0].topics", "transactional"),
        ('quiet_hours: [{from: "22:00"}]', "$.quiet_hours[0].to", "bad_time"),
        ('quiet_hours: [{from: "24:00", to: "08:00"}]', "$.quiet_hours[0].from", "bad_time"),
        ('quiet_hours: [{from: "08:00", to: "08:00"}]', "$.quiet_hours[0]", "never_open"),
        ('quiet_hours: [{from: "22:00", to: "08:00", spread: 13h}]', "$.quiet_hours[0].spread", "too_long"),
        (
            'quiet_hours: [{from: "08:00", to: "20:00"}, {from: "20:00", to: "08:00"}]',
            "$.quiet_hours",
            "never_open",
        ),
        ("rates: {email: {per_second: 0}}", "$.rates.email.per_second", "bad_rate"),
        ("rates: {mail: {per_second: 5}}", "$.rates.mail", "unknown_channel"),
        ("holdout: 60%", "$.holdout", "bad_holdout"),
        ("holdout: 0.05", "$.holdout", "bad_holdout"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, path: str, code: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        read(text)
    assert [(problem.path, problem.code) for problem in caught.value.problems] == [(path, code)]
