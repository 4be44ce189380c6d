"""How many mails a second go out, each marked before it is handed over and written down afterwards.

    .venv/bin/python -m benchmarks.mails [MAILS]

The mail server is the showcase's, in this very process: it shares the interpreter. Checked: every mail
arrived once, and every message is `sent`.
"""

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from perennial.backends.smtp import SmtpProvider, parse_server
from perennial.backends.sql.state import StateStore
from perennial.collect.consent.model import Consent
from perennial.collect.identity.model import TraitTold
from perennial.decide.journeys.model import SendMessage
from perennial.deliver.messages import Delivery, DeliverySettings
from perennial.deliver.templates import save_template
from perennial.kernel.clock import VirtualClock
from perennial.kernel.ids import EnrollmentId, JourneyId, MessageId, NodeId, ProfileId, TemplateId
from perennial.showcase.mailbox import Mailbox

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
TEMPLATE = {
    "id": "welcome",
    "channel": "email",
    "subject": "Hello",
    "text": "Hello {{ person.traits.email }}, there is something new in the shop.",
}


def main(mails: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = StateStore.open(f"sqlite:///{Path(folder) / 'state.db'}")
        people = [ProfileId(1_000 + number) for number in range(mails)]
        agree(store, people)
        with Mailbox(VirtualClock(NOON), capacity=mails) as box:
            provider = SmtpProvider(parse_server(box.url))
            delivery = Delivery(
                store, {"email": provider}, DeliverySettings(sender="Shop <shop@example.com>")
            )
            ask(store, delivery, people)
            send(delivery, box, mails)
        store.close()


def agree(store: StateStore, people: Sequence[ProfileId]) -> None:
    """People with an address, who agreed."""
    told = [
        TraitTold(
            profile_id=one, name="email", value=f"p{one}@example.com", occurred_at=NOON, message_id="told"
        )
        for one in people
    ]
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
    ]
    with store.begin() as transaction:
        save_template(transaction.templates, TEMPLATE, now=NOON)
        transaction.traits.tell(told)
        transaction.consents.record(agreed)


def ask(store: StateStore, delivery: Delivery, people: Sequence[ProfileId]) -> None:
    """One message to each, as a journey asks for it."""
    asked = [
        SendMessage(
            message_id=MessageId(f"msg_{one}"),
            cause=f"enr_{one}:write:1",
            enrollment_id=EnrollmentId(f"enr_{one}"),
            journey_id=JourneyId("winback"),
            version=1,
            node=NodeId("write"),
            arm="treated",
            profile_id=one,
            channel="email",
            template_id=TemplateId("welcome"),
            topic="marketing",
            priority=50,
            created_at=NOON,
            expires_at=None,
            over_cap="hold",
            withheld=False,
        )
        for one in people
    ]
    with store.begin() as transaction:
        transaction.emitted.record(delivery.accept(asked, transaction, now=NOON))


def send(delivery: Delivery, box: Mailbox, mails: int) -> None:
    """Rounds of sending until nothing is due."""
    wall, spent, own = time.perf_counter(), time.process_time(), time.thread_time()
    sent, has_more = 0, True
    while has_more:
        delivery.release_held(now=NOON)
        done = delivery.deliver_due(now=NOON)
        sent, has_more = sent + done.sent, done.has_more
    wall, spent, own = time.perf_counter() - wall, time.process_time() - spent, time.thread_time() - own
    arrived = {mail.message["Message-ID"] for mail in box.mails}
    if not sent == box.total == len(arrived) == mails:
        sys.exit(f"wrong answer: {sent} sent, {box.total} arrived, {len(arrived)} different, of {mails}")
    print(
        f"{mails} mails: {sent / wall:,.0f}/s; {spent / sent * 1000:.2f} ms of processor each, of it"
        f" {own / sent * 1000:.2f} the sender's; load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
