"""What a workspace is asked about single messages: ordered by a call, tried, retried, reported on."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from perennial.collect.consent.model import Suppression
from perennial.decide.journeys.model import CHANNELS, Channel
from perennial.deliver.channels import Outgoing
from perennial.deliver.messages.aftermath import take_report
from perennial.deliver.messages.orders import MAX_KEY, MessageWish, OrderChanged, effect_of, order_of
from perennial.deliver.messages.rules import MAX_ADDRESS, is_address, locale_of
from perennial.deliver.reports import parse_mail, parse_report
from perennial.deliver.templates import NotRendered, Rendered, TemplateVersion, render
from perennial.deliver.tracking import Confirmation
from perennial.kernel.errors import InvalidDocument, NotFound, Problem, Refused
from perennial.kernel.ids import MessageId, ProfileId, TemplateId, mint_secret, profile_text
from perennial.kernel.values import Json
from perennial.runtime.consequences import Stages
from perennial.runtime.persons import profile_named
from perennial.runtime.ports import StateTransaction
from perennial.runtime.shown import Page, Shown

MAX_VARIABLES = 20_000
"""Characters of what a call brings along for its template."""
MAX_TRIED = 10
"""Addresses that a template is tried on at once."""
MAX_RETRIED = 1_000


class NoPublicAddress(Refused):
    """No link can lead here, as it is not known where people reach us."""

    code = "no_public_url"


class UnknownTemplate(NotFound):
    """There is no template by this id."""

    code = "unknown_template"


class Messaging:
    """A workspace as far as single messages are concerned."""

    _stages: Stages
    _now: Callable[[], datetime]
    wake: Callable[[], None]

    def send_message(self, wish: MessageWish) -> Shown:
        """Ask for one message to one person; the same key is the same message, however often it is asked for.

        It passes the gate like any other: without consent only as `transactional`. Raises NobodyKnown,
        UnknownTemplate, OrderChanged, InvalidDocument.
        """
        _check_key(wish.key)
        _checked(wish.variables)
        order, now = order_of(wish), self._now()
        with self._stages.state.begin() as transaction:
            known = transaction.notes.digest_of(order.message_id)
            if known is not None and known != order.digest:
                hint = "Another message takes another key."
                raise OrderChanged("This key was used for another message.", hint=hint, path="$.key")
            if known is None:
                profile_id = profile_named(wish.user, transaction)
                _template(wish.template_id, transaction)
                transaction.notes.add_order(order)
                effect = effect_of(wish, order, profile_id, now=now)
                events = self._stages.delivery.accept([effect], transaction, now=now)
                transaction.emitted.record(events)
            found = transaction.outbox.find([order.message_id])
        self.wake()
        # Whom the holdout keeps from marketing has no row.
        state, reason = (found[0].state, found[0].reason) if found else ("withheld", "holdout")
        return {
            "message_id": order.message_id,
            "state": state,
            "reason": reason,
            "repeated": known is not None,
        }

    def ask_consent(self, user: str, *, consent: str, template: str) -> Shown:
        """Ask a person by mail to confirm a consent (double opt-in); at most once a day for each.

        The template shows the page as `variables.confirm_url`, and the topic as `variables.topic`. Until
        they press its button nothing is granted. Raises NoPublicAddress where no link can lead here.
        """
        channel, _, topic = consent.partition("/")
        links, now = self._stages.delivery.links, self._now()
        if channel not in CHANNELS or not topic:
            hint = "Write email/marketing."
            message = f"{consent!r} names no channel and topic."
            problem = Problem(path="$.consent", code="bad_consent", message=message, hint=hint)
            raise InvalidDocument([problem])
        if links is None or not links.are_reachable:
            hint = "Say `public_url` in settings.toml."
            raise NoPublicAddress(
                "Nobody could follow the link: where people reach us is not known.", hint=hint
            )
        with self._stages.state.read() as transaction:
            profile_id = profile_named(user, transaction)
        asked = Confirmation(
            profile_id=profile_id, channel=channel, topic=topic, asked_at=int(now.timestamp())
        )
        wish = MessageWish(
            key=f"consent:{profile_text(profile_id)}:{consent}:{now:%Y-%m-%d}",
            user=user,
            template_id=TemplateId(template),
            variables={"confirm_url": links.confirmation(asked), "topic": topic},
        )
        return self._asked_once(wish)

    def _asked_once(self, wish: MessageWish) -> Shown:
        """What is asked again on the same day is the message that is there."""
        with self._stages.state.read() as transaction:
            found = transaction.outbox.find([order_of(wish).message_id])
        if not found:
            return self.send_message(wish)
        one = found[0]
        return {"message_id": one.message_id, "state": one.state, "reason": one.reason, "repeated": True}

    def retry_messages(self, message_ids: Sequence[str]) -> Shown:
        """Put failed and unknown messages back into the queue; how many. An unknown one may arrive twice."""
        if len(message_ids) > MAX_RETRIED:
            message = f"That are more than {MAX_RETRIED:,} messages."
            raise InvalidDocument([Problem(path="$.messages", code="too_large", message=message)])
        again = self._stages.delivery.retry([MessageId(one) for one in message_ids], now=self._now())
        self.wake()
        return {"retried": len(again), "others": len(set(message_ids)) - len(again)}

    def show_webhook_secret(self) -> Shown:
        """What receivers verify this workspace's webhooks with (Standard Webhooks, version 1)."""
        return {"secret": self._stages.delivery.webhook_secret}

    def report_message(self, document: Json) -> Shown:
        """Take what a provider tells later of a message. Raises UnknownMessage, InvalidDocument."""
        report = parse_report(document)
        with self._stages.state.begin() as transaction:
            is_dead = take_report(report, transaction, now=self._now())
        return {"message_id": report.message_id, "kind": report.kind, "suppressed": is_dead}

    def report_mail(self, octets: bytes) -> Shown:
        """Take a delivery status or a complaint as it came by mail. Raises NoReport, UnknownMessage."""
        report = parse_mail(octets)
        with self._stages.state.begin() as transaction:
            is_dead = take_report(report, transaction, now=self._now())
        return {"message_id": report.message_id, "kind": report.kind, "suppressed": is_dead}

    # --- templates --------------------------------------------------------------------------------

    def preview_template(
        self,
        template: str,
        *,
        user: str,
        locale: str | None = None,
        variables: Mapping[str, Json] | None = None,
    ) -> Shown:
        """What a template says to a real person, without sending anything. Raises NobodyKnown."""
        with self._stages.state.read() as transaction:
            version = _template(template, transaction)
            said, chosen = self._said(version, user, locale, variables or {}, transaction)
        about: dict[str, Json] = {"template": template, "version": version.version, "locale": chosen}
        if isinstance(said, NotRendered):
            return {**about, "ok": False, "reason": said.reason, "detail": said.detail}
        return {**about, "ok": True, "subject": said.subject, "text": said.text, "html": said.html}

    def try_template(
        self,
        template: str,
        *,
        user: str,
        to: Sequence[str],
        locale: str | None = None,
        variables: Mapping[str, Json] | None = None,
    ) -> Shown:
        """Send what a template says to a person to addresses of one's own: at once, past gate and outbox."""
        _check_addresses(to)
        with self._stages.state.read() as transaction:
            version = _template(template, transaction)
            said, _ = self._said(version, user, locale, variables or {}, transaction)
        if isinstance(said, NotRendered):
            raise InvalidDocument([Problem(path="$.template", code=said.reason, message=said.detail)])
        tries = [
            Outgoing(
                message_id=MessageId(mint_secret("try_")),
                address=address,
                sender=version.template.sender,
                subject=f"[test] {said.subject}",
                text=said.text,
                html=said.html,
                written_at=self._now(),
            )
            for address in to
        ]
        receipts = self._stages.delivery.try_out(version.template.channel, tries)
        rows: list[Json] = [
            {"to": one.address, "outcome": receipt.outcome, "reason": receipt.reason}
            for one, receipt in zip(tries, receipts, strict=True)
        ]
        return {"template": template, "version": version.version, "tried": rows}

    def _said(
        self,
        version: TemplateVersion,
        user: str,
        locale: str | None,
        variables: Mapping[str, Json],
        transaction: StateTransaction,
    ) -> tuple[Rendered | NotRendered, str | None]:
        """What a template says to a person, and in which language they were taken to read."""
        profile_id: ProfileId = profile_named(user, transaction)
        traits = transaction.traits.of([profile_id]).get(profile_id, {})
        now = self._now()
        user_id = transaction.people.user_ids([profile_id]).get(profile_id)
        person: dict[str, Json] = {"profile_id": profile_text(profile_id), "traits": traits}
        if user_id is not None:
            person["user_id"] = user_id
        spoken: Mapping[str, Json] = {
            "person": person,
            "variables": _checked(variables),
            "journey": {"id": "preview", "version": 0, "enrollment": "preview", "node": "preview"},
            "message": {
                "id": "preview",
                "topic": "preview",
                "written_at": now.isoformat(),
                "unsubscribe_url": "https://preview.invalid/u/preview",
            },
        }
        chosen = locale or locale_of(traits)
        return render(version.template, spoken, locale=chosen), chosen

    # --- suppressions -----------------------------------------------------------------------------

    def list_suppressions(
        self, *, channel: Channel = "email", limit: int = 100, after: str | None = None
    ) -> Page:
        """Addresses that get nothing, with why and since when, by address."""
        with self._stages.state.read() as transaction:
            found = transaction.suppressions.page(channel=channel, limit=limit + 1, after=after or "")
        rows = [
            {"channel": one.channel, "address": one.address, "reason": one.reason, "since": one.since}
            for one in found[:limit]
        ]
        return Page(rows, found[limit - 1].address if len(found) > limit else None)

    def import_suppressions(self, text: str, *, channel: Channel = "email") -> Shown:
        """Suppress the addresses of a CSV (`address`, and if wanted `reason`): all of them or none.

        An address that is suppressed already keeps its first reason. Raises InvalidDocument with each line.
        """
        wanted = _read_suppressions(text, channel, self._now())
        with self._stages.state.begin() as transaction:
            known = transaction.suppressions.among([one.address for one in wanted], channel=channel)
            transaction.suppressions.add(wanted)
        return {"read": len(wanted), "added": len({one.address for one in wanted} - set(known))}

    def remove_suppression(self, address: str, *, channel: Channel = "email") -> Shown:
        """Let an address get messages again. Raises NotFound where it is not suppressed."""
        with self._stages.state.begin() as transaction:
            if not transaction.suppressions.remove(address.strip().lower(), channel=channel):
                raise NotFound("This address is not suppressed.", path="$.address")
        return {"channel": channel, "address": address.strip().lower()}


