"""Single messages of an installation without engines: canned answers, and what was asked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from perennial.decide.journeys.model import Channel
from perennial.deliver.messages.orders import MessageWish
from perennial.deliver.reports import parse_mail, parse_report
from perennial.kernel.values import Json

Row = Mapping[str, object]
_NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class MessageAnswers:
    """Single messages of a workspace that remembers what it was told."""

    def _note(self, method: str, given: object) -> None:
        """Remember a question."""
        raise NotImplementedError

    def send_message(self, wish: MessageWish) -> Row:
        """Queued."""
        self._note("send_message", wish)
        return {"message_id": "msg_1", "state": "queued", "reason": "", "repeated": False}

    def ask_consent(self, user: str, *, consent: str, template: str) -> Row:
        """Queued."""
        self._note("ask_consent", (user, consent, template))
        return {"message_id": "msg_2", "state": "queued", "reason": "", "repeated": False}

    def retry_messages(self, message_ids: Sequence[str]) -> Row:
        """All of them."""
        self._note("retry_messages", tuple(message_ids))
        return {"retried": len(message_ids), "others": 0}

    def show_webhook_secret(self) -> Row:
        """A secret."""
        return {"secret": "whsec_fake"}

    def report_message(self, document: Json) -> Row:
        """What the report's reader says."""
        report = parse_report(document)
        self._note("report_message", report)
        return {"message_id": report.message_id, "kind": report.kind, "suppressed": False}

    def report_mail(self, octets: bytes) -> Row:
        """What the mail's reader says."""
        report = parse_mail(octets)
        self._note("report_mail", report)
        return {"message_id": report.message_id, "kind": report.kind, "suppressed": True}

    def preview_template(
        self, template: str, *, user: str, locale: str | None, variables: Mapping[str, Json] | None
    ) -> Row:
        """Hello."""
        self._note("preview_template", (template, user, locale, variables))
        about = {"template": template, "version": 1, "locale": locale, "ok": True}
        return {**about, "subject": "Hello", "text": "Hello.", "html": None}

    def try_template(
        self,
        template: str,
        *,
        user: str,
        to: Sequence[str],
        locale: str | None,
        variables: Mapping[str, Json] | None,
    ) -> Row:
        """Accepted."""
        self._note("try_template", (template, user, tuple(to), locale, variables))
        tried = [{"to": one, "outcome": "accepted", "reason": ""} for one in to]
        return {"template": template, "version": 1, "tried": tried}

    def list_suppressions(
        self, *, channel: Channel, limit: int, after: str | None
    ) -> tuple[Sequence[Row], str | None]:
        """One address."""
        self._note("list_suppressions", (channel, limit, after))
        row = {"channel": channel, "address": "a@b.example", "reason": "bounced", "since": _NOW}
        return [row], None

    def import_suppressions(self, text: str, *, channel: Channel) -> Row:
        """As many as there are lines behind the first."""
        self._note("import_suppressions", (text, channel))
        count = len(text.splitlines()) - 1
        return {"read": count, "added": count}

    def remove_suppression(self, address: str, *, channel: Channel) -> Row:
        """It was there."""
        self._note("remove_suppression", (address, channel))
        return {"channel": channel, "address": address}
