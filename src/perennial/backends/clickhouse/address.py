"""Where a ClickHouse server is, or each shard of a cluster: `clickhouse://user:password@host:port/?…`."""

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from perennial.kernel.errors import Refused, nearest

SCHEME = "clickhouse"
_PORT, _SECURE_PORT = 8123, 8443
_AUTHORITY_ENDS = re.compile(r"[/?#]")
_NAMESPACE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_OPTIONS = ("ca", "cluster", "secure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A server's name and the port of its HTTP interface."""

    name: str
    port: int

    def __str__(self) -> str:
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What a URL says; its text never shows the password."""

    hosts: tuple[Host, ...]
    """One server; or every shard's, in any order, where `cluster` is given."""
    user: str = "default"
    password: str = field(default="", repr=False)
    namespace: str = ""
    """Before the names of all databases: several installations may share a server. Empty is none."""
    cluster: str = ""
    """The cluster's name in the servers' configuration; empty is a server by itself."""
    is_secure: bool = False
    authority: str = ""
    """A file of the certificates to trust; empty trusts those of the system."""


def parse_address(url: str) -> Address:
    """Read `clickhouse://user:password@host:port/namespace`, with `?secure=1&ca=FILE` where it speaks TLS.

    A cluster is named by `?cluster=NAME`, with the HTTP address of every shard: `host1:port1,host2:port2`.
    Raises `Refused`; the URL is not repeated, since it may hold a password.
    """
    parts = _split(url)
    options = _options(parts)
    credentials, _, hosts = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    is_secure = options.get("secure", "0") == "1"
    address = Address(
        hosts=tuple(_host(text, _SECURE_PORT if is_secure else _PORT) for text in hosts.split(",")),
        user=unquote(user) or "default",
        password=unquote(password),
        namespace=parts.path.removeprefix("/"),
        cluster=options.get("cluster", ""),
        is_secure=is_secure,
        authority=options.get("ca", ""),
    )
    if len(address.hosts) > 1 and not address.cluster:
        raise _refused("Several servers are several shards.", "Add the cluster's name: `?cluster=NAME`.")
    return address


def _split(url: str) -> SplitResult:
    # Several hosts in one address are ours, not the standard's: newer Pythons refuse brackets among them.
    scheme, mark, rest = url.partition("://")
    hosts = _AUTHORITY_ENDS.split(rest, maxsplit=1)[0]
    try:
        parts = urlsplit(f"{scheme}{mark}{'hosts' if hosts else ''}{rest[len(hosts) :]}")
        parts = parts._replace(netloc=hosts)
    except ValueError as error:
        raise _refused("This is no address of an event store.", str(error)) from None
    if parts.scheme != SCHEME or not parts.netloc or parts.fragment:
        raise _refused(
            "This is no address of an event store.", "Write clickhouse://user:password@host:port/."
        )
    if parts.path not in ("", "/") and not _NAMESPACE.fullmatch(parts.path[1:]):
        raise _refused(
            "The path of an event store's address is the name its databases begin with.",
            "Use small letters, digits and _, or leave it out: clickhouse://user:password@host:port/shop.",
        )
    return parts


def _options(parts: SplitResult) -> dict[str, str]:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in options:
        if name not in _OPTIONS:
            raise _refused(f"An event store's address has no {name!r}.", nearest(name, _OPTIONS))
    if options.get("secure", "0") not in ("0", "1"):
        raise _refused("`secure` is 1 or 0.", "Write secure=1 for TLS.")
    return options


def _host(text: str, default_port: int) -> Host:
    name, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        name, port = text, str(default_port)
    is_bracketed = name.startswith("[") and name.endswith("]")
    is_odd = not is_bracketed and any(letter in name for letter in "[]:")
    if not name or is_odd or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise _refused(
            "A server of the event store's address is not host:port.",
            "Write host1:8123,host2:8123; an IPv6 address in brackets: [::1]:8123.",
        )
    return Host(name=name.removeprefix("[").removesuffix("]"), port=int(port))


def _refused(message: str, hint: str) -> Refused:
    return Refused(message, hint=hint, path="$.events")
