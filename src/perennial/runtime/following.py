"""What a workspace learns of those who got messages: what they opened and followed, what they choose."""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta

from perennial.collect.consent.model import ConsentState
from perennial.collect.consent.rules import consent_call
from perennial.collect.events import Receipt, Reception
from perennial.collect.identity.model import Known
from perennial.decide.policies.topics import words_in
from perennial.deliver.messages.rules import address_of, locale_of, seen
from perennial.deliver.tracking import (
    Choice,
    Choices,
    Clicked,
    Confirmation,
    ConfirmationAsked,
    Links,
    Look,
    Opened,
    Tampered,
    TopicChoice,
    seen_by,
)
from perennial.deliver.tracking.wording import language_of
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.ids import ProfileId, mint_secret
from perennial.kernel.values import Json
from perennial.runtime.consequences import Stages
from perennial.runtime.noting import Noting
from perennial.runtime.ports import StateTransaction

PREFERENCES = "preferences"
"""The source of what people say on the page of their choices."""
_KEPT_WITHIN = 10.0
CONFIRMED_WITHIN = timedelta(days=30)
_CHANNEL_ADDRESS = "email"


class Following:
    """A workspace as far as it follows what becomes of its messages at their readers'."""

    _stages: Stages
    _noting: Noting
    _now: Callable[[], datetime]
    submit_calls: Callable[[Sequence[Json], Reception], Future[Receipt]]

    def read_link(self, token: str) -> Clicked:
        """Where a message's link leads. Raises Tampered for one that we did not sign."""
        return self._links().clicked(token)

    def read_picture(self, token: str) -> Opened:
        """Which message a picture belongs to. Raises Tampered."""
        return self._links().opened(token)

    def note_look(self, found: Clicked | Opened, look: Look) -> None:
        """Keep that a message was opened or a link followed. One that is no longer kept leaves nothing."""
        with self._stages.state.read() as transaction:
            messages = transaction.outbox.find([found.message_id])
        if messages:
            by = seen_by(look, sent_at=messages[0].sent_at)
            self._noting.note([seen(found, messages[0], by, key=mint_secret(""), now=look.at)])

    def show_choices(self, token: str, *, locale: str | None = None) -> Choices:
        """What whoever got a message may choose. Raises Tampered, also where the person is gone."""
        choice = self._links().choice(token)
        with self._stages.state.read() as transaction:
            return self._choices(choice, self._known(choice.profile_id, transaction), transaction, locale)

    def choose(self, token: str, granted: Collection[tuple[str, str]]) -> None:
        """Keep which of the topics shown somebody wants to hear of: these, by channel and topic."""
        choice = self._links().choice(token)
        with self._stages.state.read() as transaction:
            known = self._known(choice.profile_id, transaction)
            shown = self._choices(choice, known, transaction, None)
        changed = [one for one in shown.topics if one.is_granted != ((one.channel, one.topic) in granted)]
        proof = f"chosen on the page of message {choice.message_id}"
        self._say(
            known,
            [(one.channel, one.topic, "withdrawn" if one.is_granted else "granted") for one in changed],
            proof,
        )

    def unsubscribe(self, token: str) -> None:
        """End the topic of a message on its channel, as one click in the mail program does (RFC 8058)."""
        choice = self._links().choice(token)
        with self._stages.state.read() as transaction:
            known = self._known(choice.profile_id, transaction)
        proof = f"one-click unsubscription from message {choice.message_id}"
        self._say(known, [(choice.channel, choice.topic, "withdrawn")], proof)

    def unsubscribe_all(self, token: str) -> None:
        """End everything that somebody agreed to, and the topic of the message they came from."""
        choice = self._links().choice(token)
        with self._stages.state.read() as transaction:
            known = self._known(choice.profile_id, transaction)
            granted = [one for one in transaction.consents.all_of(known.profile_id) if one.state == "granted"]
        ended = {(one.channel, one.topic) for one in (*granted, choice)}
        proof = f"everything unsubscribed from on the page of message {choice.message_id}"
        self._say(known, [(*way, "withdrawn") for way in sorted(ended)], proof)

    def show_confirmation(self, token: str, *, locale: str | None = None) -> ConfirmationAsked:
        """What somebody is asked to confirm. Raises Tampered, also where it was asked too long ago."""
        asked = self._asked(token)
        with self._stages.state.read() as transaction:
            known = self._known(asked.profile_id, transaction)
            told = transaction.traits.of([known.profile_id]).get(known.profile_id, {})
            said = transaction.consents.of([known.profile_id], channel=asked.channel, topic=asked.topic)
            words = self._stages.delivery.gate(transaction).policy.topics.get(asked.topic)
        language = language_of(locale_of(told) or locale)
        name = words_in(words.name, language, otherwise=asked.topic) if words else asked.topic
        is_granted = any(one.state == "granted" for one in said.values())
        return ConfirmationAsked(language=language, name=name, is_granted=is_granted)

    def confirm(self, token: str) -> None:
        """Keep that somebody confirmed, by the button of that page, that they want to hear of a topic."""
        asked = self._asked(token)
        with self._stages.state.read() as transaction:
            known = self._known(asked.profile_id, transaction)
        at = datetime.fromtimestamp(asked.asked_at, UTC)
        proof = f"confirmed by the link of the mail that asked on {at:%Y-%m-%d %H:%M} UTC"
        self._say(known, [(asked.channel, asked.topic, "granted")], proof)

    def _asked(self, token: str) -> Confirmation:
        asked = self._links().confirmed(token)
        if self._now() - datetime.fromtimestamp(asked.asked_at, UTC) > CONFIRMED_WITHIN:
            raise Tampered("This was asked too long ago.")
        return asked

    def _links(self) -> Links:
        links = self._stages.delivery.links
        if links is None:
            raise Tampered("This workspace makes no links.")
        return links

    def _known(self, profile_id: ProfileId, transaction: StateTransaction) -> Known:
        """Who a message went to, under whatever profile they are known now."""
        kept = transaction.identities.merged([profile_id]).get(profile_id, profile_id)
        known = transaction.identities.known(ProfileId(kept))
        if known is None or not known.names:
            raise Tampered("Nobody is known by this link any more.")
        return known

    def _choices(
        self, choice: Choice, known: Known, transaction: StateTransaction, locale: str | None
    ) -> Choices:
        told = transaction.traits.of([known.profile_id]).get(known.profile_id, {})
        language = language_of(locale_of(told) or locale)
        policy = self._stages.delivery.gate(transaction).policy
        said = {(one.channel, one.topic): one.state for one in transaction.consents.all_of(known.profile_id)}
        ways = [(choice.channel, topic) for topic in policy.topics]
        ways += [way for way in [(choice.channel, choice.topic), *sorted(said)] if way not in ways]
        topics: list[TopicChoice] = []
        for channel, topic in ways:
            words = policy.topics.get(topic)
            topics.append(
                TopicChoice(
                    channel=channel,
                    topic=topic,
                    name=words_in(words.name, language, otherwise=topic) if words else topic,
                    description=words_in(words.description, language) if words else "",
                    is_granted=said.get((channel, topic)) == "granted",
                )
            )
        return Choices(
            language=language,
            address=_masked(address_of(told, _CHANNEL_ADDRESS) or ""),
            topic=choice.topic,
            topics=topics,
        )

    def _say(self, known: Known, said: Sequence[tuple[str, str, ConsentState]], proof: str) -> None:
        """Hand in what somebody said of topics; durable when this returns."""
        calls = [
            _consent_call(
                known,
                consent=f"{channel}/{topic}",
                state=state,
                proof=proof,
                message_id=mint_secret("consent_"),
            )
            for channel, topic, state in said
        ]
        if calls:
            reception = Reception(source=PREFERENCES, received_at=self._now(), is_trusted=True)
            receipt = self.submit_calls(calls, reception).result(_KEPT_WITHIN)
            if receipt.rejected:
                one = receipt.rejected[0]
                raise InvalidDocument([Problem(path=one.path, code=one.code, message=one.message)])


def _consent_call(known: Known, *, consent: str, state: ConsentState, proof: str, message_id: str) -> Json:
    """What somebody said, under the name that they are best known by."""
    names = dict[str, str]((name.kind, name.value) for name, _ in known.names)
    return consent_call(
        known.user_id or names.get("user"),
        anonymous_id=names.get("anonymous", ""),
        consent=consent,
        state=state,
        proof=proof,
        message_id=message_id,
    )


def _masked(address: str) -> str:
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}***@{domain}" if name else ""
