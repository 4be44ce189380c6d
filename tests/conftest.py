"""What every test may rely on: a clean environment, no network in unit tests, and skips that are counted."""

import os
import signal
import socket
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings
from tests.services.clickhouse import clickhouse_cluster, clickhouse_server
from tests.services.postgres import postgres_databases, postgres_server
from tests.services.state import open_new, shared_database, state_url

# Fixtures of servers are found here; each is started once, by the first test that asks for it.
__all__ = [
    "clickhouse_cluster",
    "clickhouse_server",
    "open_new",
    "postgres_databases",
    "postgres_server",
    "shared_database",
    "state_url",
]

UNIT = Path(__file__).parent / "unit"

# A developer's own settings must never change a verdict.
for variable in [name for name in os.environ if name.startswith("PERENNIAL_")]:
    del os.environ[variable]

# A shell's background jobs ignore interrupts, and whatever they start inherits that: a command that a test
# interrupts would run on.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Engines make single examples slow by turns; the number of cases is what a property test promises.
settings.register_profile("short", deadline=None, max_examples=100)
settings.register_profile("long", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))

SKIPPED_SERVICE_TESTS = pytest.StashKey[list[str]]()


@pytest.fixture(autouse=True)
def no_network_in_unit_tests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit test that opens a connection is not a unit test."""
    if not request.path.is_relative_to(UNIT):
        return

    def refuse(_socket: socket.socket, address: object) -> NoReturn:
        pytest.fail(f"A unit test tried to connect to {address}.")

    monkeypatch.setattr(socket.socket, "connect", refuse)


class SkippedServices:
    """Remembers the service tests that did not run; where CI is set, they fail the run."""

    def __init__(self, config: pytest.Config) -> None:
        self.skipped = config.stash.setdefault(SKIPPED_SERVICE_TESTS, [])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and "service" in report.keywords:
            self.skipped.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.skipped and os.environ.get("CI") == "true" and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        verdict = " (a failure where CI=true)" if self.skipped else ""
        terminalreporter.write_line(f"Service tests skipped: {len(self.skipped)}{verdict}")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(SkippedServices(config), "skipped-services")
