"""Messages to programs: a signed POST each, and an honest receipt for every one.

| answer                                          | receipt     |
|-------------------------------------------------|-------------|
| 2xx                                             | accepted    |
| 408, 425, 429, 5xx                              | temporary   |
| 3xx (redirects are not followed), any other 4xx | permanent   |
| no address, no connection, TLS fails            | unreachable |
| an address that is not public                   | permanent   |
| silence or a broken line once it was sent       | temporary   |

The last is no `unknown`: the receiver knows the message by its `webhook-id` (also `Idempotency-Key`) and
takes it once, as the agreement of webhooks is.
"""

import ssl
from collections.abc import Callable, Sequence
from time import monotonic

import httpcore

from perennial.backends.webhook.guard import Forbidden, Guard
from perennial.backends.webhook.signing import WebhookSigner
from perennial.decide.journeys.model import Channel
from perennial.deliver.channels import Limits, Outcome, Outgoing, Receipt

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
MOST_TOGETHER = 15.0
"""Seconds for a round: whoever answers slowly must not hold up the rest of the outbox."""
MAX_ANSWER = 4_000
"""Bytes of an answer that are read."""
MAX_TOLD = 300

_AGAIN = frozenset({408, 425, 429})


class WebhookProvider:
    """Posts messages to the addresses that their templates say."""

    def __init__(
        self,
        signer: WebhookSigner,
        guard: Guard,
        *,
        tls: ssl.SSLContext | None = None,
        total_seconds: float = TOTAL_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.channel: Channel = "webhook"
        self.limits = Limits(batch=10)
        self._signer = signer
        self._total = total_seconds
        self._clock = clock
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls or ssl.create_default_context(),
            max_connections=10,
            keepalive_expiry=5.0,
            network_backend=guard,
        )

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Post messages one after the other; what a slow round leaves over waits for the next."""
        begun = self._clock()
        return [
            self._post(one)
            if self._clock() - begun < MOST_TOGETHER
            else _receipt(one, "unreachable", "round_too_slow")
            for one in batch
        ]

    def _post(self, outgoing: Outgoing) -> Receipt:
        body = outgoing.text.encode()
        headers = {
            "content-type": "application/json",
            "user-agent": "Perennial",
            "idempotency-key": outgoing.message_id,
            **self._signer.headers(outgoing.message_id, body, at=outgoing.written_at),
        }
        try:
            return self._answered(outgoing, headers, body)
        except Forbidden:
            return _receipt(outgoing, "permanent", "address_not_public")
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout):
            return _receipt(outgoing, "unreachable", "not_reached")
        except (httpcore.UnsupportedProtocol, httpcore.LocalProtocolError):
            return _receipt(outgoing, "permanent", "invalid_address")
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
            return _receipt(outgoing, "temporary", "no_answer")

    def _answered(self, outgoing: Outgoing, headers: dict[str, str], body: bytes) -> Receipt:
        timeout = {"connect": CONNECT_SECONDS, "read": self._total, "write": self._total, "pool": 1.0}
        begun = self._clock()
        with self._pool.stream(
            "POST",
            outgoing.address,
            headers=list(headers.items()),
            content=body,
            extensions={"timeout": timeout},
        ) as response:
            said = b""
            for part in response.iter_stream():
                said += part
                if len(said) > MAX_ANSWER or self._clock() - begun > self._total:
                    break  # the status is told; whatever else it says is not worth waiting for
            words = said[:MAX_TOLD].decode("utf-8", "replace")
            return _receipt(outgoing, *_outcome_of(response.status), words)


def _outcome_of(status: int) -> tuple[Outcome, str]:
    if status // 100 == 2:
        return "accepted", ""
    if status in _AGAIN or status // 100 == 5:
        return "temporary", f"answered_{status}"
    return "permanent", "redirected" if status // 100 == 3 else f"answered_{status}"


def _receipt(outgoing: Outgoing, outcome: Outcome, reason: str, answer: str = "") -> Receipt:
    return Receipt(message_id=outgoing.message_id, outcome=outcome, reason=reason, answer=answer)
