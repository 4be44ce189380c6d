"""One way for every command: the HTTP API, of the server that holds the directory or in this process."""

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

import httpx
import msgspec

from perennial.cli.local_transport import LocalTransport
from perennial.cli.refusals import Refusal
from perennial.cli.server_file import find_server
from perennial.kernel.errors import Unavailable
from perennial.kernel.ids import mint_secret
from perennial.kernel.values import Json

if TYPE_CHECKING:
    from perennial.api import Application

_PROBLEM_FROM = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which data directory, workspace and engines a command is about."""

    home: Path
    workspace: str
    events: str | None = None
    state: str | None = None
    may_create: bool = False
    """Whether the directory is made where it is missing: only commands that begin one do so."""


OpenHome = Callable[[Place], AbstractContextManager["Application"]]
"""Opens a data directory in this process, and closes it again."""


class Connection:
    """A caller of the API for one workspace."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def get(self, path: str, **parameters: str | int | None) -> Mapping[str, Json]:
        """Read, once everything accepted so far is visible; parameters that are None are left out."""
        given = {name.rstrip("_"): value for name, value in parameters.items() if value is not None}
        return self._answer(self._client.build_request("GET", path, params={**given, "wait": "accepted"}))

    def watch(self, path: str) -> Mapping[str, Json]:
        """Read without waiting for anything."""
        return self._answer(self._client.build_request("GET", path))

    def ask(self, path: str, question: Mapping[str, Json]) -> Mapping[str, Json]:
        """Ask what needs a document to say, once everything accepted so far is visible."""
        return self._answer(
            self._client.build_request("POST", path, params={"wait": "accepted"}, json=question)
        )

    def post(self, path: str, document: Mapping[str, Json] | None = None) -> Mapping[str, Json]:
        """Tell something."""
        return self._answer(self._client.build_request("POST", path, json=document or {}))

    def put(self, path: str, document: Mapping[str, Json]) -> Mapping[str, Json]:
        """Say how something is from now on."""
        return self._answer(self._client.build_request("PUT", path, json=document))

    def post_text(self, path: str, text: str, **parameters: str | int | None) -> Mapping[str, Json]:
        """Send a document as it was written, so that its own lines are in the answer."""
        headers = {"content-type": "application/yaml"}
        given = {name: value for name, value in parameters.items() if value is not None}
        return self._answer(
            self._client.build_request("POST", path, content=text.encode(), headers=headers, params=given)
        )

    def fetch(self, path: str, question: Mapping[str, Json], **parameters: str) -> bytes:
        """Ask for a file, once everything accepted so far is visible."""
        request = self._client.build_request(
            "POST", path, params={**parameters, "wait": "accepted"}, json=question
        )
        return self._sent(request).content

    def patch(self, path: str, change: Mapping[str, Json]) -> Mapping[str, Json]:
        """Change something."""
        return self._answer(self._client.build_request("PATCH", path, json=change))

    def delete(self, path: str, **parameters: str) -> Mapping[str, Json]:
        """Stop something, or take it away."""
        return self._answer(self._client.build_request("DELETE", path, params=parameters))

    def listen(self, path: str, **parameters: str | int | None) -> Generator[tuple[str, Mapping[str, Json]]]:
        """Server-sent events as they come, each with its name, until the server ends them."""
        given = {name: value for name, value in parameters.items() if value is not None}
        try:
            with self._client.stream("GET", path, params=given) as response:
                if response.status_code >= _PROBLEM_FROM:
                    raise Refusal(cast("Mapping[str, Json]", msgspec.json.decode(response.read())))
                yield from _events(response.iter_lines())
        except httpx.TransportError as error:
            raise Unavailable("The server that holds the data directory went away.") from error

    def _answer(self, request: httpx.Request) -> Mapping[str, Json]:
        return cast("Mapping[str, Json]", msgspec.json.decode(self._sent(request).content))

    def _sent(self, request: httpx.Request) -> httpx.Response:
        try:
            response = self._client.send(request)
        except httpx.TransportError as error:
            raise Unavailable(
                "The server that holds the data directory went away before it answered.",
                hint="Ask again; whatever it accepted is kept.",
            ) from error
        if response.status_code >= _PROBLEM_FROM:
            raise Refusal(cast("Mapping[str, Json]", msgspec.json.decode(response.content)))
        return response


def _events(lines: Iterable[str]) -> Generator[tuple[str, Mapping[str, Json]]]:
    """The events that lines of a stream are; comments, by which it stays open, are none."""
    name = ""
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, cast("Mapping[str, Json]", msgspec.json.decode(value))


def path_step(name: str) -> str:
    """A name as one step of a path, whatever is in it."""
    return quote(name, safe="")


@contextmanager
def connect(place: Place, open_home: OpenHome) -> Generator[Connection]:
    """The API of the running server, or else the same application in this process, holding the directory."""
    server = find_server(place.home)
    if server is not None:
        with _client(place, server.address, server.token, None) as client:
            yield Connection(client)
        return
    # Only now: a command that talks to a server must not pay for loading the engines.
    from perennial.api import create_app

    with open_home(place) as application:
        token = mint_secret("local_")
        transport = LocalTransport(create_app(application, local_token=token))
        with _client(place, "http://in-process", token, transport) as client:
            yield Connection(client)


def _client(place: Place, address: str, token: str, transport: httpx.BaseTransport | None) -> httpx.Client:
    headers = {"authorization": f"Bearer {token}", "x-perennial-workspace": place.workspace}
    # No timeout: a first refresh over millions of people may take minutes, and the server is on this machine.
    return httpx.Client(base_url=address, headers=headers, transport=transport, timeout=None, trust_env=False)  # noqa: S113
