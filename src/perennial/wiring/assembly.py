"""How one workspace is put together: its stores are opened, engines and stages connected."""

import hmac
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from perennial.access import Workspace as WorkspaceRecord
from perennial.backends.clickhouse import (
    ClickHouseEventStore,
    ClickHousePopulation,
    Transport,
    prepare_database,
)
from perennial.backends.clickhouse.acquisition import ClickHouseClickFacts
from perennial.backends.clickhouse.catalogue import ClickHouseCatalogueFacts
from perennial.backends.clickhouse.doctor import ClickHouseLogExam
from perennial.backends.clickhouse.erasing import ClickHouseEventErasure
from perennial.backends.clickhouse.exports import ClickHouseEventScan
from perennial.backends.clickhouse.insights import ClickHouseInsightLog
from perennial.backends.clickhouse.person_facts import ClickHousePersonFacts
from perennial.backends.clickhouse.readouts import ClickHouseJourneyFacts
from perennial.backends.clickhouse.rehearsals import ClickHousePast
from perennial.backends.clickhouse.retention import ClickHousePastEvents
from perennial.backends.clickhouse.screening import ClickHouseScreeningFacts
from perennial.backends.clickhouse.today import ClickHouseTodayFacts
from perennial.backends.home import free_space, make_directory
from perennial.backends.objects import ObjectStorage
from perennial.backends.smtp import SmtpProvider, parse_server, read_signer
from perennial.backends.sql.doctor import SqlRecordsExam
from perennial.backends.sql.erased_calls import SqlIntakeErasure
from perennial.backends.sql.foreign import ForeignDatabases
from perennial.backends.sql.imports import SqlImportLedger
from perennial.backends.sql.intake import SqlIntakeLog
from perennial.backends.sql.refusals import SqlRefusalCounts
from perennial.backends.sql.rejects import SqlRejects
from perennial.backends.sql.signing import signing_secrets
from perennial.backends.sql.state import StateStore
from perennial.backends.sql.stores import Stores
from perennial.backends.webhook import Guard, WebhookProvider, WebhookSigner
from perennial.backends.workspace_files import WorkspaceFiles
from perennial.collect.events import Intake
from perennial.collect.imports.gathering import Gathering
from perennial.collect.imports.service import Imports, ImportSettings
from perennial.collect.rejects import Rejects
from perennial.collect.screening import Screens
from perennial.compute.segments.kept import WithKeptMembers
from perennial.compute.segments.service import Segments
from perennial.compute.tags.service import Tags
from perennial.decide.assignment import Holdout
from perennial.decide.journeys.model import Channel
from perennial.decide.policies import FrequencyCap, GatePolicy, Reach
from perennial.deliver.channels import Provider, Transports
from perennial.deliver.messages import Delivery, DeliverySettings
from perennial.deliver.tracking import LinkKeys, Links, ReachedAt
from perennial.evaluate.boards import ShareKeys
from perennial.evaluate.insights import Insights
from perennial.kernel.clock import Clock, SystemClock, VirtualClock
from perennial.kernel.ids import mint_secret
from perennial.runtime.doctor import Doctor
from perennial.runtime.erasing import Erasing
from perennial.runtime.exports import Exports
from perennial.runtime.kept import StoredMembers
from perennial.runtime.log_facts import LogFacts
from perennial.runtime.moving import Moving
from perennial.runtime.processor import Stages
from perennial.runtime.schema import SchemaFacts, flagged_paths
from perennial.runtime.sharing import Sharing
from perennial.runtime.workspace import Services, Workspace
from perennial.settings import Settings
from perennial.wiring.environment import read_secret


