"""Where requests of ours may go: to public addresses, and to hosts that the installation allows by name.

The address that is checked is the one that is connected to: a name is looked up once, so nobody can answer
with a public address first and with a private one later (DNS rebinding). However a host is written (decimal,
octal, hexadecimal), what counts is the address it comes to.
"""

import socket
from collections.abc import Callable, Collection, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpcore

Resolver = Callable[[str, int], Sequence[str]]
"""The addresses of a host, in the order they are to be tried."""

_NAT64 = ip_network("64:ff9b::/96")
_SHARED = ip_network("100.64.0.0/10")


class Forbidden(httpcore.ConnectError):
    """The host comes to an address that is not public."""


def is_public(text: str) -> bool:
    """Whether an address is one of the Internet at large, whatever it is wrapped in."""
    address = ip_address(text.partition("%")[0])
    return all(_is_public(one) for one in (address, *_carried(address)))


class Guard(httpcore.NetworkBackend):
    """Connects to what may be connected to."""

    def __init__(self, allowed: Collection[str] = (), resolve: Resolver | None = None) -> None:
        """`allowed` names hosts that may be private; `resolve` looks names up, by the system unless given."""
        self._allowed = frozenset(host.lower().rstrip(".") for host in allowed)
        self._resolve = resolve or _by_the_system
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a host. Raises Forbidden where any of them is not public."""
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} has no address") from error
        is_allowed = host.lower().rstrip(".") in self._allowed
        # One that is private among public ones is an attempt, not a choice.
        if not addresses or not (is_allowed or all(map(is_public, addresses))):
            raise Forbidden(f"{host} is not public")
        return self._inner.connect_tcp(addresses[0], port, timeout, local_address, socket_options)


def _by_the_system(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address) and address in _SHARED:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _carried(address: IPv4Address | IPv6Address) -> Iterable[IPv4Address]:
    """The addresses of the older kind that one of the newer kind stands for."""
    if isinstance(address, IPv4Address):
        return
    for inner in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())):
        if inner is not None:
            yield inner
    if address in _NAT64 or int(address) >> 32 == 0:
        yield IPv4Address(int(address) & 0xFFFFFFFF)
