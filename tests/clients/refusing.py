"""A proxy that answers 429 two times out of three, to one of the two only after the server has taken it."""

import base64
import gzip
import re
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

_MESSAGE_ID = re.compile(rb'"messageId": ?"([^"]+)"')
_BY_THE_WAY = frozenset({"host", "connection", "content-length", "transfer-encoding", "expect"})
"""Headers of one connection, which the next one has of its own."""


class Refusals:
    """Where the server is, and how often each parcel came by."""

    def __init__(self, server: str) -> None:
        self.server = urlsplit(server).netloc
        self.given = 0
        """How many requests were answered 429."""
        self.parcels: Counter[bytes] = Counter()
        self._lock = threading.Lock()

    def attempt(self, parcel: bytes) -> int:
        """How often this parcel came before."""
        with self._lock:
            before = self.parcels[parcel]
            self.parcels[parcel] += 1
            self.given += before < 2
        return before


@contextmanager
def refusing(server: str) -> Generator[tuple[str, Refusals]]:
    """The proxy's address, and what it refused, for as long as the block runs."""
    refusals = Refusals(server)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            before = refusals.attempt(parcel_of(body))
            status, answer = (0, b"") if before == 0 else self._forward(body)
            if before < 2:
                status, answer = 429, b"{}"
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", "1")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def _forward(self, body: bytes) -> tuple[int, bytes]:
            headers = {name: told for name, told in self.headers.items() if name.lower() not in _BY_THE_WAY}
            connection = HTTPConnection(refusals.server, timeout=60)
            try:
                connection.request("POST", self.path, body=body, headers=headers)
                answer = connection.getresponse()
                return answer.status, answer.read()
            finally:
                connection.close()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as it is called above us
            """Nothing: whoever reads a test's output looks for something else."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as proxy:
        serving = threading.Thread(target=proxy.serve_forever, args=(0.05,))
        serving.start()
        try:
            yield f"http://127.0.0.1:{proxy.server_port}", refusals
        finally:
            proxy.shutdown()
            serving.join()


def parcel_of(body: bytes) -> bytes:
    """What a body carries, the same at every attempt, although it may be packed and dated anew."""
    plain = _unpacked(body)
    if plain.startswith(b"{"):
        return b" ".join(sorted(_MESSAGE_ID.findall(plain))) or plain
    form = parse_qs(plain)
    return _unpacked(base64.b64decode((form.get(b"data_list") or form[b"data"])[0]))


def _unpacked(body: bytes) -> bytes:
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
