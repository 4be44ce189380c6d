"""From a journey's wish to a mail in a mailbox, with everything that can go wrong on the way."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.deliver.delivery_builders import ANNA, BO, DAY, HOUR, NOON, a_send, template_document

from perennial.backends.smtp import SmtpProvider, parse_server
from perennial.backends.sql.state import StateStore
from perennial.collect.consent.model import Consent, ConsentState
from perennial.collect.identity.model import TraitTold
from perennial.decide.journeys.model import Channel, SendMessage
from perennial.decide.policies import FrequencyCap, GatePolicy
from perennial.deliver.channels import Limits, Outgoing, Provider, Receipt
from perennial.deliver.messages import Delivery, DeliverySettings
from perennial.deliver.templates import save_template
from perennial.kernel.clock import VirtualClock
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json
from perennial.showcase.mailbox import ACCEPTED, Answer, Mailbox

SETTINGS = DeliverySettings(
    policy=GatePolicy(caps=(FrequencyCap(limit=1),)), sender="Shop <shop@example.com>"
)


class Bench:
    """A workspace's state with Anna and Bo in it, who agreed to marketing, and a clock moved by hand."""

    def __init__(self, store: StateStore) -> None:
        self.store = store
        self.clock = VirtualClock(NOON)
        with store.begin() as tx:
            save_template(tx.templates, template_document(), now=NOON)
        for person in (ANNA, BO):
            self.tell(person, "email", f"p{person}@example.com")
            self.consent(person, "granted", at=NOON - DAY)

    def tell(self, person: ProfileId, name: str, value: Json) -> None:
        told = TraitTold(
            profile_id=person, name=name, value=value, occurred_at=self.clock.now(), message_id="t"
        )
        with self.store.begin() as tx:
            tx.traits.tell([told])

    def consent(self, person: ProfileId, state: ConsentState, *, at: datetime | None = None) -> None:
        said = Consent(
            profile_id=person,
            channel="email",
            topic="marketing",
            state=state,
            proof="form",
            occurred_at=at or self.clock.now(),
            message_id=f"c-{state}",
        )
        with self.store.begin() as tx:
            tx.consents.record([said])

    def delivery(self, provider: Provider | None) -> Delivery:
        return Delivery(self.store, {"email": provider} if provider else {}, SETTINGS)

    def ask(self, *effects: SendMessage) -> None:
        with self.store.begin() as tx:
            tx.emitted.record(self.delivery(None).accept(effects, tx, now=self.clock.now()))

    def states(self) -> dict[str, tuple[str, str]]:
        with self.store.read() as tx:
            page = tx.outbox.page(user_id=None, state=None, limit=100, after=None)
        return {row.message_id: (row.state, row.reason) for row in page.messages}

    def trail(self) -> list[str]:
        with self.store.read() as tx:
            return [event.name for _, event in tx.emitted.read(after=0, limit=1_000)]


class Scripted:
    """A provider that does what the test says, and counts how often each message was handed to it."""

    channel: Channel = "email"
    limits = Limits(batch=2)

    def __init__(self, *answers: Sequence[Receipt] | BaseException) -> None:
        self.answers = list(answers)
        self.calls: list[list[str]] = []

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        self.calls.append([outgoing.message_id for outgoing in batch])
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    store = StateStore.open(f"sqlite:///{tmp_path / 'state.db'}")
    yield Bench(store)
    store.close()


def mailbox(bench: Bench, answer: Answer = lambda _mail: ACCEPTED) -> Mailbox:
    return Mailbox(bench.clock, answer=answer)


def smtp(box: Mailbox) -> SmtpProvider:
    return SmtpProvider(parse_server(box.url), timeout_seconds=2)


def test_a_wish_becomes_one_mail_at_the_virtual_time(bench: Bench) -> None:
    bench.tell(ANNA, "name", "Anna")
    bench.ask(a_send())
    with mailbox(bench) as box:
        delivery = bench.delivery(smtp(box))
        bench.clock.advance(HOUR)
        done = delivery.deliver_due(now=bench.clock.now())
        again = delivery.deliver_due(now=bench.clock.now())
        (mail,) = box.mails
    assert (done.sent, again.sent) == (1, 0)
    assert mail.message["Date"] == "Tue, 31 Mar 2026 13:00:00 +0000"
    assert mail.message["To"] == "p101@example.com"
    assert mail.message.get_content().strip() == "Hello Anna"
    assert bench.states() == {"msg_1": ("sent", "")}
    assert bench.trail() == ["message_queued", "message_sent"]


