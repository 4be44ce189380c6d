"""The HTTP application over an installation without engines, called without a socket."""

from collections.abc import Iterator

import httpx
import pytest

from perennial.api import create_app
from perennial.cli.local_transport import LocalTransport
from perennial.testing.installation import FakeInstallation, FakeWorkspace

LOCAL_TOKEN = "local_test"


@pytest.fixture
def installation() -> FakeInstallation:
    return FakeInstallation()


@pytest.fixture
def workspace(installation: FakeInstallation) -> FakeWorkspace:
    return installation.workspaces["default"]


@pytest.fixture
def client(installation: FakeInstallation) -> Iterator[httpx.Client]:
    """Nobody in particular: no token, no key."""
    transport = LocalTransport(create_app(installation, local_token=LOCAL_TOKEN))
    with httpx.Client(transport=transport, base_url="http://perennial") as client:
        yield client


@pytest.fixture
def local(client: httpx.Client) -> httpx.Client:
    """Whoever can read the data directory."""
    client.headers["authorization"] = f"Bearer {LOCAL_TOKEN}"
    return client
