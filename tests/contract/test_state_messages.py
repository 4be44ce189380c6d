from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from tests.services.state import OpenStore
from tests.unit.deliver.delivery_builders import (
    ANNA,
    BO,
    DAY,
    HOUR,
    NOON,
    a_message,
    a_send,
    template_document,
)

from perennial.backends.sql.state import StateStore, StateTransaction
from perennial.collect.consent.model import Consent, ConsentState, Suppression
from perennial.collect.identity.model import TraitTold
from perennial.compute.profiles import InvalidCursor
from perennial.decide.journeys.model import SendMessage
from perennial.decide.policies import FrequencyCap, GatePolicy
from perennial.deliver.messages import SHARDS, Delivery, DeliverySettings, Message, MessageState, Share
from perennial.deliver.messages.service import UnknownMessageState, message_state
from perennial.deliver.templates import list_templates, save_template
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import MessageId, ProfileId, TemplateId
from perennial.kernel.leases import Lease


@pytest.fixture
def store(open_new: OpenStore) -> StateStore:
    return StateStore(open_new("state"))


@pytest.fixture
def tx(store: StateStore) -> Iterator[StateTransaction]:
    with store.begin() as transaction:
        save_template(transaction.templates, template_document(), now=NOON)
        yield transaction


def consent(profile_id: ProfileId, state: ConsentState = "granted", *, at: datetime = NOON - DAY) -> Consent:
    return Consent(
        profile_id=profile_id,
        channel="email",
        topic="marketing",
        state=state,
        proof="form",
        occurred_at=at,
        message_id=f"c-{profile_id}-{at}",
    )


def reachable(tx: StateTransaction, *people: ProfileId) -> None:
    """People with an address who agreed to marketing."""
    tx.traits.tell(
        [
            TraitTold(
                profile_id=person,
                name="email",
                value=f"p{person}@example.com",
                occurred_at=NOON - DAY,
                message_id=f"t-{person}",
            )
            for person in people
        ]
    )
    tx.consents.record([consent(person) for person in people])


def accept(
    store: StateStore,
    tx: StateTransaction,
    *effects: SendMessage,
    now: datetime = NOON,
    cap: FrequencyCap | None = None,
) -> list[EmittedEvent]:
    delivery = Delivery(store, {}, DeliverySettings(policy=GatePolicy(caps=(cap or FrequencyCap(limit=1),))))
    return list(delivery.accept(effects, tx, now=now))


def outcomes(tx: StateTransaction) -> dict[str, tuple[MessageState, str]]:
    page = tx.outbox.page(user_id=None, state=None, limit=100, after=None)
    return {row.message_id: (row.state, row.reason) for row in page.messages}


def test_a_message_to_somebody_who_agreed_is_queued(store: StateStore, tx: StateTransaction) -> None:
    reachable(tx, ANNA)
    events = accept(store, tx, a_send())
    assert outcomes(tx) == {"msg_1": ("queued", "")}
    assert [event.name for event in events] == ["message_queued"]


def test_the_same_effect_twice_writes_one_row_and_one_trail(store: StateStore, tx: StateTransaction) -> None:
    reachable(tx, ANNA)
    accept(store, tx, a_send(), a_send())
    again = accept(store, tx, a_send(), now=NOON + HOUR)
    assert outcomes(tx) == {"msg_1": ("queued", "")}
    assert again == []


def test_nobody_is_written_to_without_address_or_consent(store: StateStore, tx: StateTransaction) -> None:
    tx.consents.record([consent(ANNA)])
    tx.traits.tell(
        [TraitTold(profile_id=BO, name="email", value="bo@example.com", occurred_at=NOON, message_id="t")]
    )
    accept(store, tx, a_send("1", to=ANNA), a_send("2", to=BO), a_send("3", to=BO, topic="transactional"))
    assert outcomes(tx) == {
        "msg_1": ("dropped", "no_address"),
        "msg_2": ("dropped", "no_consent"),
        "msg_3": ("queued", ""),
    }


def test_a_suppressed_mailbox_gets_nothing_however_it_is_spelt(
    store: StateStore, tx: StateTransaction
) -> None:
    reachable(tx, ANNA)
    tx.traits.tell(
        [
            TraitTold(
                profile_id=ANNA, name="email", value="Anna@Example.com", occurred_at=NOON, message_id="t2"
            )
        ]
    )
    tx.suppressions.add(
        [Suppression(channel="email", address="anna@example.com", reason="bounced", since=NOON)]
    )
    accept(store, tx, a_send("1"), a_send("2", topic="transactional"))
    assert set(outcomes(tx).values()) == {("dropped", "suppressed")}


