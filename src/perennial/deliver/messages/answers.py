"""What providers said of messages that were handed over, kept until it is written down.

Between the call and the commit an answer exists in this process only. Where the commit fails (a full disk, a
database that is away) the answer is written as soon as it can be, before anything else is handed over. Only
a process that is lost takes answers with it; then nobody can know (ADR 0012).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from perennial.deliver.channels import Outgoing, Provider, Receipt
from perennial.deliver.messages.aftermath import BOUNCED, suppress
from perennial.deliver.messages.model import Message, Share
from perennial.deliver.messages.ports import DeliveryState, DeliveryStore
from perennial.deliver.messages.rules import settled, shard_of, trail
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import MessageId
from perennial.kernel.leases import Lease, LeaseLost


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What is to be written of one message, as it was when it was marked as being handed over."""

    marked: Message
    receipt: Receipt
    at: datetime
    only_under: Lease | None = None
    """Without it the message may be another process's by now, and on its way from there."""
    is_marked_for_sure: bool = True


class Answers:
    """The answers that are still to be written, of one process. One thread at a time is inside."""

    def __init__(self, store: DeliveryStore) -> None:
        self._store = store
        self._owed: dict[MessageId, _Answer] = {}

    def expect(self, marked: Sequence[Message], *, share: Share, now: datetime) -> None:
        """Say, before they are committed, that these are marked as being handed over.

        A commit that fails may have been one: what is marked then was certainly not handed over, and goes
        back to waiting.
        """
        leases = share.leases or {}
        for message in marked:
            receipt = Receipt(message_id=message.message_id, outcome="unreachable", reason="not_handed_over")
            self._owed[message.message_id] = _Answer(
                marked=message,
                receipt=receipt,
                at=now,
                only_under=leases.get(shard_of(message)),
                is_marked_for_sure=False,
            )

    def ask(self, provider: Provider, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Hand over what was expected and is committed, outside any transaction; what the provider said.

        Of a message without a receipt nobody can know, so that is what is owed until there is one.
        """
        lost = [Receipt(message_id=one.message_id, outcome="unknown", reason="no_receipt") for one in batch]
        self._note(lost)
        if not batch:
            return lost
        self._note(provider.send(batch))
        return [self._owed[one.message_id].receipt for one in batch]

    def write_down(self) -> Sequence[Message]:
        """Write what became of them, and say how they stand then; where that fails, all is still owed."""
        by_lease: dict[Lease | None, list[_Answer]] = defaultdict(list)
        for answer in self._owed.values():
            by_lease[answer.only_under].append(answer)
        after: list[Message] = []
        for lease, answers in by_lease.items():
            after += self._write(lease, answers)
            for answer in answers:
                del self._owed[answer.marked.message_id]
        return after

    def _note(self, receipts: Sequence[Receipt]) -> None:
        for receipt in receipts:
            before = self._owed.get(receipt.message_id)
            if before is not None:
                # Marked for sure: until it is settled nobody else touches it but to call it unknown.
                self._owed[receipt.message_id] = _Answer(marked=before.marked, receipt=receipt, at=before.at)

    def _write(self, lease: Lease | None, answers: Sequence[_Answer]) -> Sequence[Message]:
        try:
            with self._store.begin(holding=[] if lease is None else [lease]) as state:
                return _settle(state, answers)
        except LeaseLost:
            return []  # whoever took over says, or has said, what became of them


def _settle(state: DeliveryState, answers: Sequence[_Answer]) -> Sequence[Message]:
    found = {one.message_id: one for one in state.outbox.find([each.marked.message_id for each in answers])}
    after: list[Message] = []
    events: list[EmittedEvent] = []
    dead: list[Message] = []
    for answer in answers:
        message = found.get(answer.marked.message_id)
        if message is not None and _is_ours(message, answer):
            after.append(settled(message, answer.receipt, now=answer.at))
            if answer.receipt.is_address_dead:
                dead.append(message)
            if after[-1].state != "queued":
                # Putting a message off leaves a reason on its row and no event: a server that is down
                # for a night would otherwise fill the log.
                events.append(trail(after[-1], now=answer.at))
    if dead:
        suppress(dead, state, reason=BOUNCED, now=answers[0].at)
    state.emitted.record(events)
    state.outbox.save(after)
    return after


def _is_ours(message: Message, answer: _Answer) -> bool:
    """Whether a message is still as we marked it: nobody has settled it, or begun with it again."""
    marked = answer.marked
    # Where our mark was not kept, a merge may have given it to another shard, which began with it as well.
    is_same_share = answer.is_marked_for_sure or message.shard == marked.shard
    return message.state == "sending" and message.attempts == marked.attempts and is_same_share
