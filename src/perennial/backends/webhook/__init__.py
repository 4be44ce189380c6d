"""A webhook is a message to a program: signed, sent to public addresses only, repeated under its id."""

from perennial.backends.webhook.guard import Forbidden, Guard, is_public
from perennial.backends.webhook.provider import WebhookProvider
from perennial.backends.webhook.signing import WebhookSigner

__all__ = ["Forbidden", "Guard", "WebhookProvider", "WebhookSigner", "is_public"]