class EventDatabases(Protocol):
    """The event store of an installation: a database for each workspace."""

    def database(self, name: str) -> Transport:
        """One workspace's database."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """What the workspaces of one installation are put together from."""

    home: Path
    settings: Settings
    clock: Clock
    smtp_urls: Mapping[str, str]
    """Mail servers of single workspaces."""
    stores: Stores
    events: EventDatabases
    objects: ObjectStorage
    reached_at: Callable[[], ReachedAt]
    """Where people reach this server, as it is known by now."""

    def open(self, record: WorkspaceRecord, *, on_accepted: Callable[[], None]) -> Workspace:
        """A workspace, ready to be turned; what a power cut took of it was looked for."""
        folder = self.home / "workspaces" / record.name
        make_directory(folder / "spool")
        state, intake_engine = self.stores.state(record.name), self.stores.intake(record.name)
        transport = self.events.database(f"ws_{record.name}")
        with state.begin():
            # Behind the state's writer: of several processes that start at once, one brings it up to date.
            prepare_database(transport)
        events, log = ClickHouseEventStore(transport), SqlIntakeLog(intake_engine)
        with ExitStack() as half_open:
            intake = Intake(log, new_id=lambda: mint_secret("msg_"), on_accepted=on_accepted)
            half_open.callback(intake.close)
            stages = self._stages(record, intake, state, events, transport)
            screens = Screens(state, zone=record.zone, key=_hashing_key(record))
            imports = _imports(record, stages, SqlImportLedger(intake_engine), screens, folder)
            moving = self._moving(stages, imports, transport, folder)
            services = Services(
                rejects=Rejects(SqlRejects(intake_engine), intake, screening=screens.of),
                moving=moving,
                erasing=Erasing(
                    state=state,
                    bytes_of_state=state,
                    intake=SqlIntakeErasure(intake_engine, seed=record.seed),
                    events=ClickHouseEventErasure(transport),
                    files=WorkspaceFiles(folder),
                    carry_imports=imports.carry_all,
                    without_imports=moving.importing,
                ),
                databases=ForeignDatabases(read_secret),
                clicks=ClickHouseClickFacts(transport),
                past=ClickHousePastEvents(transport),
                persons=ClickHousePersonFacts(transport),
                rehearsed=ClickHousePast(transport),
                insights=Insights(ClickHouseInsightLog(transport)),
                sharing=self._sharing(record, state),
                facts=LogFacts(
                    journeys=ClickHouseJourneyFacts(transport), today=ClickHouseTodayFacts(transport)
                ),
                schema=SchemaFacts(
                    catalogue=ClickHouseCatalogueFacts(transport),
                    screening=ClickHouseScreeningFacts(transport),
                    refusals=SqlRefusalCounts(intake_engine),
                    screens=screens,
                ),
                doctor=Doctor(
                    stages=stages,
                    records=SqlRecordsExam(state.engine, intake_engine),
                    log=ClickHouseLogExam(transport),
                    disk=lambda: free_space(self.home),
                ),
            )
            workspace = Workspace(record.name, stages, services, is_rehearsal=record.is_rehearsal)
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
            population=WithKeptMembers(ClickHousePopulation(transport), StoredMembers(state)),
            segments=Segments(refresh_interval=self.settings.refresh_every, zone=record.zone),
            tags=Tags(refresh_interval=self.settings.refresh_every),
            delivery=self._delivery(record, state),
            clock=clock,
            zone=record.zone,
            seed=record.seed,
        )

    def _moving(self, stages: Stages, imports: Imports, transport: Transport, folder: Path) -> Moving:
        moving = Moving(
            stages,
            Gathering(imports, self.objects, directory=folder / "fetched"),
            Exports(
                ClickHouseEventScan(transport),
                self.objects,
                folder / "exports",
                personal=lambda: flagged_paths(stages.state),
            ),
            directory=folder / "transfers",
            max_upload_bytes=self.settings.max_upload_bytes,
        )
        moving.clear()
        return moving

    def _delivery(self, record: WorkspaceRecord, state: StateStore) -> Delivery:
        default = "" if record.is_rehearsal else self.settings.smtp_url
        url = self.smtp_urls.get(record.name, default)
        told = self.settings
        reach = Reach(topics=told.cap_topics)
        cap = FrequencyCap(limit=told.cap_limit, window=told.cap_window, reach=reach)
        secrets = signing_secrets(state, first=mint_secret(""), now=self.clock.now())
        signer = WebhookSigner(key=hmac.digest(secrets[-1].encode(), b"perennial:webhooks", "sha256"))
        providers: dict[Channel, Provider] = {"email": self._mail(url)} if url else {}
        if not record.is_rehearsal:
            # What is rehearsed reaches nobody outside.
            providers["webhook"] = WebhookProvider(signer, Guard(self.settings.webhook_hosts))
        holdout = Holdout(share=told.holdout) if told.holdout else None
        policy = GatePolicy(caps=(cap,), holdout=holdout)
        links = Links(record.name, LinkKeys(secrets=secrets), self.reached_at)
        settings = DeliverySettings(
            policy=policy, zone=record.zone, links=links, webhook_secret=signer.secret
        )
        return Delivery(state, providers, settings)

    def _sharing(self, record: WorkspaceRecord, state: StateStore) -> Sharing:
        secrets = signing_secrets(state, first=mint_secret(""), now=self.clock.now())
        return Sharing(
            keys=ShareKeys(record.name, secrets),
            address=lambda: self.reached_at().address,
            clock=self.clock,
        )

    def _mail(self, url: str) -> Provider:
        """What hands mail over: the first server there is, of those that are told. Raises PerennialError."""
        told = self.settings
        dkim = None
        if told.dkim_domain:
            dkim = read_signer(told.dkim_domain, told.dkim_selector, self.home / told.dkim_key_file)
        servers = [parse_server(one) for one in (url, *told.smtp_fallbacks)]
        ways = [SmtpProvider(one, dkim=dkim, bounces=told.smtp_bounces or None) for one in servers]
        return Transports("email", ways, self.clock)


def _imports(
    record: WorkspaceRecord, stages: Stages, ledger: SqlImportLedger, screens: Screens, folder: Path
) -> Imports:
    return Imports(
        ledger,
        stages.state,
        stages.events,
        stages.clock,
        ImportSettings(spool_directory=folder / "spool", seed=record.seed, zone=record.zone),
        turn=stages.turn,
        screening=screens.of_import,
    )


def _hashing_key(record: WorkspaceRecord) -> bytes:
    """What values are hashed with that a workspace hides: a key of its own, the same for good."""
    return sha256(f"hashed:{record.seed}".encode()).digest()
