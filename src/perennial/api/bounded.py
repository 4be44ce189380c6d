"""A bound to every request's body, read or not yet: who has no token must not fill our memory either.

The framework reads a body whole before it asks whose it is.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from perennial.api.problems import TooLarge
from perennial.api.uploads import is_upload

MAX_BODY_BYTES = 1024 * 1024
_INTERFACE = "/api/"


class BoundedBodies:
    """Hands requests on, and refuses to read more of one for the interface than any of its calls may be."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand one request on."""
        # The way in has bounds of its own, larger ones, and so have uploads.
        is_bounded = (
            scope["type"] == "http" and scope["path"].startswith(_INTERFACE) and not is_upload(scope["path"])
        )
        await self._app(scope, _bounded(receive) if is_bounded else receive, send)


def _bounded(receive: Receive) -> Receive:
    """The same body, which raises TooLarge where it goes on for too long."""
    size = 0

    async def receive_more() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > MAX_BODY_BYTES:
            raise TooLarge(f"A body has at most {MAX_BODY_BYTES} bytes.")
        return message

    return receive_more
