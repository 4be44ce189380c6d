"""The one place where the program is put together: settings are read, engines chosen, stages connected."""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Lock, RLock
from types import TracebackType
from typing import Self

import structlog

from perennial.access import Access, Credentials
from perennial.access import Workspace as WorkspaceRecord
from perennial.backends.clickhouse import (
    ClickHouseEventStore,
    ClickHousePopulation,
    Transport,
    open_event_store,
    prepare_database,
)
from perennial.backends.clickhouse.doctor import ClickHouseLogExam
from perennial.backends.clickhouse.readouts import ClickHouseJourneyFacts
from perennial.backends.clickhouse.today import ClickHouseTodayFacts
from perennial.backends.home import HomeLock, free_space, make_directory
from perennial.backends.smtp import SmtpProvider, parse_server
from perennial.backends.sql.doctor import SqlRecordsExam
from perennial.backends.sql.imports import SqlImportLedger
from perennial.backends.sql.intake import SqlIntakeLog
from perennial.backends.sql.state import StateStore
from perennial.backends.sql.stores import open_stores
from perennial.backends.sql.workspaces import SqlRegistry
from perennial.collect.events import Intake, Stopping
from perennial.collect.imports.service import Imports, ImportSettings
from perennial.compute.segments.service import Segments
from perennial.compute.tags.service import Tags
from perennial.decide.journeys.model import Channel
from perennial.decide.policies import FrequencyCap
from perennial.deliver.channels import Provider
from perennial.deliver.messages import Delivery, DeliverySettings
from perennial.kernel.clock import Clock, SystemClock, VirtualClock
from perennial.kernel.errors import PerennialError
from perennial.kernel.ids import mint_secret
from perennial.runtime.doctor import Doctor
from perennial.runtime.log_facts import LogFacts
from perennial.runtime.logs import write_logs
from perennial.runtime.loop import Loop
from perennial.runtime.processor import Stages
from perennial.runtime.workspace import Workspace
from perennial.settings import Settings, read_settings_file

__all__ = ["App", "Settings", "Workspace", "open_app"]

_log = structlog.get_logger(__name__)

_LOOK_EVERY = timedelta(seconds=5)
"""How often a running installation looks for workspaces that another process made."""


class App:
    """One installation: its workspaces, who may enter which, and the loops that turn them."""

    def __init__(self, home: Path, settings: Settings, clock: Clock, *, smtp_urls: Mapping[str, str]) -> None:
        self.home = home
        self.settings = settings
        self.clock = clock
        self._smtp_urls = smtp_urls
        self._workspaces: dict[str, Workspace] = {}
        self._turning: set[str] = set()
        self._opening: dict[str, Lock] = {}
        self._guard = RLock()
        """Held for an instant, to look at these or to change them; never while a store is asked."""
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
        self._access = Access(self._registry, clock)

    def init(
        self,
        workspace: str = "default",
        *,
        timezone: str | None = None,
        renew_token: bool = False,
        seed: str | None = None,
        is_rehearsal: bool = False,
    ) -> Credentials:
        """Make a workspace, or say the write key of the one there. A token is told only when it is made."""
        return self._access.create_workspace(
            workspace, timezone=timezone, renew_token=renew_token, seed=seed, is_rehearsal=is_rehearsal
        )

    def workspaces(self) -> Sequence[str]:
        """The names of the workspaces there are."""
        return self._access.names()

    def list_workspaces(self) -> Sequence[WorkspaceRecord]:
        """The workspaces there are, by name."""
        return self._access.list_workspaces()

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

    def authenticate_token(self, token: str) -> str | None:
        """The workspace an API token belongs to, or None."""
        return self._access.authenticate_token(token)

    def start(self) -> None:
        """Turn every workspace's loop in the background, until the app is closed.

        One that cannot be opened holds up no other and is tried again soon. Raises where none can be.
        """
        with self._guard:
            self._is_running = True
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
        folder = self.home / "workspaces" / record.name
        make_directory(folder / "spool")
        state, intake_engine = self._stores.state(record.name), self._stores.intake(record.name)
        transport = self._events.database(f"ws_{record.name}")
        with state.begin():
            # Behind the state's writer: of several processes that start at once, one brings it up to date.
            prepare_database(transport)
        events, log = ClickHouseEventStore(transport), SqlIntakeLog(intake_engine)
        with ExitStack() as half_open:
            intake = Intake(
                log, new_id=lambda: mint_secret("msg_"), on_accepted=lambda: self._wake(record.name)
            )
            half_open.callback(intake.close)
            stages = self._stages(record, intake, state, events, transport)
            imports = Imports(
                SqlImportLedger(intake_engine),
                state,
                events,
                stages.clock,
                ImportSettings(spool_directory=folder / "spool", seed=record.seed, zone=record.zone),
                turn=stages.turn,
            )
            workspace = Workspace(
                record.name,
                stages,
                intake_log=log,
                imports=imports,
                facts=LogFacts(
                    journeys=ClickHouseJourneyFacts(transport), today=ClickHouseTodayFacts(transport)
                ),
                doctor=Doctor(
                    stages=stages,
                    records=SqlRecordsExam(state.engine, intake_engine),
                    log=ClickHouseLogExam(transport),
                    disk=lambda: free_space(self.home),
                ),
                is_rehearsal=record.is_rehearsal,
            )
            imports.recover()
            workspace.recover()
            half_open.pop_all()
        return workspace

    def _stages(
        self,
        record: WorkspaceRecord,
        intake: Intake,
        state: StateStore,
        events: ClickHouseEventStore,
        transport: Transport,
    ) -> Stages:
        clock = self.clock
        if record.is_rehearsal and isinstance(clock, SystemClock):
            # Nobody moves its clock now: it stands where it was last moved to, so that windows stay open.
            clock = VirtualClock(events.heard_until() or clock.now())
        return Stages(
            intake=intake,
            state=state,
            events=events,
            population=ClickHousePopulation(transport),
            segments=Segments(refresh_interval=self.settings.refresh_every),
            tags=Tags(refresh_interval=self.settings.refresh_every),
            delivery=self._delivery(record, state),
            clock=clock,
            zone=record.zone,
            seed=record.seed,
        )

    def _delivery(self, record: WorkspaceRecord, state: StateStore) -> Delivery:
        default = "" if record.is_rehearsal else self.settings.smtp_url
        url = self._smtp_urls.get(record.name, default)
        settings = self.settings
        cap = FrequencyCap(limit=settings.cap_limit, window=settings.cap_window, topics=settings.cap_topics)
        providers: dict[Channel, Provider] = {"email": SmtpProvider(parse_server(url))} if url else {}
        return Delivery(state, providers, DeliverySettings(cap=cap))

    def _look_for_workspaces(self) -> timedelta:
        """Turn what another process made, too, and what could not be opened before."""
        self._open_all()
        return _LOOK_EVERY

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


def read_settings(home: Path, *, events: str | None = None, state: str | None = None) -> Settings:
    """The settings of a directory. Raises InvalidDocument with every mistake in the file."""
    told = read_settings_file(home / "settings.toml")
    return replace(
        told,
        events_url=events or os.environ.get("PERENNIAL_EVENTS") or told.events_url,
        state_url=state or os.environ.get("PERENNIAL_STATE") or told.state_url,
    )
