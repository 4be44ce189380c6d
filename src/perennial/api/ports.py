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
from perennial.collect.events.model import Receipt, Reception
from perennial.collect.imports.model import ImportResult
from perennial.kernel.clock import Clock
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

Answer = object
"""A dataclass or a mapping whose fields are those of the response model it is shown through."""

Page = tuple[Sequence[Answer], str | None]
"""Rows, and the cursor from which the next page starts (None on the last)."""


class Workspace(Protocol):
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
        file: Path,
        *,
        mapping: Mapping[str, Json] | None,
        name: str | None,
        progress: Callable[[int, int | None], None],
        is_cancelled: Callable[[], bool],
    ) -> ImportResult:
        """Import a file; `progress` hears rows read and in all."""
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

    def save_tag(self, text: str) -> Answer:
        """Save a tag's document as its newest version."""
        ...

    def list_tags(self, *, limit: int, after: str | None) -> Page:
        """Every tag's live version."""
        ...

    def refresh_tags(self, ids: Sequence[str] | None) -> Mapping[str, int]:
        """Compute tags anew; how many people have a value of each."""
        ...

    def tag_values(
        self, tag_id: str, *, limit: int, after: str | None
    ) -> tuple[Mapping[str, Json], str | None]:
        """People's values by user id (`prf_…` for the anonymous), and the next page's cursor."""
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

    def publish_journey(self, text: str, *, approve: bool) -> Answer:
        """Publish a journey's document as its next version."""
        ...

    def pause_journey(self, journey_id: str) -> Answer:
        """Stop a journey's clockwork; everybody keeps their place."""
        ...

    def resume_journey(self, journey_id: str) -> Answer:
        """Let a paused journey run on."""
        ...

    def end_journey(self, journey_id: str) -> Answer:
        """Stop a journey for good."""
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

    def list_rejects(self, *, limit: int, after: str | None) -> Page:
        """Calls that were refused, and why."""
        ...


class Application(Protocol):
    """One installation: its workspaces, and who may enter which."""

    @property
    def clock(self) -> Clock:
        """What time it is here."""
        ...

    def init(self, workspace: str, *, timezone: str | None, renew_token: bool) -> Credentials:
        """Make a workspace, or find the one that is there; its keys."""
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

    def authenticate_token(self, token: str) -> str | None:
        """The workspace an API token belongs to, or None."""
        ...

    def start(self) -> None:
        """Turn the loop in the background: journeys, timers, sends."""
        ...
