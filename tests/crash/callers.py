"""Calls over HTTP as real clients make them: one kept-alive connection, a new one after a failure."""

import http.client
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from perennial.kernel.values import Json

ANSWER_SECONDS = 30.0
_PAUSE_SECONDS = 0.05


class Unreachable(Exception):
    """There is no server, or it went away before it answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: Mapping[str, Json]


class Caller:
    """One client with its connection. Not to be shared between threads."""

    def __init__(self, server: Callable[[], tuple[str, str] | None]) -> None:
        """`server` gives the present address and local token, or None where none runs."""
        self._server = server
        self._connection: http.client.HTTPConnection | None = None
        self._address = ""

    def call(
        self, method: str, path: str, document: Json = None, *, authorization: str | None = None
    ) -> Answer:
        """One call; with the local token unless told otherwise. Raises Unreachable."""
        server = self._server()
        if server is None:
            raise Unreachable
        headers = {
            "Authorization": authorization or f"Bearer {server[1]}",
            "Content-Type": "application/json",
        }
        return self.send(method, path, None if document is None else json.dumps(document).encode(), headers)

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """One request as it stands; what is answered that is not JSON is not read. Raises Unreachable."""
        server = self._server()
        if server is None:
            raise Unreachable
        address, _token = server
        try:
            connection = self._to(address)
            connection.request(method, path, body=body, headers={**headers})
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unreachable from error
        told = {name.lower(): value for name, value in answer.getheaders()}
        is_json = "json" in told.get("content-type", "")
        return Answer(
            status=answer.status,
            headers=told,
            body=cast("Mapping[str, Json]", json.loads(text)) if is_json else {},
        )

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _to(self, address: str) -> http.client.HTTPConnection:
        if self._connection is None or self._address != address:
            self.close()
            place = urlsplit(address)
            self._connection = http.client.HTTPConnection(
                place.hostname or "", place.port, timeout=ANSWER_SECONDS
            )
            self._address = address
        return self._connection


def import_file(caller: Caller, file: Path) -> Mapping[str, Json]:
    """Have a file imported under its name, and wait for its end; the last word on it. Raises Unreachable."""
    pause = threading.Event()
    job = caller.call("POST", "/api/imports", {"file": str(file), "name": file.stem}).body
    while job.get("state") == "running":
        pause.wait(_PAUSE_SECONDS)
        job = caller.call("GET", f"/api/imports/{file.stem}").body
    return job
