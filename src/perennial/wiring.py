"""The one place where the program is put together: settings are read, engines chosen, stages connected."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Self

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from perennial.access import Access, Credentials
from perennial.access import Workspace as WorkspaceRecord
from perennial.backends.clickhouse import (
    ClickHouseEventStore,
    ClickHousePopulation,
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
from perennial.collect.events import Intake
from perennial.collect.imports.service import Imports, ImportSettings
from perennial.compute.segments.service import Segments
from perennial.compute.tags.service import Tags
from perennial.decide.journeys.model import Channel
from perennial.decide.policies import FrequencyCap
from perennial.deliver.channels import Provider
from perennial.deliver.messages import Delivery, DeliverySettings
from perennial.kernel.clock import Clock, SystemClock, VirtualClock
from perennial.kernel.errors import InvalidDocument, Problem, nearest
from perennial.kernel.ids import mint_secret
from perennial.kernel.windows import parse_duration
from perennial.runtime.doctor import Doctor
from perennial.runtime.glances import LogFacts
from perennial.runtime.logs import write_logs
from perennial.runtime.loop import Loop
from perennial.runtime.processor import Stages
from perennial.runtime.replay import replay
from perennial.runtime.workspace import Workspace

__all__ = ["App", "Settings", "Workspace", "open_app"]


_LOOK_EVERY = timedelta(seconds=5)
"""How often a running installation looks for workspaces that another process made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an installation is told by `settings.toml` in its directory; the command line wins over it."""

    events_url: str = field(default="chdb:///", repr=False)
    """The event store (`events`, `--events`, `PERENNIAL_EVENTS`): `chdb:///` is embedded,
    `clickhouse://user:password@host:8123/` a server; with every host and `?cluster=NAME`, shards."""
    state_url: str = field(default="sqlite:///", repr=False)
    """The state store (`state`, `--state`, `PERENNIAL_STATE`): `sqlite:///` is files inside the directory,
    `postgresql://user:password@host:5432/database` is a server that several processes share."""
    smtp_url: str = field(default="", repr=False)
    """The mail server (`[smtp] url`): `smtp://user:password@host:port?from=a@b.example`; empty is none."""
    cap_limit: int = 3
    """Marketing messages a person gets per window, over all journeys (`[frequency_cap] limit`)."""
    cap_window: timedelta = timedelta(days=7)
    """The window of that cap (`[frequency_cap] window`, such as `7d`)."""
    cap_topics: tuple[str, ...] = ("marketing",)
    """The topics that are counted, each by itself (`[frequency_cap] topics`)."""
    refresh_every: timedelta = timedelta(hours=1)
    """How often segments and tags are answered for everyone (`refresh_every`, such as `1h`)."""


class App:
    """One installation: its workspaces, who may enter which, and the loops that turn them."""

    def __init__(self, home: Path, settings: Settings, clock: Clock, *, smtp_urls: Mapping[str, str]) -> None:
        self.home = home
        self.settings = settings
        self.clock = clock
        self._smtp_urls = smtp_urls
        self._workspaces: dict[str, Workspace] = {}
        self._guard = RLock()
        self._is_running = False
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
            if name not in self._workspaces:
                self._workspaces[name] = self._open(self._access.get_workspace(name))
                if self._is_running:
                    self._workspaces[name].start()
            return self._workspaces[name]

    def authenticate_write(self, key: str) -> tuple[str, str] | None:
        """The workspace and source a write key belongs to, or None."""
        found = self._access.authenticate_write(key)
        return None if found is None else (found.workspace, found.source)

    def authenticate_token(self, token: str) -> str | None:
        """The workspace an API token belongs to, or None."""
        return self._access.authenticate_token(token)

    def start(self) -> None:
        """Turn every workspace's loop in the background, until the app is closed."""
        with self._guard:
            for name in self.workspaces():
                self.workspace(name)
            self._is_running = True
            for workspace in self._workspaces.values():
                workspace.start()
        self._looking.start()

    def close(self) -> None:
        """Take nothing more in, end the present turns, let go of the directory. Again does nothing."""
        self._looking.stop()
        with self._guard:
            for workspace in self._workspaces.values():
                workspace.stop()
            self._workspaces = {}
            self._opened.close()

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
        clock = self.clock
        if record.is_rehearsal and isinstance(clock, SystemClock):
            # Nobody moves its clock now: it stands where it was last moved to, so that windows stay open.
            clock = VirtualClock(events.heard_until() or clock.now())
        stages = Stages(
            intake=Intake(
                log, new_id=lambda: mint_secret("msg_"), on_accepted=lambda: self._wake(record.name)
            ),
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
        imports = Imports(
            SqlImportLedger(intake_engine),
            state,
            events,
            clock,
            ImportSettings(spool_directory=folder / "spool", seed=record.seed, zone=record.zone),
            turn=stages.turn,
        )
        imports.replay_spools()
        replay(stages.intake, state, events)
        return Workspace(
            record.name,
            stages,
            intake_log=log,
            imports=imports,
            facts=LogFacts(journeys=ClickHouseJourneyFacts(transport), today=ClickHouseTodayFacts(transport)),
            doctor=Doctor(
                stages=stages,
                records=SqlRecordsExam(state.engine, intake_engine),
                log=ClickHouseLogExam(transport),
                disk=lambda: free_space(self.home),
            ),
            is_rehearsal=record.is_rehearsal,
        )

    def _delivery(self, record: WorkspaceRecord, state: StateStore) -> Delivery:
        default = "" if record.is_rehearsal else self.settings.smtp_url
        url = self._smtp_urls.get(record.name, default)
        settings = self.settings
        cap = FrequencyCap(limit=settings.cap_limit, window=settings.cap_window, topics=settings.cap_topics)
        providers: dict[Channel, Provider] = {"email": SmtpProvider(parse_server(url))} if url else {}
        return Delivery(state, providers, DeliverySettings(cap=cap))

    def _look_for_workspaces(self) -> timedelta:
        """Turn what another process made, too."""
        for name in self.workspaces():
            self.workspace(name)
        return _LOOK_EVERY

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


class _FrequencyCap(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    limit: int = Field(default=3, gt=0)
    window: str = "7d"
    topics: list[str] = ["marketing"]


class _Smtp(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    url: str = ""


class _SettingsFile(BaseModel):
    """`settings.toml` as it may be written."""

    model_config = ConfigDict(extra="forbid", strict=True)
    events: str = "chdb:///"
    state: str = "sqlite:///"
    refresh_every: str = "1h"
    smtp: _Smtp = _Smtp()
    frequency_cap: _FrequencyCap = _FrequencyCap()


def read_settings(home: Path, *, events: str | None = None, state: str | None = None) -> Settings:
    """The settings of a directory. Raises InvalidDocument with every mistake in the file."""
    file = home / "settings.toml"
    told = _parse(file)
    return Settings(
        events_url=events or os.environ.get("PERENNIAL_EVENTS") or told.events,
        state_url=state or os.environ.get("PERENNIAL_STATE") or told.state,
        smtp_url=told.smtp.url,
        cap_limit=told.frequency_cap.limit,
        cap_window=_span(file, "$.frequency_cap.window", told.frequency_cap.window),
        cap_topics=tuple(told.frequency_cap.topics),
        refresh_every=_span(file, "$.refresh_every", told.refresh_every),
    )


def _parse(file: Path) -> _SettingsFile:
    if not file.is_file():
        return _SettingsFile()
    try:
        return _SettingsFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad_settings(
            file, [Problem(path="$", code="syntax", message=f"This is not TOML: {error}.")]
        ) from error
    except ValidationError as error:
        raise _bad_settings(file, [_problem(detail) for detail in error.errors()]) from None


def _problem(detail: ErrorDetails) -> Problem:
    """A mistake in the settings; what was written there is not repeated, since it may be a password."""
    place = [str(part) for part in detail["loc"]]
    known = [*_SettingsFile.model_fields, *_FrequencyCap.model_fields, *_Smtp.model_fields]
    hint = nearest(place[-1], known) if detail["type"] == "extra_forbidden" else ""
    return Problem(path=".".join(["$", *place]), code="bad_setting", message=f"{detail['msg']}.", hint=hint)


def _span(file: Path, path: str, text: str) -> timedelta:
    span = parse_duration(text)
    if span is None:
        hint = "Write a number and s, m, h, d or w: `7d`."
        raise _bad_settings(
            file, [Problem(path=path, code="bad_setting", message="This is no span.", hint=hint)]
        )
    return span


def _bad_settings(file: Path, problems: Sequence[Problem]) -> InvalidDocument:
    return InvalidDocument(problems, message=f"{file}: {problems[0].message}")