def test_messages_to_one_person_compete_and_the_loser_is_held_until_the_window_frees_up(
    store: StateStore, tx: StateTransaction
) -> None:
    reachable(tx, ANNA)
    events = accept(store, tx, a_send("low", priority=10), a_send("high", priority=90))
    assert outcomes(tx) == {"msg_high": ("queued", ""), "msg_low": ("held", "capped")}
    (held,) = [event for event in events if event.name == "message_held"]
    assert held.properties["until"] == (NOON + 7 * DAY).isoformat()


def test_the_cap_counts_what_waits_and_what_may_have_gone_out(
    store: StateStore, tx: StateTransaction
) -> None:
    reachable(tx, ANNA)
    taken: tuple[MessageState, ...] = ("queued", "sending", "sent", "unknown")
    free: tuple[MessageState, ...] = ("held", "failed", "dropped")
    tx.outbox.add([a_message(state, state=state) for state in (*taken, *free)])
    slots = tx.outbox.slots([ANNA], since=NOON - 7 * DAY)
    assert {slot.message_id for slot in slots} == {f"msg_{state}" for state in taken}


def test_a_slot_is_taken_when_the_message_goes_out_and_not_when_it_was_asked_for(
    tx: StateTransaction,
) -> None:
    late = replace(a_message(state="sent"), created_at=NOON - 30 * DAY, sent_at=NOON)
    tx.outbox.add([late])
    (slot,) = tx.outbox.slots([ANNA], since=NOON - DAY)
    assert slot.at == NOON
    assert tx.outbox.slots([ANNA], since=NOON) == []


def test_a_controls_message_is_judged_and_written_nowhere(store: StateStore, tx: StateTransaction) -> None:
    reachable(tx, ANNA)
    events = accept(
        store,
        tx,
        a_send("control", arm="control", priority=90),
        a_send("real", priority=10),
        a_send("control-bo", to=BO, arm="control"),
    )
    assert outcomes(tx) == {"msg_real": ("queued", "")}, "a control takes no room from a real message"
    withheld = {event.message_id: event.properties for event in events if event.name == "message_withheld"}
    assert withheld["msg_control:message_withheld"]["verdict"] == "held"
    assert withheld["msg_control-bo:message_withheld"]["verdict"] == "dropped"


def test_a_message_of_an_unknown_template_is_dropped_and_says_so(
    store: StateStore, tx: StateTransaction
) -> None:
    reachable(tx, ANNA)
    accept(store, tx, a_send(template="nowhere"))
    assert outcomes(tx) == {"msg_1": ("dropped", "no_template")}


def test_a_message_keeps_the_template_version_it_was_queued_with(
    store: StateStore, tx: StateTransaction
) -> None:
    reachable(tx, ANNA)
    accept(store, tx, a_send())
    save_template(tx.templates, {**template_document(), "subject": "Later"}, now=NOON + HOUR)
    (message,) = tx.outbox.find([MessageId("msg_1")])
    kept = tx.templates.versions([(message.template_id, message.template_version)])
    assert [version.template.wording.subject for version in kept.values()] == ["Hello"]


def test_the_same_template_again_is_the_same_version(tx: StateTransaction) -> None:
    again = save_template(tx.templates, template_document(), now=NOON + DAY)
    assert (again.version, again.created_at) == (1, NOON)
    changed = save_template(tx.templates, {**template_document(), "subject": "Hi"}, now=NOON + DAY)
    assert changed.version == 2
    assert [saved.version for saved in list_templates(tx.templates)] == [2]
    assert tx.templates.newest([TemplateId("nowhere")]) == {}


def test_a_message_reads_back_as_it_was_written(tx: StateTransaction) -> None:
    written = replace(
        a_message(state="sent", attempts=2), sent_at=NOON, expires_at=NOON + DAY, receipt="250 OK", reason="x"
    )
    tx.outbox.add([written])
    assert tx.outbox.find([written.message_id]) == [written]


