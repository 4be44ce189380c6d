"""What the edges need of the product: one installation, and each workspace in it.

Answers are dataclasses of the stages or plain documents; the response models in `schemas.py` read either
by name and say precisely what they hold.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import Protocol

from perennial.access.model import Credentials
from perennial.access.model import Workspace as WorkspaceRecord
from perennial.access.sources import Sources
from perennial.api.answers import Answer, Page
from perennial.api.board_ports import Boards
from perennial.api.channel_ports import ChannelWork
from perennial.api.insight_ports import Analysis
from perennial.api.journey_ports import RunningJourneys
from perennial.api.member_ports import Entering
from perennial.api.message_ports import MessageWork
from perennial.api.people_ports import LookingUp
from perennial.api.policy_ports import Policies
from perennial.api.rehearsal_ports import Rehearsals
from perennial.api.retention_ports import Retention
from perennial.api.segment_ports import SegmentWork
from perennial.api.tag_ports import TaggingWorkspace
from perennial.api.tracked_ports import TrackedMessages
from perennial.api.why_ports import Explaining
from perennial.collect.events.model import Receipt, Reception
from perennial.collect.imports.model import ImportResult
from perennial.collect.rejects import Mending, RejectQuery
from perennial.kernel.clock import Clock
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone
from perennial.runtime.exports import ExportOrder, Watching
from perennial.runtime.exports.service import EventsAsked


class Workspace(
    TaggingWorkspace,
    SegmentWork,
    ChannelWork,
    Explaining,
    Rehearsals,
    Retention,
    Policies,
    LookingUp,
    TrackedMessages,
    MessageWork,
    Analysis,
    Boards,
    RunningJourneys,
    Protocol,
):
    """Everything one workspace can be asked and told."""

    @property
    def name(self) -> str:
        """The workspace's name."""
        ...

    @property
    def zone(self) -> Zone:
        """Where days and weeks begin."""
        ...

    def submit_calls(
        self, documents: Sequence[Json], reception: Reception, *, context: Mapping[str, Json]
    ) -> Future[Receipt]:
        """Hand calls in; the future is done once they are durable. Raises Unavailable, keeping nothing.

        `context` is the batch's own, merged into every call; empty for a single one.
        """
        ...

    def wait_accepted(self, *, timeout: float = 60.0) -> None:
        """Return once everything accepted before now is queryable; raises `behind` after the timeout."""
        ...

    def import_file(
        self,
        file: Path | str,
        *,
        mapping: Mapping[str, Json] | None,
        name: str | None,
        progress: Callable[[int, int | None], None],
        is_cancelled: Callable[[], bool],
    ) -> ImportResult:
        """Import what lies at a place; `progress` hears rows read and in all."""
        ...

    def suggest_mapping(self, file: Path | str) -> Answer:
        """Which mapping a file's header and first rows speak for, and why."""
        ...

    def upload_place(self, name: str) -> tuple[Path, int]:
        """Where to put the bytes of a file that is sent to be imported, and how many there may be."""
        ...

    def download_place(self, export_id: str) -> Path:
        """Where an export is written that somebody will fetch."""
        ...

    def export_events(self, order: ExportOrder, *, asked: EventsAsked, watching: Watching) -> Answer:
        """Write events to a file or to object storage."""
        ...

    def export_people(
        self, order: ExportOrder, *, condition: Json, as_of: datetime | None, watching: Watching
    ) -> Answer:
        """Write people with their traits and tags."""
        ...

    def export_segment(self, segment_id: str, order: ExportOrder, *, watching: Watching) -> Answer:
        """Write the people of a segment."""
        ...

    def save_database_source(self, text: str) -> Answer:
        """Save a database source's document."""
        ...

    def list_database_sources(self) -> Sequence[Answer]:
        """Every database source, with what its last run came to."""
        ...

    def run_database_source(self, source_id: str) -> Answer:
        """Run one now."""
        ...

    def remove_database_source(self, source_id: str) -> Answer:
        """Forget one."""
        ...

    def save_database_export(self, text: str) -> Answer:
        """Save a database export's document."""
        ...

    def list_database_exports(self) -> Sequence[Answer]:
        """Every database export, with what its last run came to."""
        ...

    def run_database_export(self, export_id: str) -> Answer:
        """Run one now."""
        ...

    def remove_database_export(self, export_id: str) -> Answer:
        """Forget one."""
        ...

    def count_events(self, event: str | None, *, start: datetime | None, end: datetime | None) -> int:
        """Events in a half-open span; those of clients only, unless one of ours is named."""
        ...

    def count_people(self, condition: Json | None, *, as_of: datetime | None) -> int:
        """How many people meet a condition."""
        ...

    def list_people(
        self, condition: Json | None, *, as_of: datetime | None, limit: int, after: str | None
    ) -> Page:
        """Who meets a condition, by user id."""
        ...

    def record_consent(self, user_id: str, *, consent: str, state: str, proof: str) -> None:
        """Note that a person granted or withdrew a consent."""
        ...

    def save_segment(self, text: str) -> Answer:
        """Save a segment's document as its newest version."""
        ...

    def list_segments(self, *, limit: int, after: str | None) -> Page:
        """Every segment's live version."""
        ...

    def refresh_segments(self, ids: Sequence[str] | None) -> Mapping[str, int]:
        """Answer segments anew; how many people are in each."""
        ...

    def segment_people(self, segment_id: str, *, limit: int, after: str | None) -> Page:
        """Who is in a segment, by user id."""
        ...

    def list_schema_events(self, *, limit: int, after: str | None) -> Page:
        """Every event that was ever sent or described, with its numbers, by name."""
        ...

    def list_schema_properties(self, event: str, *, reveal: bool, limit: int, after: str | None) -> Page:
        """Every property of an event, by path; personal samples masked unless revealed."""
        ...

    def describe_schema(self, event: str, path: str, *, said: Mapping[str, Json]) -> Answer:
        """Write what people say of an event or property; what is not named stays as it was."""
        ...

    def schema_drift(self, *, days: int, reveal: bool) -> Sequence[Answer]:
        """What is not as planned, or not as it was before."""
        ...

    def suggest_pii(self, *, days: int) -> Sequence[Answer]:
        """Properties whose values look personal and that nobody flagged."""
        ...

    def validate_plan(self, text: str) -> Sequence[Answer]:
        """Every mistake in a tracking plan."""
        ...

    def publish_plan(self, text: str) -> Answer:
        """Make a tracking plan the live one."""
        ...

    def show_plan(self) -> Answer:
        """The live tracking plan."""
        ...

    def plan_schema(self) -> Mapping[str, Json]:
        """What a tracking plan may look like, as JSON Schema."""
        ...

    def report_plan(self, *, days: int, reveal: bool) -> Answer:
        """How what was sent kept to the plan."""
        ...

    def validate_cleaning(self, text: str) -> Sequence[Answer]:
        """Every mistake in rules of cleaning."""
        ...

    def publish_cleaning(self, text: str) -> Answer:
        """Make rules of cleaning the live ones."""
        ...

    def show_cleaning(self) -> Answer:
        """The live rules of cleaning."""
        ...

    def report_cleaning(self, *, days: int) -> Answer:
        """What each rule of cleaning did, day by day."""
        ...

    def erase_person(self, user_id: str, *, reason: str, by: str, allow_return: bool) -> Mapping[str, object]:
        """Erase a person; the receipt."""
        ...

    def show_erasure(self, erasure_id: str) -> Mapping[str, object]:
        """An erasure, or its receipt."""
        ...

    def list_erasures(self, *, limit: int, after: str | None) -> Page:
        """Erasures and their receipts."""
        ...

    def export_person(self, user_id: str, *, after: str | None) -> Mapping[str, object]:
        """Everything kept of a person."""
        ...

    def list_consents(self, user_id: str, *, limit: int, after: str | None) -> Page:
        """Everything a person said about consent, newest first."""
        ...

    def show_identity(self, user_id: str) -> Answer:
        """Everything recorded of who a person is, by user id or `prf_…`."""
        ...

    def unmerge_people(self, profile: str) -> Answer:
        """Make a merged profile (`prf_…`) one of its own again."""
        ...

    def list_quarantined(self, *, limit: int, after: str | None) -> Page:
        """Names that were seen with too many people."""
        ...

    def release_quarantined(self, kind: str, value: str) -> Answer:
        """Let a name join people again."""
        ...

    def validate_identity(self, text: str) -> Sequence[Answer]:
        """Every mistake in rules of identity."""
        ...

    def publish_identity(self, text: str) -> Answer:
        """Make rules of identity the live ones."""
        ...

    def show_identity_rules(self) -> Answer:
        """The live rules of identity."""
        ...

    def save_template(self, text: str) -> Answer:
        """Save a template's document as its newest version."""
        ...

    def list_templates(self, *, limit: int, after: str | None) -> Page:
        """Every template's live version."""
        ...

    def validate_journey(self, text: str) -> Sequence[Answer]:
        """Every mistake in a journey's document."""
        ...

    def list_journeys(self, *, limit: int, after: str | None) -> Page:
        """Every journey and its state."""
        ...

    def read_journey(self, journey_id: str) -> Answer:
        """Whether a journey helped."""
        ...

    def show_journey(self, journey_id: str) -> Answer:
        """A journey's document with what is counted at each node."""
        ...

    def doctor(self) -> Answer:
        """Whether everything that must always hold does hold, check by check."""
        ...

    def read_today(self) -> Answer:
        """How the workspace stands: activity by day, segments, journeys, messages."""
        ...

    def list_messages(self, *, user_id: str | None, state: str | None, limit: int, after: str | None) -> Page:
        """Messages, newest last."""
        ...

    def list_rejects(self, *, query: RejectQuery, limit: int, after: str | None) -> Page:
        """Calls that were refused, and why."""
        ...

    def show_reject(self, reject_id: int) -> Answer:
        """One refused call; raises NotFound."""
        ...

    def count_rejects(self, query: RejectQuery) -> Sequence[Answer]:
        """How many calls were refused for each reason."""
        ...

    def replay_rejects(self, query: RejectQuery, mending: Mending) -> Answer:
        """Try refused calls again."""
        ...


