"""What the edges need of a workspace about single messages."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from perennial.api.answers import Answer, Page
from perennial.decide.journeys.model import Channel
from perennial.deliver.messages.orders import MessageWish
from perennial.kernel.values import Json


class MessageWork(Protocol):
    """Messages ordered by calls, tried, retried and reported on; addresses that get nothing."""

    def send_message(self, wish: MessageWish) -> Answer:
        """Ask for one message to one person."""
        ...

    def ask_consent(self, user: str, *, consent: str, template: str) -> Answer:
        """Ask a person by mail to confirm a consent (double opt-in)."""
        ...

    def retry_messages(self, message_ids: Sequence[str]) -> Answer:
        """Put failed and unknown messages back into the queue."""
        ...

    def show_webhook_secret(self) -> Answer:
        """What receivers verify this workspace's webhooks with."""
        ...

    def report_message(self, document: Json) -> Answer:
        """Take what a provider tells later of a message."""
        ...

    def report_mail(self, octets: bytes) -> Answer:
        """Take a delivery status or a complaint as it came by mail."""
        ...

    def preview_template(
        self, template: str, *, user: str, locale: str | None, variables: Mapping[str, Json] | None
    ) -> Answer:
        """What a template says to a real person."""
        ...

    def try_template(
        self,
        template: str,
        *,
        user: str,
        to: Sequence[str],
        locale: str | None,
        variables: Mapping[str, Json] | None,
    ) -> Answer:
        """Send what a template says to a person to addresses of one's own."""
        ...

    def list_suppressions(self, *, channel: Channel, limit: int, after: str | None) -> Page:
        """Addresses that get nothing."""
        ...

    def import_suppressions(self, text: str, *, channel: Channel) -> Answer:
        """Suppress the addresses of a CSV."""
        ...

    def remove_suppression(self, address: str, *, channel: Channel) -> Answer:
        """Let an address get messages again."""
        ...
