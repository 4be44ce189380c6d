"""`server.json`: how a command finds the server that holds its data directory."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import msgspec

NAME = "server.json"
_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningServer:
    """A serving process, and the token that opens it to whoever can read the data directory."""

    address: str
    token: str
    pid: int
    version: str
    instance: str
    """The server's public name in `/api/health`: another program on the same port does not know it."""


def write_server_file(home: Path, server: RunningServer) -> None:
    """Tell commands where to go; readable by the owner only from the first moment."""
    temporary = home / f".{NAME}.{server.pid}"
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(server), file)
    temporary.replace(home / NAME)


def remove_server_file(home: Path) -> None:
    """Take the sign down."""
    (home / NAME).unlink(missing_ok=True)


def find_server(home: Path) -> RunningServer | None:
    """The server that holds this directory, if it really answers; a file left by a crash is ignored."""
    try:
        server = msgspec.json.decode((home / NAME).read_bytes(), type=RunningServer)
    except (OSError, msgspec.DecodeError):
        return None
    return server if _is_alive(server.pid) and _answers(server) else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _answers(server: RunningServer) -> bool:
    try:
        health = httpx.get(f"{server.address}/api/health", timeout=_PATIENCE_SECONDS, trust_env=False)
        return health.status_code == 200 and health.json().get("instance") == server.instance
    except (httpx.HTTPError, ValueError):
        return False
