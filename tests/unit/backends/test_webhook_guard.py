"""Where webhooks may go: the Internet at large, however an address is written or wrapped."""

import httpcore
import pytest

from perennial.backends.webhook import Forbidden, Guard, is_public

PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111"]
PRIVATE = [
    "127.0.0.1", "127.1.2.3", "0.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1",
    "::ffff:8.8.8.8", "64:ff9b::808:808", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_at_large_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_any_other_address_is_not_whatever_it_is_wrapped_in(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "LOCALHOST.", "::1"],
)
def test_a_host_that_comes_to_this_machine_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(httpcore.ConnectError):
        Guard().connect_tcp(host, 9, timeout=1)


def test_one_private_address_among_public_ones_refuses_the_host() -> None:
    guard = Guard(resolve=lambda _host, _port: ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(Forbidden):
        guard.connect_tcp("mixed.example", 443)


def test_a_host_without_an_address_is_not_reached() -> None:
    with pytest.raises(Forbidden):
        Guard(resolve=lambda _host, _port: []).connect_tcp("nothing.example", 443)
