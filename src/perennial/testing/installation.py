"""An installation without engines, for tests of what stands at the edge: it remembers what it was told."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from perennial.access.model import NO_CURRENCY, Credentials
from perennial.access.model import Workspace as WorkspaceRecord
from perennial.access.sources import Sources
from perennial.collect.events import Call, Receipt, Reception, Reject
from perennial.collect.events.rules import parse_call, with_context
from perennial.collect.imports.model import ImportResult
from perennial.kernel.clock import VirtualClock
from perennial.kernel.conditions import parse_condition
from perennial.kernel.documents import read_document
from perennial.kernel.errors import NotFound, PerennialError, nearest
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone
from perennial.testing.board_answers import BoardAnswers
from perennial.testing.channel_answers import ChannelAnswers
from perennial.testing.definition_answers import DefinitionAnswers, FakePage, Row, person_row
from perennial.testing.entering import API_TOKEN, OTHER_TOKEN, FakeEntering
from perennial.testing.identity_answers import IdentityAnswers
from perennial.testing.insight_answers import InsightAnswers
from perennial.testing.journey_answers import JourneyVersionAnswers
from perennial.testing.message_answers import MessageAnswers
from perennial.testing.person_answers import PersonAnswers
from perennial.testing.policy_answers import PolicyAnswers
from perennial.testing.privacy_answers import PrivacyAnswers
from perennial.testing.rehearsal_answers import RehearsalAnswers
from perennial.testing.reject_answers import RejectAnswers
from perennial.testing.retention_answers import RetentionAnswers
from perennial.testing.schema_answers import SchemaAnswers
from perennial.testing.segment_answers import SegmentAnswers
from perennial.testing.sources import RememberedSources
from perennial.testing.tag_answers import TagAnswers
from perennial.testing.tracked_answers import TrackedAnswers
from perennial.testing.transfers import FakeTransfers
from perennial.testing.why_answers import WhyAnswers

FAKE_NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WRITE_KEY = "wk_test"
__all__ = ["API_TOKEN", "FAKE_NOW", "OTHER_TOKEN", "WRITE_KEY", "FakeInstallation", "FakeWorkspace"]


@dataclass
class FakeWorkspace(
    DefinitionAnswers,
    SegmentAnswers,
    ChannelAnswers,
    SchemaAnswers,
    IdentityAnswers,
    PrivacyAnswers,
    RejectAnswers,
    TagAnswers,
    WhyAnswers,
    RetentionAnswers,
    RehearsalAnswers,
    JourneyVersionAnswers,
    PolicyAnswers,
    TrackedAnswers,
    MessageAnswers,
    InsightAnswers,
    BoardAnswers,
    PersonAnswers,
    FakeTransfers,
):
    """One workspace: calls are parsed by the real rules and kept in a list; other answers are canned."""

    name: str
    zone: Zone = field(default_factory=Zone)
    calls: list[Call] = field(default_factory=list[Call])
    rejects: list[Reject] = field(default_factory=list[Reject])
    asked: list[tuple[str, object]] = field(default_factory=list[tuple[str, object]])
    """Every question and order, by method, with what it was given."""
    waited: int = 0
    failure: PerennialError | None = None
    """Raised by whatever is asked next, if set."""
    importing: Callable[[Callable[[int, int | None], None], Callable[[], bool]], ImportResult] | None = None

    def submit_calls(
        self, documents: Sequence[Json], reception: Reception, *, context: Mapping[str, Json]
    ) -> Future[Receipt]:
        """Keep the good calls and the bad ones."""
        self._fail_if_told()
        parsed = [
            parse_call(with_context(item, context), reception, new_id=self._next_id, index=index)
            for index, item in enumerate(documents)
        ]
        bad = tuple(one for one in parsed if isinstance(one, Reject))
        good = [one for one in parsed if isinstance(one, Call)]
        self.calls += good
        self.rejects += bad
        future: Future[Receipt] = Future()
        future.set_result(Receipt(accepted=len(good), duplicates=0, rejected=bad))
        return future

    def wait_accepted(self, *, timeout: float = 60.0) -> None:
        """Nothing is ever behind here."""
        self._fail_if_told()
        self.waited += 1

    def import_file(
        self,
        file: Path | str,
        *,
        mapping: Mapping[str, Json] | None,
        name: str | None,
        progress: Callable[[int, int | None], None],
        is_cancelled: Callable[[], bool],
    ) -> ImportResult:
        """Count the file's lines, or do what the test wants."""
        self._note("import_file", (Path(file), mapping, name))
        if self.importing is not None:
            return self.importing(progress, is_cancelled)
        lines = len(Path(file).read_text(encoding="utf-8").splitlines())
        progress(lines, lines)
        return ImportResult(read=lines, accepted=lines)

    def count_events(self, event: str | None, *, start: datetime | None, end: datetime | None) -> int:
        """As many as calls were accepted."""
        self._note("count_events", (event, start, end))
        return len(self.calls)

    def count_people(self, condition: Json | None, *, as_of: datetime | None) -> int:
        """As many as user ids were seen; a bad condition is refused as the real one is."""
        self._check(condition)
        self._note("count_people", (condition, as_of))
        return len({call.user_id for call in self.calls})

    def list_people(
        self, condition: Json | None, *, as_of: datetime | None, limit: int, after: str | None
    ) -> tuple[Sequence[Row], str | None]:
        """User ids in order, numbered."""
        self._check(condition)
        self._note("list_people", (condition, as_of, limit, after))
        names = sorted({call.user_id for call in self.calls})
        return [person_row(number, name) for number, name in enumerate(names, start=1)][:limit], None

    def record_consent(self, user_id: str, *, consent: str, state: str, proof: str) -> None:
        """Remember it."""
        self._note("record_consent", (user_id, consent, state, proof))

    def validate_journey(self, text: str) -> Sequence[Mapping[str, Json]]:
        """A document without `nodes` has one mistake."""
        document = read_document(text, name="journey").value
        if isinstance(document, Mapping) and "nodes" in document:
            return []
        return [{"path": "$", "code": "missing_key", "message": "nodes is missing.", "hint": "", "line": 1}]

    def enter_journey(
        self,
        journey_id: str,
        user_id: str,
        *,
        properties: Mapping[str, Json],
        request_id: str | None = None,
    ) -> Row:
        """It is noted."""
        self._note("enter_journey", (journey_id, user_id, properties, request_id))
        return {"journey": journey_id, "user_id": user_id, "message_id": "cal_1"}

    def pause_journey(self, journey_id: str) -> Row:
        """Paused."""
        self._note("pause_journey", journey_id)
        return self._journey("paused")

    def resume_journey(self, journey_id: str) -> Row:
        """Live."""
        self._note("resume_journey", journey_id)
        return self._journey("live")

    def end_journey(self, journey_id: str) -> Row:
        """Ended."""
        self._note("end_journey", journey_id)
        return self._journey("ended")

    def list_journeys(self, *, limit: int, after: str | None) -> FakePage:
        """One."""
        self.asked.append(("list", {"limit": limit, "after": after}))
        return [self._journey("live")], None

    def read_journey(self, journey_id: str) -> Mapping[str, Json]:
        """Nobody came."""
        self._note("read_journey", journey_id)
        return {
            "journey": journey_id,
            "version": 1,
            "entered": 0,
            "arms": [{"arm": "treated", "people": 0, "matured": 0, "reached": 0, "goal_rate": None}],
            "difference": None,
            "interval": None,
            "relative": None,
            "verdict": "cannot_be_measured",
            "obstacle": "nobody_matured",
            "sentence": {"en": "Nobody yet.", "zh-CN": "还没有人。"},
            "srm": None,
            "matured_share": None,
            "people_needed": None,
            "smallest_visible": None,
            "left_out": 0,
            "nodes": {"pause": {"entered": 0, "left": {}, "waiting": 0, "ended_here": 0}},
            "messages": {},
        }

    def show_journey(self, journey_id: str) -> Mapping[str, object]:
        """Nobody came."""
        self._note("show_journey", journey_id)
        return {
            **self._journey("live"),
            "name": "Winback",
            "as_of": FAKE_NOW,
            "timezone": self.zone.name,
            "document": {"id": "winback", "start": "pause"},
            "sentences": {},
            "entered": 0,
            "nodes": {"pause": {"entered": 0, "left": {}, "waiting": 0, "ended_here": 0}},
            "arms": {"treated": 0, "control": 0},
        }

    def doctor(self) -> Row:
        """Well, unless told to fail."""
        self._note("doctor", None)
        return {"ok": True, "checks": [{"name": "rollup", "ok": True, "detail": "Equal to the log."}]}

    def read_today(self) -> Mapping[str, object]:
        """A workspace with nothing in it."""
        self._note("read_today", None)
        return {
            "as_of": FAKE_NOW,
            "timezone": self.zone.name,
            "people": 0,
            "events": 0,
            "first_event_at": None,
            "last_event_at": None,
            "days": [{"day": FAKE_NOW.date(), "events": 0, "people": 0}],
            "counts_by_event": [],
            "segments": [],
            "tags": 0,
            "journeys": [],
            "messages": [],
            "behind": 0,
        }

    def list_messages(
        self, *, user_id: str | None, state: str | None, limit: int, after: str | None
    ) -> tuple[Sequence[Row], str | None]:
        """One that is queued."""
        self._note("list_messages", (user_id, state, limit, after))
        message: Row = {
            "message_id": "msg_1",
            "user_id": "p1",
            "channel": "email",
            "topic": "marketing",
            "state": "queued",
            "reason": "server unreachable",
            "cause": "enr_1:offer:1",
            "created_at": FAKE_NOW,
            "sent_at": None,
        }
        return [message], None

    def _journey(self, state: str) -> Row:
        return {"id": "winback", "name": "Win back", "state": state, "version": 1, "published_at": FAKE_NOW}

    def _check(self, condition: Json | None) -> None:
        if condition is not None:
            parse_condition(condition)

    def _note(self, method: str, given: object) -> None:
        self._fail_if_told()
        self.asked.append((method, given))

    def _fail_if_told(self) -> None:
        if self.failure is not None:
            raise self.failure

    def _next_id(self) -> str:
        return f"made-{len(self.calls)}"


