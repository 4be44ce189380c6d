"""The webhook provider against real servers on the loopback address."""

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import cast

import pytest

from perennial.backends.webhook import Guard, WebhookProvider, WebhookSigner
from perennial.deliver.channels import Outgoing
from perennial.kernel.ids import MessageId

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
SIGNER = WebhookSigner(key=b"k" * 32)
Speak = Callable[[socket.socket], None]


class Heard(BaseHTTPRequestHandler):
    """Keeps what it is sent and answers as its path says."""

    def do_POST(self) -> None:
        server = cast("Server", self.server)
        body = self.rfile.read(int(self.headers["content-length"]))
        server.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
        status = int(self.path.rpartition("/")[2])
        self.send_response(status)
        if status // 100 == 3:
            self.send_header("location", f"http://127.0.0.1:{server.server_port}/200")
        self.send_header("content-length", "5")
        self.end_headers()
        self.wfile.write(b"said.")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A real server, and what it heard."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Heard)
        self.requests: list[tuple[dict[str, str], bytes]] = []


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(timeout=5)


@pytest.fixture
def speaking() -> Iterator[Callable[[Speak], str]]:
    """Servers that do with their one connection as they are told."""
    with ExitStack() as opened:

        def serve(speak: Speak) -> str:
            listener = opened.enter_context(socket.create_server(("127.0.0.1", 0)))

            def once() -> None:
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(5)
                    connection.recv(65_536)
                    speak(connection)

            thread = Thread(target=once, daemon=True)
            thread.start()
            opened.callback(thread.join, 5)
            return f"http://127.0.0.1:{listener.getsockname()[1]}/"

        yield serve


def outgoing(url: str, number: int = 1) -> Outgoing:
    body = json.dumps({"name": "梅"}, ensure_ascii=False)
    return Outgoing(
        message_id=MessageId(f"msg_{number}"),
        address=url,
        sender=None,
        subject="",
        text=body,
        written_at=NOON,
    )


def provider(
    *allowed: str, seconds: float = 2, resolve: Callable[[str, int], Sequence[str]] | None = None
) -> WebhookProvider:
    return WebhookProvider(SIGNER, Guard(allowed, resolve), total_seconds=seconds)


def sent(url: str, *, seconds: float = 2) -> tuple[str, str]:
    (receipt,) = provider("127.0.0.1", seconds=seconds).send([outgoing(url)])
    return receipt.outcome, receipt.reason


def test_what_arrives_is_signed_as_receivers_verify_it(server: Server) -> None:
    url = f"http://127.0.0.1:{server.server_port}/200"
    (receipt,) = provider("127.0.0.1").send([outgoing(url)])
    assert (receipt.outcome, receipt.answer) == ("accepted", "said.")
    ((headers, body),) = server.requests
    assert json.loads(body) == {"name": "梅"}
    assert (headers["webhook-id"], headers["idempotency-key"]) == ("msg_1", "msg_1")
    key = base64.b64decode(SIGNER.secret.removeprefix("whsec_"))
    signed = f"msg_1.{int(NOON.timestamp())}.".encode() + body
    digest = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    assert headers["webhook-timestamp"] == str(int(NOON.timestamp()))


@pytest.mark.parametrize(
    ("status", "found"),
    [
        (201, ("accepted", "")),
        (204, ("accepted", "")),
        (307, ("permanent", "redirected")),
        (400, ("permanent", "answered_400")),
        (404, ("permanent", "answered_404")),
        (408, ("temporary", "answered_408")),
        (410, ("permanent", "answered_410")),
        (429, ("temporary", "answered_429")),
        (500, ("temporary", "answered_500")),
        (503, ("temporary", "answered_503")),
    ],
)
def test_an_answer_says_whether_to_try_again(status: int, found: tuple[str, str], server: Server) -> None:
    assert sent(f"http://127.0.0.1:{server.server_port}/{status}") == found
    assert len(server.requests) == 1


BROKEN = {
    "hangs up": (b"", "no_answer"),
    "no HTTP": (b"nonsense\r\n\r\n", "no_answer"),
    "half a body": (b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf", "no_answer"),
    "no length": (b"HTTP/1.1 503 No\r\nconnection: close\r\n\r\n", "answered_503"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_answer_is_tried_again_under_the_same_id(
    what: str, speaking: Callable[[Speak], str]
) -> None:
    octets, reason = BROKEN[what]

    def speak(connection: socket.socket) -> None:
        connection.sendall(octets)

    assert sent(speaking(speak)) == ("temporary", reason)


def test_a_server_that_never_answers_is_left_after_a_while(speaking: Callable[[Speak], str]) -> None:
    def wait(connection: socket.socket) -> None:
        connection.recv(1)  # until the other side has had enough

    assert sent(speaking(wait), seconds=0.2) == ("temporary", "no_answer")


def test_an_endless_answer_is_not_read_to_its_end(speaking: Callable[[Speak], str]) -> None:
    def pour(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
        for _ in range(20_000):
            try:
                connection.sendall(b"x" * 10_000)
            except OSError:
                return

    assert sent(speaking(pour)) == ("accepted", "")


def test_nobody_at_the_address_is_tried_again_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    assert sent(f"http://127.0.0.1:{port}/") == ("unreachable", "not_reached")


@pytest.mark.parametrize("url", ["ftp://a.example/x", "nonsense", "http:///x"])
def test_what_is_no_address_is_given_up(url: str) -> None:
    (receipt,) = provider().send([outgoing(url)])
    assert receipt.outcome in ("permanent", "unreachable")
    assert receipt.outcome != "accepted"


def test_a_private_address_is_refused_also_behind_a_name_and_not_even_connected_to(server: Server) -> None:
    port = server.server_port
    hosts = (f"http://127.0.0.1:{port}/200", f"http://localhost:{port}/200", f"http://2130706433:{port}/200")
    for url in hosts:
        (receipt,) = provider().send([outgoing(url)])
        assert (receipt.outcome, receipt.reason) == ("permanent", "address_not_public")
    assert server.requests == []


def test_a_name_that_changes_its_address_is_connected_to_where_it_was_checked(server: Server) -> None:
    """Rebinding: public when it is looked up first, this machine when looked up again."""
    answers = iter([["192.0.2.1"], ["127.0.0.1"]])
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return next(answers)

    (receipt,) = provider(resolve=rebinding).send([outgoing(f"http://evil.example:{server.server_port}/200")])
    assert receipt.outcome == "permanent"
    assert asked == ["evil.example"]
    assert server.requests == []