class Application(Entering, Protocol):
    """One installation: its workspaces, and who may enter which."""

    @property
    def clock(self) -> Clock:
        """What time it is here."""
        ...

    def serve_at(self, address: str) -> None:
        """Say where this server listens, for links that lead here."""
        ...

    @property
    def sources(self) -> Sources:
        """Who may write into each workspace, and how much."""
        ...

    def init(
        self, workspace: str, *, timezone: str | None, week_start: str | None, renew_token: bool
    ) -> Credentials:
        """Make a workspace, or find the one that is there; its keys."""
        ...

    def change_workspace(self, name: str, *, title: str | None, currency: str | None) -> WorkspaceRecord:
        """Change what a workspace is called or what its amounts are in."""
        ...

    def remove_workspace(self, name: str) -> None:
        """Take a workspace away, for good."""
        ...

    def workspace(self, name: str) -> Workspace:
        """The workspace of this name; raises NotFound with the nearest."""
        ...

    def list_workspaces(self) -> Sequence[WorkspaceRecord]:
        """The workspaces there are, by name."""
        ...

    def authenticate_write(self, key: str) -> tuple[str, str] | None:
        """The workspace and source a write key belongs to, or None."""
        ...

    def start(self) -> None:
        """Turn the loop in the background: journeys, timers, sends."""
        ...
