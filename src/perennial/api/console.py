"""The browser's way into the console: links that open it once, the sessions they begin, and who is refused.

Threats and why each check is there: docs/decisions/0022-console-session.md.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from urllib.parse import urlsplit

from perennial.api.problems import Forbidden, Unauthorized
from perennial.kernel.clock import Clock
from perennial.kernel.errors import NotFound
from perennial.kernel.ids import mint_secret

LINK_LASTS = timedelta(minutes=10)
SESSION_LASTS = timedelta(hours=12)
_SAFE_METHODS = ("GET", "HEAD")
_OWN_FETCHES = ("same-origin", "none")
"""Values of `Sec-Fetch-Site` for our own pages and for what a person typed."""
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_HTTP_PORT = 80


class ConsoleClosed(NotFound):
    """The console is not served here: it opens on a loopback address only."""

    code = "console_closed"


class SessionMissing(Unauthorized):
    """The browser has no session, or one that has ended."""

    code = "session_missing"


class ForeignRequest(Forbidden):
    """The session's cookie came with a request that our own pages did not make."""

    code = "foreign_request"


@dataclass(slots=True)
class _Passes:
    """Secrets that were given out, as hashes, each until an instant."""

    lasts: timedelta
    _until: dict[bytes, datetime] = field(default_factory=dict[bytes, datetime])
    _lock: Lock = field(default_factory=Lock)

    def give(self, prefix: str, *, now: datetime) -> str:
        secret = mint_secret(prefix)
        with self._lock:
            self._until = {kept: until for kept, until in self._until.items() if until > now}
            self._until[_digest(secret)] = now + self.lasts
        return secret

    def is_known(self, secret: str, *, now: datetime) -> bool:
        with self._lock:
            until = self._until.get(_digest(secret))
        return until is not None and until > now

    def take_back(self, secret: str, *, now: datetime) -> bool:
        """Whether the secret was good; from now on it is not."""
        with self._lock:
            until = self._until.pop(_digest(secret), None)
        return until is not None and until > now


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberCookie:
    """How a member's session is kept in their browser."""

    name: str
    is_secure: bool
    """Sent over TLS only."""


class Console:
    """One serving process's console. Sessions live in its memory: they end with it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._links = _Passes(LINK_LASTS)
        self._sessions = _Passes(SESSION_LASTS)
        self._port: int | None = None
        self._address = ""
        self._public = ""

    def open_publicly(self, address: str) -> None:
        """Let members in at this address, which others reach through TLS (`https://crm.example.com`)."""
        if address.startswith("https://"):
            self._public = address.rstrip("/")

    def open_at(self, address: str) -> None:
        """Serve the console at this address (`http://127.0.0.1:8420`), which only this machine reaches."""
        self._address = address
        self._port = urlsplit(address).port or _HTTP_PORT

    @property
    def is_open(self) -> bool:
        """Whether there is a console here."""
        return self._port is not None or bool(self._public)

    @property
    def cookie(self) -> str:
        """The cookie's name. Browsers keep cookies by host, not by port: two servers must not share one."""
        return f"perennial_session_{self._port}"

    def member_cookie(self, headers: Mapping[str, str]) -> MemberCookie:
        """The cookie of a member's session at the address they see; behind TLS no other host can set it."""
        if self.is_public(headers):
            return MemberCookie(name="__Host-perennial_member", is_secure=True)
        return MemberCookie(name=f"perennial_member_{self._port}", is_secure=False)

    def is_public(self, headers: Mapping[str, str]) -> bool:
        """Whether the browser came by the address that others reach."""
        return bool(self._public) and headers.get("host", "").lower() == urlsplit(self._public).netloc.lower()

    def make_link(self) -> str:
        """An address that opens the console once. Raises ConsoleClosed."""
        self.require_near()
        return f"{self._address}/enter?key={self._links.give('enter_', now=self._clock.now())}"

    def redeem(self, key: str) -> str | None:
        """A new session for a link's key, once; None for any other key."""
        now = self._clock.now()
        if not self._links.take_back(key, now=now):
            return None
        return self._sessions.give("session_", now=now)

    def end(self, session: str) -> None:
        """Let a session be over."""
        self._sessions.take_back(session, now=self._clock.now())

    def require_open(self) -> None:
        """Raise ConsoleClosed where this server does not serve the console."""
        if not self.is_open:
            raise ConsoleClosed(
                hint="Serve on 127.0.0.1, localhost or ::1; elsewhere there is only the API, until "
                "`public_url` in settings.toml says at which https:// address members come in."
            )

    def require_near(self) -> None:
        """Raise ConsoleClosed where this server does not listen for its own machine: links are for that."""
        if self._port is None:
            raise ConsoleClosed(hint="Serve on 127.0.0.1, localhost or ::1; elsewhere members sign in.")

    def require_session(self, method: str, headers: Mapping[str, str], cookies: Mapping[str, str]) -> None:
        """Raise unless our own page asks, with a session. Raises SessionMissing, ForeignRequest."""
        session = cookies.get(self.cookie)
        if self._port is None or session is None or self.is_public(headers):
            raise no_session()
        self.require_own(method, headers)
        if not self._sessions.is_known(session, now=self._clock.now()):
            raise no_session()

    def require_own(self, method: str, headers: Mapping[str, str]) -> None:
        """Raise ForeignRequest where a page that is not ours asks (its `Host`, its `Origin`)."""
        self.require_own_host(headers)
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "same-origin")
        if origin is None and method not in _SAFE_METHODS:
            raise ForeignRequest("A change needs the browser's Origin.", hint="Ask from the console's pages.")
        scheme = "https" if self.is_public(headers) else "http"
        is_own = origin is None or origin.lower() == f"{scheme}://{headers['host'].lower()}"
        if not is_own or site not in _OWN_FETCHES:
            raise ForeignRequest("Another site's page asked this.", hint="Ask from the console's pages.")

    def require_own_host(self, headers: Mapping[str, str]) -> None:
        """Raise ForeignRequest where the browser believes that we are another host (DNS rebinding)."""
        if not self.is_public(headers) and headers.get("host", "").lower() not in self._hosts():
            raise ForeignRequest(
                "This server is not that host.", hint=f"Open {self._public or self._address}."
            )

    def _hosts(self) -> frozenset[str]:
        if self._port is None:
            return frozenset()
        # All of 127.0.0.0/8 is this machine: where we were told to listen on 127.0.0.2, that is our name too.
        names = {*_LOOPBACK_NAMES, urlsplit(self._address).netloc.removesuffix(f":{self._port}")}
        named = {f"{name}:{self._port}" for name in names}
        return frozenset(named | names if self._port == _HTTP_PORT else named)


def is_loopback(host: str) -> bool:
    """Whether a server that listens on this host is reached from its own machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _digest(secret: str) -> bytes:
    # Looked up by hash: how long a look-up takes says nothing about the secret.
    return sha256(secret.encode()).digest()


def no_session() -> SessionMissing:
    """The refusal of a browser without a session."""
    return SessionMissing(
        "There is no open session.",
        hint="Members sign in at /sign-in; `perennial console` prints a link that opens the console.",
    )