class FakeInstallation(FakeEntering):
    """Two workspaces, `default` and `other`; one write key, and a token for each."""

    def __init__(self) -> None:
        super().__init__(VirtualClock(FAKE_NOW), workspaces=lambda: list(self.workspaces))
        self.workspaces = {name: FakeWorkspace(name) for name in ("default", "other")}
        self.registry = RememberedSources()
        self.sources = Sources(self.registry, self.clock)
        self.key_failure: PerennialError | None = None
        """Raised by the look-up of a write key, if set: the key store cannot be read."""
        self.started = 0
        self.closed = 0

    def serve_at(self, address: str) -> None:
        """Nothing here makes links."""

    def init(
        self, workspace: str, *, timezone: str | None, week_start: str | None, renew_token: bool
    ) -> Credentials:
        """The keys of a workspace; a token only where asked for."""
        self.workspaces.setdefault(workspace, FakeWorkspace(workspace, Zone(name=timezone or "UTC")))
        return Credentials(
            workspace=workspace, write_key=WRITE_KEY, api_token=API_TOKEN if renew_token else None
        )

    def change_workspace(self, name: str, *, title: str | None, currency: str | None) -> WorkspaceRecord:
        """The workspace, as if it had been changed."""
        found = self.workspace(name)
        return WorkspaceRecord(
            name=name,
            zone=found.zone,
            seed=name,
            created_at=FAKE_NOW,
            title=title or "",
            currency=currency or NO_CURRENCY,
        )

    def remove_workspace(self, name: str) -> None:
        """It is gone."""
        del self.workspaces[self.workspace(name).name]

    def workspace(self, name: str) -> FakeWorkspace:
        """The workspace of this name."""
        found = self.workspaces.get(name)
        if found is None:
            raise NotFound(f"There is no workspace {name!r}.", hint=nearest(name, self.workspaces))
        return found

    def list_workspaces(self) -> Sequence[WorkspaceRecord]:
        """Both, made at the fake present."""
        return [
            WorkspaceRecord(name=one.name, zone=one.zone, seed=one.name, created_at=FAKE_NOW)
            for one in self.workspaces.values()
        ]

    def authenticate_write(self, key: str) -> tuple[str, str] | None:
        """Only `WRITE_KEY` is known."""
        if self.key_failure is not None:
            raise self.key_failure
        return ("default", "web") if key == WRITE_KEY else None

    def start(self) -> None:
        """Count it."""
        self.started += 1

    def close(self) -> None:
        """Count it."""
        self.closed += 1
