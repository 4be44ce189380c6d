"""Calling the HTTP application inside the command's own process, without a socket."""

import asyncio
from collections.abc import Mapping
from typing import cast

import httpx
from starlette.types import ASGIApp, Message, Scope


class LocalTransport(httpx.BaseTransport):
    """An httpx transport that calls an ASGI application, one request at a time."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request by calling the application."""
        return asyncio.run(self._call(request))

    async def _call(self, request: httpx.Request) -> httpx.Response:
        answer = _Answer(request.read())
        await self._application(_scope_of(request), answer.receive, answer.send)
        return httpx.Response(
            answer.status, headers=answer.headers, content=bytes(answer.body), request=request
        )


class _Answer:
    """The two ends of one ASGI exchange."""

    def __init__(self, request_body: bytes) -> None:
        self._request_body = request_body
        self._is_read = False
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()

    async def receive(self) -> Message:
        if self._is_read:
            # Nobody hangs up on a call within one process: a listener for that waits until it is cancelled.
            await asyncio.Event().wait()
        self._is_read = True
        return {"type": "http.request", "body": self._request_body, "more_body": False}

    async def send(self, message: Message) -> None:
        fields = cast("Mapping[str, object]", message)  # ASGI messages are plain dictionaries
        if fields["type"] == "http.response.start":
            self.status = cast("int", fields["status"])
            self.headers = list(cast("list[tuple[bytes, bytes]]", fields.get("headers", [])))
        elif fields["type"] == "http.response.body":
            self.body += cast("bytes", fields.get("body", b""))


def _scope_of(request: httpx.Request) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.partition(b"?")[0],
        "query_string": request.url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (request.url.host, request.url.port or 80),
        "client": ("in-process", 0),
    }
