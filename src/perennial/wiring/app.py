"""One installation: its workspaces opened, turned and let go of."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Lock, RLock
from types import TracebackType
from typing import Self

import structlog

from perennial.access import Access, Credentials, WorkspaceOrder
from perennial.access import Workspace as WorkspaceRecord
from perennial.access.approvals import Approvals
from perennial.access.audit import AuditLog
from perennial.access.members import Members
from perennial.access.roles import Actor
from perennial.access.sources import Sources
from perennial.access.tokens import Tokens
from perennial.backends.clickhouse import (
    open_event_store,
)
from perennial.backends.home import HomeLock, remove_directory
from perennial.backends.objects import ObjectStorage
from perennial.backends.passwords import Argon2Passwords
from perennial.backends.sql.approvals import SqlApprovals
from perennial.backends.sql.audit import SqlAuditStore
from perennial.backends.sql.members import SqlMembers
from perennial.backends.sql.sources import SqlSources
from perennial.backends.sql.stores import open_stores
from perennial.backends.sql.workspaces import SqlRegistry
from perennial.collect.events import Stopping
from perennial.deliver.tracking import ReachedAt
from perennial.kernel.clock import Clock, SystemClock
from perennial.kernel.errors import PerennialError
from perennial.runtime.logs import write_logs
from perennial.runtime.loop import Loop
from perennial.runtime.workspace import Workspace
from perennial.settings import Settings
from perennial.wiring.assembly import Assembly
from perennial.wiring.environment import object_storage, read_settings

_log = structlog.get_logger(__name__)

_LOOK_EVERY = timedelta(seconds=5)
"""How often a running installation looks for workspaces that another process made."""


class App:
    """One installation: its workspaces, who may enter which, and the loops that turn them."""

    def __init__(self, home: Path, settings: Settings, clock: Clock, *, smtp_urls: Mapping[str, str]) -> None:
        self.home = home
        self.settings = settings
        self.clock = clock
        self._workspaces: dict[str, Workspace] = {}
        self._turning: set[str] = set()
        self._opening: dict[str, Lock] = {}
        self._guard = RLock()
        """Held for an instant, to look at these or to change them; never while a store is asked."""
        self._reached_at = ReachedAt(address=settings.public_url, links_address=settings.links_url)
        self._is_running = False
        self._is_closed = False
        self._looking = Loop("look-for-workspaces", self._look_for_workspaces, rhythm=_LOOK_EVERY)
        with ExitStack() as opened:
            opened.callback(HomeLock(home).release)
            self._stores = open_stores(settings.state_url, home)
            opened.callback(self._stores.close)
            self._registry = SqlRegistry(self._stores.root())
            self._events = open_event_store(settings.events_url, home)
            opened.callback(self._events.close)
            self._opened = opened.pop_all()
        self._assembly = Assembly(
            home=home,
            settings=settings,
            clock=clock,
            smtp_urls=smtp_urls,
            stores=self._stores,
            events=self._events,
            objects=ObjectStorage(object_storage(settings)),
            reached_at=lambda: self._reached_at,
        )
        self._access = Access(self._registry, clock)
        self.sources = Sources(SqlSources(self._registry.engine), clock)
        self.tokens = Tokens(self._registry, clock)
        self.approvals = Approvals(SqlApprovals(self._registry.engine), clock)
        self.audit = AuditLog(SqlAuditStore(self._registry.engine), clock)
        self.members = Members(
            SqlMembers(self._registry.engine),
            Argon2Passwords(),
            clock,
            address=lambda: self._reached_at.address,
            workspaces=self.workspaces,
        )

    def init(
        self,
        workspace: str = "default",
        *,
        timezone: str | None = None,
        week_start: str | None = None,
        renew_token: bool = False,
        seed: str | None = None,
        is_rehearsal: bool = False,
    ) -> Credentials:
        """Make a workspace, or say the write key of the one there. A token is told only when it is made."""
        order = WorkspaceOrder(timezone=timezone, week_start=week_start, seed=seed, is_rehearsal=is_rehearsal)
        return self._access.create_workspace(workspace, order, renew_token=renew_token)

    def serve_at(self, address: str) -> None:
        """Say where this server listens: its links lead there, unless the settings say a public address."""
        if not self.settings.public_url:
            self._reached_at = replace(self._reached_at, address=address)

    def workspaces(self) -> Sequence[str]:
        """The names of the workspaces there are."""
        return self._access.names()

    def list_workspaces(self) -> Sequence[WorkspaceRecord]:
        """The workspaces there are, by name."""
        return self._access.list_workspaces()

    def change_workspace(
        self, name: str, *, title: str | None = None, currency: str | None = None
    ) -> WorkspaceRecord:
        """Change what a workspace is called or what its amounts are in. Raises WorkspaceNotFound."""
        return self._access.change_workspace(name, title=title, currency=currency)

    def remove_workspace(self, name: str) -> None:
        """Take a workspace away, for good: who is in it, what they did, every key. Nothing brings it back.

        Broken off, it is ended when the installation is next opened. Raises WorkspaceNotFound.
        """
        self._access.begin_removal(name)
        self._finish_removal(name)

    def workspace(self, name: str = "default") -> Workspace:
        """A workspace, opened. Raises WorkspaceNotFound with the nearest name."""
        with self._guard:
            found = self._workspaces.get(name)
            if found is not None and (name in self._turning or not self._is_running):
                return found
            opening = self._opening.setdefault(name, Lock())
        # One thread opens it; whoever asks for another workspace meanwhile waits for nobody.
        with opening:
            return self._opened_and_turning(name)

    def _opened_and_turning(self, name: str) -> Workspace:
        """A workspace, with whatever it still lacks; what fails is tried anew when it is asked for again."""
        if self._is_closed:
            raise Stopping
        found = self._workspaces.get(name) or self._open(self._access.get_workspace(name))
        with self._guard:
            self._workspaces[name] = found
            is_to_turn = self._is_running and name not in self._turning
        if is_to_turn:
            found.start()
            with self._guard:
                self._turning.add(name)
        return found

    def authenticate_write(self, key: str) -> tuple[str, str] | None:
        """The workspace and source a write key belongs to, or None."""
        found = self._access.authenticate_write(key)
        return None if found is None else (found.workspace, found.source)

    def authenticate_token(self, token: str) -> Actor | None:
        """Whoever acts with an API token, in its one workspace; None where it is none, or has expired."""
        return self.tokens.authenticate(token)

    @property
    def public_url(self) -> str:
        """Where people reach this server from elsewhere, as the settings say; empty where they do not."""
        return self.settings.public_url

    def start(self) -> None:
        """Turn every workspace's loop in the background, until the app is closed.

        One that cannot be opened holds up no other and is tried again soon. Raises where none can be.
        """
        with self._guard:
            self._is_running = True
        self._finish_removals()
        failures = self._open_all()
        if failures and not self._turning:
            raise failures[0]
        self._looking.start()

    def close(self) -> None:
        """Take nothing more in, end the present turns, let go of the directory. Again does nothing."""
        self._looking.stop()
        with self._guard:
            self._is_closed = True
            opening = list(self._opening.values())
        for one in opening:
            with one:  # what is being opened now is stopped with the others
                pass
        with self._guard, self._opened:
            # Whatever becomes of one of them, the others are stopped and the stores are closed.
            for workspace in self._workspaces.values():
                self._opened.callback(workspace.stop)
            self._workspaces = {}
            self._turning.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self, record: WorkspaceRecord) -> Workspace:
        return self._assembly.open(record, on_accepted=lambda: self._wake(record.name))

    def _look_for_workspaces(self) -> timedelta:
        """Turn what another process made, or could not be opened before; let go of what it removed."""
        self._open_all()
        for name in set(self._workspaces).difference(self.workspaces()):
            self._let_go(name)
        for workspace in list(self._workspaces.values()):
            workspace.look_up_declarations()
        return _LOOK_EVERY

    def _finish_removals(self) -> None:
        """End removals that a crash, or a server that did not answer, broke off."""
        for name in self._access.removals():
            try:
                self._finish_removal(name)
            except PerennialError as error:
                _log.warning("workspace_not_removed", workspace=name, code=error.code, hint=error.hint)

    def _finish_removal(self, name: str) -> None:
        self._let_go(name)
        self._events.database(f"ws_{name}").drop()
        self._stores.drop(name)
        remove_directory(self.home / "workspaces" / name)
        # Last, so that whatever goes wrong before it is tried again.
        self._access.end_removal(name)
        _log.info("workspace_removed", workspace=name)

    def _let_go(self, name: str) -> None:
        """Stop a workspace that is not to be turned here any more."""
        with self._guard:
            opening = self._opening.setdefault(name, Lock())
        with opening:
            with self._guard:
                found = self._workspaces.pop(name, None)
                self._turning.discard(name)
            if found is not None:
                found.stop()

    def _open_all(self) -> Sequence[Exception]:
        """Open every workspace there is, and turn it; why some could not be."""
        failures: list[Exception] = []
        for name in self.workspaces():
            try:
                self.workspace(name)
            except PerennialError as error:
                _log.warning("workspace_not_opened", workspace=name, code=error.code, hint=error.hint)
                failures.append(error)
            except Exception as error:  # noqa: BLE001  whatever is wrong with this one, the others turn
                _log.exception("workspace_not_opened", workspace=name)
                failures.append(error)
        return failures

    def _wake(self, name: str) -> None:
        workspace = self._workspaces.get(name)
        if workspace is not None:
            workspace.wake()


def open_app(
    home: Path,
    *,
    events: str | None = None,
    state: str | None = None,
    clock: Clock | None = None,
    smtp_urls: Mapping[str, str] | None = None,
    refresh_every: timedelta | None = None,
) -> App:
    """Open an installation's directory. What is said here wins over the environment, and that over the file.

    `smtp_urls` gives workspaces, by name, a mail server of their own; `refresh_every` replaces the setting.
    Raises PerennialErrors with the codes
    `home_in_use`, `newer_version`, `not_writable`, `invalid_document` (settings).
    """
    if not structlog.is_configured():
        # A library keeps standard output clean; the commands set their own level.
        write_logs()
    settings = read_settings(home, events=events, state=state)
    if refresh_every is not None:
        settings = replace(settings, refresh_every=refresh_every)
    return App(home, settings, clock or SystemClock(), smtp_urls=smtp_urls or {})
