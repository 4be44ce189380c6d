"""Delivering: asked for once, through the gate, over to the provider once, and the trail of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from threading import RLock
from typing import Literal

from perennial.decide.assignment import is_held_out
from perennial.decide.journeys.model import CHANNELS, Channel, SendMessage
from perennial.decide.policies import TRANSACTIONAL, GatePolicy, parse_policy
from perennial.deliver.channels import AbsentProvider, Outgoing, Provider, Receipt
from perennial.deliver.messages.answers import Answers
from perennial.deliver.messages.gate import Gate, judge
from perennial.deliver.messages.model import (
    SHARDS,
    STATES,
    TRANSITIONS,
    WHOLE,
    DeliverySettings,
    Message,
    MessageState,
    Round,
    Share,
)
from perennial.deliver.messages.pace import Pacing
from perennial.deliver.messages.ports import DeliveryState, DeliveryStore
from perennial.deliver.messages.rules import (
    admitted,
    asked_for,
    choice_of,
    handed_over,
    judged,
    locale_of,
    moved,
    trail,
    unwritable,
    variables,
    withheld,
)
from perennial.deliver.templates import NotRendered, TemplateVersion, render
from perennial.deliver.tracking import Links, dressed
from perennial.kernel.errors import PerennialError, nearest
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import MessageId
from perennial.kernel.values import Json

RELEASE_BATCH = 1_000


class UnknownMessageState(PerennialError):
    """Messages know no such state."""

    code = "unknown_message_state"


def message_state(text: str) -> MessageState:
    """The state a word names. Raises UnknownMessageState with the nearest."""
    for state in STATES:
        if text == state:
            return state
    raise UnknownMessageState(f"Messages know no state {text!r}.", hint=nearest(text, STATES), path="$.state")


class Delivery:
    """One workspace's way out. One process delivers each share; accepting may go on beside it."""

    def __init__(
        self,
        store: DeliveryStore,
        providers: Mapping[Channel, Provider],
        settings: DeliverySettings | None = None,
    ) -> None:
        self._store = store
        self._providers = providers
        self._settings = settings or DeliverySettings()
        self._answers = Answers(store)
        self._pacing = Pacing()
        self._published: tuple[int, GatePolicy] | None = None
        """The version of the policy that was read last, and what it says."""
        self._round = RLock()
        """One round at a time: what one is handing over another must not settle."""

    def accept(
        self, effects: Sequence[SendMessage], state: DeliveryState, *, now: datetime
    ) -> Sequence[EmittedEvent]:
        """Put messages to the gate and write them to the outbox, within the caller's transaction.

        A message that is there already changes nothing. A withheld one gets its verdict and no row.
        Returns the events, for the caller to record in the same transaction.
        """
        known = state.outbox.known([effect.message_id for effect in effects])
        fresh = {effect.message_id: effect for effect in effects if effect.message_id not in known}
        gate = self.gate(state)
        kept = {effect.message_id for effect in fresh.values() if self._is_held_out(effect, gate, now)}
        shadowed = [effect for effect in fresh.values() if effect.withheld or effect.message_id in kept]
        real = [effect for effect in fresh.values() if not effect.withheld and effect.message_id not in kept]
        messages = self._admit(real, state, gate, now)
        state.outbox.add(messages)
        # Judged apart, so that what is never sent takes no room from what is.
        shadows = self._admit(shadowed, state, replace(gate, knows_holdout=False), now)
        return [
            *(trail(message, now=now) for message in messages),
            *(
                withheld(message, by="holdout" if message.message_id in kept else "control", now=now)
                for message in shadows
            ),
        ]

    @property
    def links(self) -> Links | None:
        """What reads the links of messages; None where none are made."""
        return self._settings.links

    @property
    def webhook_secret(self) -> str:
        """What receivers verify our webhooks with."""
        return self._settings.webhook_secret

    def gate(self, state: DeliveryState) -> Gate:
        """What the gate goes by now: the workspace's own policy, once it has published one."""
        live = state.declarations.latest("policy")
        if live is None:
            return Gate(policy=self._settings.policy, zone=self._settings.zone)
        if self._published is None or self._published[0] != live.version:
            self._published = live.version, parse_policy(live.document, channels=CHANNELS)
        return Gate(policy=self._published[1], zone=self._settings.zone)

    def release_held(self, *, now: datetime, share: Share = WHOLE) -> Round:
        """Put held messages whose time has come to the gate again."""
        done = Round()
        with self._store.begin(holding=share.held) as state:
            for channel in CHANNELS:
                waiting = state.outbox.due("held", channel, now=now, limit=RELEASE_BATCH, share=share)
                after = self._judge_again(state, waiting, now)
                _write(state, after, now)
                done = done.plus(_round(after, waiting="released", has_more=len(waiting) == RELEASE_BATCH))
        return done

    def deliver_due(self, *, now: datetime, limit: int = 1_000, share: Share = WHOLE) -> Round:
        """Hand over what is due, one provider's batch per channel: gate, render, mark, call, write down.

        Call again while the round says `has_more`. What an earlier round could not write down comes first.
        """
        with self._round:
            done = self.write_down()
            for channel in CHANNELS:
                done = done.plus(self._deliver_channel(channel, now=now, limit=limit, share=share))
            return done

    def write_down(self) -> Round:
        """Write down what providers answered and could not be written when they did.

        Where it still cannot be, it raises, and the answers are kept.
        """
        with self._round:
            return _round(self._answers.write_down(), waiting="put_off", has_more=False)

    def try_out(self, channel: Channel, tries: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Hand messages over at once, past gate and outbox: an operator's own tries, to nobody else."""
        provider: Provider = self._providers.get(channel) or AbsentProvider(channel)
        return provider.send(tries)

    def retry(self, message_ids: Sequence[MessageId], *, now: datetime) -> Sequence[Message]:
        """Put failed and unknown messages back into the queue, because somebody says so; the others stay.

        They pass the whole gate again before they go, and an unknown one may arrive a second time.
        """
        with self._store.begin() as state:
            found = state.outbox.find(message_ids)
            again = [
                replace(moved(one, "retried", due_at=now), attempts=0)
                for one in found
                if (one.state, "retried") in TRANSITIONS
            ]
            _write(state, again, now)
        return again

    def resolve_interrupted(self, *, now: datetime, share: Share = WHOLE) -> int:
        """Say of messages that a crash caught on their way that nobody can know.

        Call once for a share when it is taken over, before anything of it is sent.
        """
        resolved = 0
        with self._store.begin(holding=share.held) as state:
            while caught := state.outbox.in_state("sending", limit=RELEASE_BATCH, share=share):
                _write(state, [moved(message, "lost", reason="interrupted") for message in caught], now)
                resolved += len(caught)
        return resolved

    def _is_held_out(self, effect: SendMessage, gate: Gate, now: datetime) -> bool:
        return effect.topic != TRANSACTIONAL and is_held_out(
            effect.profile_id, gate.policy.holdout, now=now, zone=gate.zone
        )

    def _admit(
        self, effects: Sequence[SendMessage], state: DeliveryState, gate: Gate, now: datetime
    ) -> Sequence[Message]:
        """The messages that effects ask for, each in the state that its template and the gate give it."""
        templates = state.templates.newest(sorted({effect.template_id for effect in effects}))
        wanted: list[Message] = []
        hopeless: list[Message] = []
        for effect in effects:
            found = templates.get(effect.template_id)
            message = asked_for(effect, template_version=found.version if found else 0, now=now)
            if found is None:
                hopeless.append(replace(message, state="dropped", reason="no_template"))
            else:
                wanted.append(message)
        passed = [admitted(one.message, one.verdict, now=now) for one in judge(state, wanted, gate, now=now)]
        return [*passed, *hopeless]

    def _judge_again(
        self, state: DeliveryState, waiting: Sequence[Message], now: datetime
    ) -> Sequence[Message]:
        """Messages that waited, each in the state the whole gate gives it today."""
        verdicts = judge(state, waiting, self.gate(state), now=now)
        return [judged(one.message, one.verdict, now=now) for one in verdicts]

    def _deliver_channel(self, channel: Channel, *, now: datetime, limit: int, share: Share) -> Round:
        provider: Provider = self._providers.get(channel) or AbsentProvider(channel)
        room = min(limit, provider.limits.batch)
        batch, refused, is_full = self._prepare(channel, now=now, limit=room, share=share)
        try:
            receipts = self._answers.ask(provider, batch)
        except Exception:
            self._answers.write_down()
            raise
        after = [*refused, *self._answers.write_down()]
        is_reachable = all(receipt.outcome != "unreachable" for receipt in receipts)
        return _round(after, waiting="put_off", has_more=is_full and is_reachable)

    def _prepare(
        self, channel: Channel, *, now: datetime, limit: int, share: Share
    ) -> tuple[Sequence[Outgoing], Sequence[Message], bool]:
        """Judge and render what is due, and mark what will be handed over, in one committed transaction.

        Returns what to hand over, what will not be, and whether as many were due as the limit allows.
        """
        part = len(share.shards) / SHARDS
        with self._store.begin(holding=share.held) as state:
            rate = self.gate(state).policy.rates.get(channel)
            room = self._pacing.room(channel, rate, part=part, now=now)
            limit = limit if room is None else min(limit, room)
            due: Sequence[Message] = ()
            if limit:
                due = state.outbox.due("queued", channel, now=now, limit=limit, share=share)
            again = self._judge_again(state, due, now)
            passing = [message for message in again if message.state == "queued"]
            written, failed = self._write_out(passing, state, now)
            refused = [*(message for message in again if message.state != "queued"), *failed]
            _write(state, refused, now)
            marked = [handed_over(message, now=now) for message, _ in written]
            state.outbox.save(marked)
            self._answers.expect(marked, share=share, now=now)
            self._pacing.took(channel, rate, len(marked), part=part, now=now)
        return [outgoing for _, outgoing in written], refused, 0 < len(due) == limit

    def _write_out(
        self, messages: Sequence[Message], state: DeliveryState, now: datetime
    ) -> tuple[Sequence[tuple[Message, Outgoing]], Sequence[Message]]:
        """Messages with what they say, and those that say nothing for their person."""
        people = sorted({message.profile_id for message in messages})
        traits = state.traits.of(people)
        user_ids = state.people.user_ids(people)
        ordered = state.notes.variables_of([one.message_id for one in messages if not one.journey_id])
        versions = state.templates.versions(
            sorted({(message.template_id, message.template_version) for message in messages})
        )
        written: list[tuple[Message, Outgoing]] = []
        failed: list[Message] = []
        for message in messages:
            version = versions.get((message.template_id, message.template_version))
            told = traits.get(message.profile_id, {})
            user_id, way_out = user_ids.get(message.profile_id), self._way_out(message)
            given = ordered.get(message.message_id, {})
            spoken = variables(message, user_id=user_id, traits=told, ordered=given, way_out=way_out, now=now)
            outgoing = self._outgoing(
                message, version, spoken, locale=locale_of(told), way_out=way_out, now=now
            )
            if isinstance(outgoing, NotRendered):
                failed.append(unwritable(message, reason=outgoing.reason, detail=outgoing.detail))
            else:
                written.append((message, outgoing))
        return written, failed

    def _outgoing(
        self,
        message: Message,
        version: TemplateVersion | None,
        spoken: Mapping[str, Json],
        *,
        locale: str | None,
        way_out: str,
        now: datetime,
    ) -> Outgoing | NotRendered:
        if version is None:
            return NotRendered(reason="template_failed", detail="this version of the template is gone")
        rendered = render(version.template, spoken, locale=locale)
        if isinstance(rendered, NotRendered):
            return rendered
        if version.template.url:
            # To a program: nobody reads it, so there is nothing to follow and no way out to show.
            return Outgoing(
                message_id=message.message_id,
                address=version.template.url,
                sender=None,
                subject="",
                text=rendered.text,
                written_at=now,
            )
        if links := self._links():
            rendered = dressed(
                rendered,
                links,
                message_id=message.message_id,
                way_out=way_out,
                is_tracked=version.template.is_tracked,
                utm=version.template.utm,
                locale=locale,
            )
        return Outgoing(
            message_id=message.message_id,
            address=message.address,
            sender=version.template.sender or self._settings.sender,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            unsubscribe_url=way_out,
            written_at=now,
        )

    def _links(self) -> Links | None:
        """What signs links, where it is known where they would lead."""
        links = self._settings.links
        return links if links is not None and links.are_reachable else None

    def _way_out(self, message: Message) -> str:
        """Where whoever gets a message unsubscribes; empty where there is nothing to."""
        links, choice = self._links(), choice_of(message)
        return links.choices(choice) if links and choice else ""


def _write(state: DeliveryState, messages: Sequence[Message], now: datetime) -> None:
    """Write where messages stand now, and the events of getting there."""
    state.outbox.save(messages)
    state.emitted.record([trail(message, now=now) for message in messages])


def _round(messages: Sequence[Message], *, waiting: Literal["released", "put_off"], has_more: bool) -> Round:
    """What a round did; `waiting` says what it means that a message is queued after it."""
    into = Counter(message.state for message in messages)
    return Round(
        released=into["queued"] if waiting == "released" else 0,
        put_off=into["queued"] if waiting == "put_off" else 0,
        sent=into["sent"],
        failed=into["failed"],
        unknown=into["unknown"],
        held=into["held"],
        dropped=into["dropped"],
        has_more=has_more,
    )