def _template(template: str, transaction: StateTransaction) -> TemplateVersion:
    found = transaction.templates.newest([TemplateId(template)]).get(TemplateId(template))
    if found is None:
        hint = "`perennial template list` shows those there are."
        raise UnknownTemplate(f"There is no template {template!r}.", hint=hint, path="$.template")
    return found


def _check_key(key: str) -> None:
    if not key.strip() or len(key) > MAX_KEY or not key.isprintable():
        message = f"An idempotency key is 1 to {MAX_KEY} printable characters."
        hint = "Take the id of what the message is about, such as `order-4711:receipt`."
        raise InvalidDocument([Problem(path="$.key", code="bad_key", message=message, hint=hint)])


def _checked(variables: Mapping[str, Json]) -> Mapping[str, Json]:
    if len(str(variables)) > MAX_VARIABLES:
        message = f"What a call brings along has at most {MAX_VARIABLES:,} characters."
        raise InvalidDocument([Problem(path="$.variables", code="too_large", message=message)])
    return variables


def _check_addresses(addresses: Sequence[str]) -> None:
    problems = [
        Problem(path=f"$.to[{place}]", code="bad_address", message=f"{address!r} is no address.")
        for place, address in enumerate(addresses)
        if not is_address(address)
    ]
    if not 0 < len(addresses) <= MAX_TRIED:
        message = f"A template is tried on 1 to {MAX_TRIED} addresses."
        problems.append(Problem(path="$.to", code="bad_count", message=message))
    if problems:
        raise InvalidDocument(problems)


def _read_suppressions(text: str, channel: Channel, now: datetime) -> Sequence[Suppression]:
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), skipinitialspace=True)
    if "address" not in (rows.fieldnames or ()):
        message = "The first line has no column `address`."
        hint = "Begin the file with `address,reason`."
        raise InvalidDocument([Problem(path="$[0]", code="missing_key", message=message, hint=hint)])
    problems: list[Problem] = []
    found: list[Suppression] = []
    for number, row in enumerate(rows, start=2):
        address = (row["address"] or "").strip().lower()
        if not is_address(address):
            message = f"Line {number}: {address[:MAX_ADDRESS]!r} is no address."
            problems.append(Problem(path=f"$[{number - 1}].address", code="bad_address", message=message))
            continue
        reason = (row.get("reason") or "").strip()[:100] or "imported"
        found.append(Suppression(channel=channel, address=address, reason=reason, since=now))
    if problems:
        raise InvalidDocument(problems)
    return found