def test_consent_withdrawn_while_a_message_waits_stops_it(bench: Bench) -> None:
    bench.ask(a_send())
    bench.clock.advance(HOUR)
    bench.consent(ANNA, "withdrawn")
    with mailbox(bench) as box:
        bench.delivery(smtp(box)).deliver_due(now=bench.clock.now())
        assert box.mails == ()
    assert bench.states() == {"msg_1": ("dropped", "no_consent")}
    assert bench.trail() == ["message_queued", "message_dropped"]


def test_a_held_message_goes_out_when_the_window_frees_up_and_not_before(bench: Bench) -> None:
    bench.ask(a_send("first"), a_send("second", priority=10))
    with mailbox(bench) as box:
        delivery = bench.delivery(smtp(box))
        delivery.deliver_due(now=bench.clock.now())
        bench.clock.advance(7 * DAY - timedelta(seconds=1))
        assert delivery.release_held(now=bench.clock.now()).released == 0
        bench.clock.advance(timedelta(seconds=1))
        assert delivery.release_held(now=bench.clock.now()).released == 1
        delivery.deliver_due(now=bench.clock.now())
        assert len(box.mails) == 2
    assert bench.states() == {"msg_first": ("sent", ""), "msg_second": ("sent", "")}


def test_a_held_message_that_is_no_longer_valid_is_dropped(bench: Bench) -> None:
    bench.ask(a_send("first"))
    bench.clock.advance(HOUR)
    bench.ask(a_send("second", expires_at=NOON + 8 * DAY))
    assert bench.states()["msg_second"] == ("held", "capped")
    bench.clock.advance(9 * DAY)
    bench.delivery(None).release_held(now=bench.clock.now())
    assert bench.states()["msg_second"] == ("dropped", "expired")


def test_a_server_that_is_away_loses_nothing_and_says_why(bench: Bench) -> None:
    bench.ask(a_send())
    with mailbox(bench) as box:
        port = box.port
    away = SmtpProvider(parse_server(f"smtp://127.0.0.1:{port}"), timeout_seconds=2)
    done = bench.delivery(away).deliver_due(now=bench.clock.now())
    assert (done.put_off, done.has_more) == (1, False)
    assert bench.states() == {"msg_1": ("queued", "connection_refused")}
    bench.clock.advance(HOUR)
    with Mailbox(bench.clock, port=port) as box:
        bench.delivery(away).deliver_due(now=bench.clock.now())
        assert len(box.mails) == 1
    assert bench.states() == {"msg_1": ("sent", "")}
    assert bench.trail() == ["message_queued", "message_sent"], "an outage does not fill the log"


def test_without_a_provider_messages_wait_and_say_so(bench: Bench) -> None:
    bench.ask(a_send())
    bench.delivery(None).deliver_due(now=bench.clock.now())
    assert bench.states() == {"msg_1": ("queued", "no_provider")}


def test_a_refusal_for_now_is_tried_later_and_one_for_good_is_not(bench: Bench) -> None:
    answers = {"p101@example.com": "451 later", "p102@example.com": "550 no"}
    bench.ask(a_send("1", to=ANNA), a_send("2", to=BO))
    with mailbox(bench, lambda mail: answers[mail.recipients[0]]) as box:
        delivery = bench.delivery(smtp(box))
        delivery.deliver_due(now=bench.clock.now())
        assert bench.states() == {"msg_1": ("queued", "refused_451"), "msg_2": ("failed", "refused_550")}
        answers["p101@example.com"] = ACCEPTED
        delivery.deliver_due(now=bench.clock.now())
        assert box.mails == (), "not before its time"
        bench.clock.advance(HOUR)
        delivery.deliver_due(now=bench.clock.now())
        assert len(box.mails) == 1
    assert bench.states()["msg_1"] == ("sent", "")


def test_a_line_that_breaks_after_the_text_is_unknown_and_never_sent_again(bench: Bench) -> None:
    bench.ask(a_send())
    seen: list[str] = []

    def hang_up(mail: object) -> None:
        seen.append(str(mail))

    with mailbox(bench, hang_up) as box:
        delivery = bench.delivery(smtp(box))
        for _ in range(3):
            delivery.deliver_due(now=bench.clock.now())
            bench.clock.advance(DAY)
    assert len(seen) == 1
    assert bench.states() == {"msg_1": ("unknown", "no_answer")}
    assert bench.trail() == ["message_queued", "message_unknown"]


