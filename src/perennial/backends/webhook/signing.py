"""Webhooks are signed as Standard Webhooks says (version 1), so that receivers verify with its libraries."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime

_PREFIX = "whsec_"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSigner:
    """Signs for one workspace."""

    key: bytes = field(repr=False)

    @property
    def secret(self) -> str:
        """What a receiver verifies with."""
        return _PREFIX + base64.b64encode(self.key).decode("ascii")

    def headers(self, message_id: str, body: bytes, *, at: datetime) -> dict[str, str]:
        """The headers of one request."""
        timestamp = str(int(at.timestamp()))
        signed = b".".join([message_id.encode(), timestamp.encode(), body])
        digest = base64.b64encode(hmac.digest(self.key, signed, hashlib.sha256)).decode("ascii")
        return {
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{digest}",
        }
