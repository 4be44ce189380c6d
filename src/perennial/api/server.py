"""The HTTP server: Granian inside this very process, because one process only may open a data directory.

Why Granian and how it is stopped: docs/decisions/0016-http-server.md.
"""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from fastapi import FastAPI
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server
from starlette.types import Receive, Scope, Send

from perennial.api.app import edge_behind
from perennial.api.protocols.tracking import Tracking
from perennial.kernel.errors import PerennialError, Refused

_CONNECT_PAUSE_SECONDS = 0.01
_OBJECTS_BETWEEN_COLLECTIONS = 50_000
_SWITCH_SECONDS = 0.0002
"""How long a thread keeps the interpreter while another waits for it. Reading a request and committing it are
short and let go of it often; at Python's 5 ms they waited for the processor at every statement (ADR 0035)."""
_log = structlog.get_logger(__name__)


class Door:
    """What the server calls: the way in is told from everything else before any of it is asked.

    Routing and its middleware cost as much as a whole batch of calls.
    """

    def __init__(self, api: FastAPI) -> None:
        self._api = api
        self._tracking = Tracking(edge_behind(api))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_call = scope["type"] == "http" and Tracking.is_at(scope["path"])
        await (self._tracking if is_call else self._api)(scope, receive, send)


class AddressInUse(Refused):
    """The address cannot be listened on."""

    code = "address_in_use"


class ServerStopped(PerennialError):
    """The HTTP server ended without being told to."""

    code = "server_stopped"
    is_our_fault = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Where to listen; port 0 is any free one."""

    host: str = "127.0.0.1"
    port: int = 8420


def serve(api: FastAPI, listen: Listen, *, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way and return.

    `on_ready` hears the address (`http://127.0.0.1:8420`) once connections are accepted.
    """
    _rarely_collect()
    sys.setswitchinterval(_SWITCH_SECONDS)
    asyncio.run(_serve(api, listen, on_ready))


def _rarely_collect() -> None:
    """Have the collector of cycles look less often, and never at what is here for good.

    Every call is a handful of new objects and none of them is in a cycle; at the usual threshold the
    collector takes a third of the time of a busy server.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 20, 20)


async def _serve(api: FastAPI, listen: Listen, on_ready: Callable[[str], None]) -> None:
    port = _free_port(listen)
    server = Server(
        Door(api),
        address=listen.host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    )
    told_to_stop = asyncio.Event()

    def stop() -> None:
        _log.info("server_stopping")
        told_to_stop.set()
        edge_behind(api).is_stopping = True
        edge_behind(api).debugger.close()
        server.stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    announcing = asyncio.create_task(_announce(listen.host, port, on_ready))
    try:
        await server.serve()
    finally:
        announcing.cancel()
    if not told_to_stop.is_set():
        raise ServerStopped


async def _announce(host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Say where we listen, as soon as a connection is accepted there."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  compared, not bound
    while True:
        try:
            _reader, writer = await asyncio.open_connection(reachable, port)
        except OSError:
            await asyncio.sleep(_CONNECT_PAUSE_SECONDS)
            continue
        writer.close()
        shown = f"[{reachable}]" if ":" in reachable else reachable
        on_ready(f"http://{shown}:{port}")
        return


def _free_port(listen: Listen) -> int:
    """The port to listen on, found free; raises AddressInUse.

    Granian shares its port (SO_REUSEPORT), so a second server would take half of the requests.
    """
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listen.host, listen.port))
        except OSError as error:
            raise AddressInUse(
                f"Cannot listen on {listen.host}:{listen.port}: {error.strerror or error}.",
                hint="Choose another --port; 0 is any free one.",
            ) from error
        return int(probe.getsockname()[1])