def test_a_crash_between_the_call_and_its_answer_leaves_unknown_and_no_second_mail(bench: Bench) -> None:
    bench.ask(a_send())
    dying = Scripted(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        bench.delivery(dying).deliver_due(now=bench.clock.now())
    assert bench.states() == {"msg_1": ("sending", "")}, "it was written down before the call"

    after_restart = Scripted()
    delivery = bench.delivery(after_restart)
    assert delivery.resolve_interrupted(now=bench.clock.now()) == 1
    delivery.deliver_due(now=bench.clock.now())
    assert after_restart.calls == []
    assert bench.states() == {"msg_1": ("unknown", "interrupted")}
    assert delivery.resolve_interrupted(now=bench.clock.now()) == 0


def test_the_late_answer_of_a_process_that_was_replaced_changes_nothing(bench: Bench) -> None:
    bench.ask(a_send("1"), a_send("2", to=BO))
    successor = bench.delivery(Scripted())

    class Slow(Scripted):
        """While it talks to its server, another process takes its share over."""

        def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
            assert successor.resolve_interrupted(now=bench.clock.now()) == 2
            return super().send(batch)

    accepted = [Receipt(message_id=a_send(name).message_id, outcome="accepted") for name in ("1", "2")]
    done = bench.delivery(Slow(accepted)).deliver_due(now=bench.clock.now())
    assert done.sent == 0
    assert set(bench.states().values()) == {("unknown", "interrupted")}
    assert bench.trail().count("message_unknown") == 2


def test_a_provider_that_fails_without_a_receipt_leaves_unknown(bench: Bench) -> None:
    bench.ask(a_send("1", to=ANNA), a_send("2", to=BO))
    broken = Scripted(RuntimeError("a mistake in the provider"))
    with pytest.raises(RuntimeError):
        bench.delivery(broken).deliver_due(now=bench.clock.now())
    assert set(bench.states().values()) == {("unknown", "no_receipt")}


def test_a_message_the_provider_says_nothing_about_is_unknown(bench: Bench) -> None:
    bench.ask(a_send("1", to=ANNA), a_send("2", to=BO))
    forgetful = Scripted([Receipt(message_id=a_send("1").message_id, outcome="accepted")])
    bench.delivery(forgetful).deliver_due(now=bench.clock.now())
    assert bench.states() == {"msg_1": ("sent", ""), "msg_2": ("unknown", "no_receipt")}


def test_a_round_takes_no_more_than_the_provider_does_and_says_that_there_is_more(bench: Bench) -> None:
    bench.ask(*(a_send(str(n), topic="transactional") for n in range(3)))

    def accepted(*names: str) -> list[Receipt]:
        return [Receipt(message_id=a_send(name).message_id, outcome="accepted") for name in names]

    provider = Scripted(accepted("0", "1"), accepted("2"))
    delivery = bench.delivery(provider)
    rounds = [delivery.deliver_due(now=bench.clock.now()) for _ in range(2)]
    assert [(one.sent, one.has_more) for one in rounds] == [(2, True), (1, False)]
    assert provider.calls == [["msg_0", "msg_1"], ["msg_2"]]


def test_a_template_that_says_nothing_for_a_person_fails_their_message_only(bench: Bench) -> None:
    with bench.store.begin() as tx:
        document = {**template_document(), "text": "Dear {{ person.traits.name }}"}
        save_template(tx.templates, document, now=NOON)
    bench.tell(BO, "name", "Bo")
    bench.ask(a_send("1", to=ANNA), a_send("2", to=BO))
    with mailbox(bench) as box:
        bench.delivery(smtp(box)).deliver_due(now=bench.clock.now())
        assert [mail.recipients for mail in box.mails] == [("p102@example.com",)]
    assert bench.states() == {"msg_1": ("failed", "missing_variable"), "msg_2": ("sent", "")}


def test_a_name_with_a_line_break_in_it_cannot_add_a_header(bench: Bench) -> None:
    with bench.store.begin() as tx:
        save_template(
            tx.templates, {**template_document(), "subject": "Hi {{ person.traits.name }}!"}, now=NOON
        )
    bench.tell(ANNA, "name", "Anna\r\nBcc: everyone@example.com\r\n\r\n")
    bench.ask(a_send())
    with mailbox(bench) as box:
        bench.delivery(smtp(box)).deliver_due(now=bench.clock.now())
        assert box.mails == ()
    assert bench.states() == {"msg_1": ("failed", "line_break_in_subject")}


def test_a_control_gets_nothing_ever(bench: Bench) -> None:
    bench.ask(a_send(arm="control"))
    with mailbox(bench) as box:
        bench.delivery(smtp(box)).deliver_due(now=bench.clock.now() + DAY)
        assert box.mails == ()
    assert bench.states() == {}
    assert bench.trail() == ["message_withheld"]