def test_what_asked_for_a_message_never_changes(tx: StateTransaction) -> None:
    written = a_message()
    tx.outbox.add([written])
    tx.outbox.save([replace(written, state="held", reason="capped", cause="another", priority=1)])
    assert tx.outbox.find([written.message_id]) == [replace(written, state="held", reason="capped")]


def test_the_more_important_and_then_the_older_goes_first(tx: StateTransaction) -> None:
    def waiting(name: str, priority: int, hours: int, due: datetime = NOON) -> Message:
        return replace(a_message(name), priority=priority, created_at=NOON - hours * HOUR, due_at=due)

    tx.outbox.add(
        [
            waiting("young", 50, 1),
            waiting("old", 50, 2),
            waiting("urgent", 90, 0),
            waiting("later", 90, 9, NOON + HOUR),
        ]
    )
    due = tx.outbox.due("queued", "email", now=NOON, limit=10)
    assert [message.message_id for message in due] == ["msg_urgent", "msg_old", "msg_young"]
    assert tx.outbox.next_due() == NOON


def test_the_next_due_is_the_earliest_that_waits_in_the_share(tx: StateTransaction) -> None:
    tx.outbox.add(
        [
            replace(a_message("1", state="queued"), profile_id=ProfileId(8), due_at=NOON + 2 * HOUR),
            replace(a_message("2", state="held"), profile_id=ProfileId(16), due_at=NOON + HOUR),
            replace(a_message("3", state="queued"), profile_id=ProfileId(9), due_at=NOON),
            replace(a_message("4", state="sending"), profile_id=ProfileId(8), due_at=NOON - HOUR),
        ]
    )
    first, second, third = (
        Share(leases={shard: Lease(name=f"send:{shard}", holder="", epoch=1)}) for shard in range(3)
    )
    assert tx.outbox.next_due() == NOON
    assert tx.outbox.next_due(share=first) == NOON + HOUR
    assert tx.outbox.next_due(share=second) == NOON
    assert tx.outbox.next_due(share=third) is None


def test_each_message_is_in_one_share_and_stays_there(tx: StateTransaction) -> None:
    people = [ProfileId(2**63 - number) for number in range(1, 21)]
    tx.outbox.add(
        [
            replace(a_message(str(place), state=state), profile_id=person)
            for place, person in enumerate(people)
            for state in ("queued" if place % 2 else "sending",)
        ]
    )
    shares = [
        Share(leases={shard: Lease(name=f"send:{shard}", holder="", epoch=1)}) for shard in range(SHARDS)
    ]
    due = [tx.outbox.due("queued", "email", now=NOON, limit=99, share=share) for share in shares]
    sending = [tx.outbox.in_state("sending", limit=99, share=share) for share in shares]
    assert sorted(one.profile_id for each in (*due, *sending) for one in each) == sorted(people)
    assert all(one.profile_id % SHARDS == shard for shard, each in enumerate(due) for one in each)
    assert [len(tx.outbox.due("queued", "email", now=NOON, limit=99)), sum(map(len, due))] == [10, 10]


def test_pages_continue_where_the_last_one_ended_also_among_equal_times(tx: StateTransaction) -> None:
    tx.outbox.add([a_message(str(number)) for number in range(5)])
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = tx.outbox.page(user_id=None, state=None, limit=2, after=cursor)
        seen.extend(row.message_id for row in page.messages)
        cursor = page.next
        if cursor is None:
            break
    assert seen == [f"msg_{number}" for number in range(5)]


def test_a_list_can_be_of_one_state_and_of_nobody(tx: StateTransaction) -> None:
    tx.outbox.add([a_message("1"), a_message("2", state="sent")])
    sent = tx.outbox.page(user_id=None, state="sent", limit=10, after=None)
    assert [row.message_id for row in sent.messages] == ["msg_2"]
    nobody = tx.outbox.page(user_id="p9", state=None, limit=10, after=None)
    assert nobody.messages == ()
    assert tx.outbox.counts() == {"queued": 1, "sent": 1}


def test_a_made_up_cursor_or_state_is_refused(tx: StateTransaction) -> None:
    with pytest.raises(InvalidCursor):
        tx.outbox.page(user_id=None, state=None, limit=1, after="nonsense")
    with pytest.raises(UnknownMessageState) as refused:
        message_state("quued")
    assert refused.value.hint == "Did you mean 'queued'?"
