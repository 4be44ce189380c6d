"""The gate over everyone, and messages through gate, rendering and outbox.

    .venv/bin/python -m benchmarks.gate [PEOPLE] [MESSAGES]

First the gate's verdict on one message to each of so many people (two caps, quiet hours, a holdout, everybody
with a zone, every tenth without consent, every fiftieth suppressed); then so many personalised messages in
MJML with tracked links through gate and outbox, rendered and settled, with a provider that
takes everything at once. Checked: the gate's counts against what was put in; every message is `sent` once.
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from pathlib import Path

from benchmarks.mails import ask
from perennial.backends.sql.state import StateStore
from perennial.collect.consent.model import Consent, Suppression
from perennial.collect.identity.model import TraitTold
from perennial.decide.assignment import Holdout, is_held_out
from perennial.decide.policies import FrequencyCap, GatePolicy, QuietHours, Reach
from perennial.deliver.channels import Limits, Outgoing, Receipt
from perennial.deliver.messages import Delivery, DeliverySettings, Message
from perennial.deliver.messages.forecast import Forecast
from perennial.deliver.messages.gate import Gate
from perennial.deliver.templates import save_template
from perennial.deliver.tracking import LinkKeys, Links, ReachedAt
from perennial.kernel.ids import EnrollmentId, JourneyId, MessageId, NodeId, ProfileId, TemplateId
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney")
HOLDOUT = Holdout(share=0.05)
AT_ONCE = 5_000
TEMPLATE: Json = {
    "id": "welcome",
    "channel": "email",
    "subject": "Hello {{ person.traits.email }}",
    "utm": {"source": "crm"},
    "mjml": (
        "<mjml><mj-body><mj-section><mj-column>"
        "<mj-text>Hello {{ person.traits.email }}, there is something new.</mj-text>"
        '<mj-button href="https://shop.example/new">Look</mj-button>'
        "</mj-column></mj-section></mj-body></mjml>"
    ),
}


class Taker:
    """A provider that takes everything at once."""

    channel = "email"
    limits = Limits(batch=500)

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Yes to all."""
        return [Receipt(message_id=one.message_id, outcome="accepted") for one in batch]


def main(people: int, messages: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = StateStore.open(f"sqlite:///{Path(folder) / 'state.db'}")
        everyone = [ProfileId(1_000 + number) for number in range(people)]
        for start in range(0, people, 50_000):
            meet(store, everyone[start : start + 50_000])
        judge_everyone(store, everyone)
        through(store, everyone[:messages])
        store.close()


def meet(store: StateStore, people: Sequence[ProfileId]) -> None:
    """People with an address and a zone; nine of ten agreed, one of fifty is suppressed."""
    told: list[TraitTold] = []
    for one in people:
        for name, value in (("email", f"p{one}@example.com"), ("timezone", ZONES[one % len(ZONES)])):
            told.append(
                TraitTold(profile_id=one, name=name, value=value, occurred_at=NOON, message_id=f"told-{one}")
            )
    agreed = [
        Consent(
            profile_id=one,
            channel="email",
            topic="marketing",
            state="granted",
            proof="form",
            occurred_at=NOON - timedelta(days=1),
            message_id=f"agreed-{one}",
        )
        for one in people
        if one % 10
    ]
    silent = [
        Suppression(channel="email", address=f"p{one}@example.com", reason="bounced", since=NOON)
        for one in people
        if one % 50 == 1
    ]
    with store.begin() as transaction:
        transaction.traits.tell(told)
        transaction.consents.record(agreed)
        transaction.suppressions.add(silent)


def policy() -> GatePolicy:
    """Two caps, quiet hours for marketing, a holdout."""
    marketing = Reach(topics=("marketing",))
    caps = (
        FrequencyCap(limit=3, window=timedelta(days=7), reach=marketing),
        FrequencyCap(limit=1, window="day", reach=Reach(), together=True),
    )
    quiet = QuietHours(
        start=clock(22),
        end=clock(8),
        reach=marketing,
    )
    return GatePolicy(caps=caps, quiet_hours=(quiet,), holdout=HOLDOUT)


def judge_everyone(store: StateStore, people: Sequence[ProfileId]) -> None:
    """One verdict on a message to each."""
    gate, zone = Gate(policy=policy(), zone=Zone()), Zone()
    asked = message()
    wall, spent = time.perf_counter(), time.process_time()
    forecast = Forecast()
    with store.read() as state:
        for start in range(0, len(people), AT_ONCE):
            forecast.add(state, people[start : start + AT_ONCE], asked, gate, now=NOON)
    wall, spent = time.perf_counter() - wall, time.process_time() - spent
    no_consent = sum(1 for one in people if one % 10 == 0)
    suppressed = sum(1 for one in people if one % 50 == 1)
    held_out = sum(
        1 for one in people if one % 10 and one % 50 != 1 and is_held_out(one, HOLDOUT, now=NOON, zone=zone)
    )
    expected = {"no_consent": no_consent, "suppressed": suppressed, "holdout": held_out}
    if dict(forecast.dropped) != expected or forecast.people != len(people):
        sys.exit(f"wrong answer: {forecast.counts} {forecast.dropped}, expected {expected}")
    print(
        f"gate over {len(people):,} people: {wall:.1f} s, {spent:.1f} s of processor,"
        f" {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB;"
        f" {forecast.counts}; load {os.getloadavg()[0]:.1f}"
    )


def message() -> Message:
    """One that nobody asked for."""
    return Message(
        message_id=MessageId("forecast"),
        cause="forecast",
        journey_id=JourneyId(""),
        journey_version=0,
        enrollment_id=EnrollmentId(""),
        node=NodeId(""),
        arm="treated",
        profile_id=ProfileId(0),
        channel="email",
        topic="marketing",
        template_id=TemplateId(""),
        template_version=0,
        address="",
        priority=50,
        over_cap="hold",
        state="queued",
        reason="",
        created_at=NOON,
        due_at=NOON,
        expires_at=None,
    )


def through(store: StateStore, people: Sequence[ProfileId]) -> None:
    """Messages asked for, written, rendered and settled."""
    with store.begin() as transaction:
        save_template(transaction.templates, TEMPLATE, now=NOON)
    reached_at = ReachedAt(address="https://crm.example")
    settings = DeliverySettings(
        policy=GatePolicy(caps=(FrequencyCap(limit=3, window=timedelta(days=7)),)),
        sender="Shop <shop@example.com>",
        links=Links("default", LinkKeys(secrets=("a secret",)), lambda: reached_at),
    )
    delivery = Delivery(store, {"email": Taker()}, settings)
    reachable = [one for one in people if one % 10 and one % 50 != 1]
    wall, spent = time.perf_counter(), time.process_time()
    for start in range(0, len(reachable), 1_000):
        ask(store, delivery, reachable[start : start + 1_000])
    asked = time.perf_counter() - wall
    sent, has_more = 0, True
    while has_more:
        done = delivery.deliver_due(now=NOON)
        sent, has_more = sent + done.sent, done.has_more
    wall, spent = time.perf_counter() - wall, time.process_time() - spent
    if sent != len(reachable):
        sys.exit(f"wrong answer: {sent} sent of {len(reachable)}")
    print(
        f"{sent:,} messages through gate, outbox, rendering: {sent / wall:,.0f}/s ({asked:.1f} s asked,"
        f" {wall - asked:.1f} s out); {spent / sent * 1000:.2f} ms of processor each;"
        f" load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    main(given[0] if given else 1_000_000, given[1] if len(given) > 1 else 20_000)
