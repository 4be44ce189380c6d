"""Why somebody did not enter a journey, waits in it, was held, left, or got an arm."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from perennial.decide import grounds, journeys
from perennial.decide.grounds import Ground
from perennial.decide.grounds.words import REASONS as CHINESE_REASONS
from perennial.decide.journeys import (
    Enrollment,
    JourneyStatus,
    NotAdmitted,
    Occurrence,
    PublishedJourney,
    Question,
    admit,
)
from perennial.decide.journeys.model import ENTRY, EventEntry, SegmentEntry, Zones
from perennial.decide.policies import REASONS
from perennial.deliver.messages import Message
from perennial.deliver.messages.model import REASONS as DELIVERY_REASONS
from perennial.kernel.conditions import LANGUAGES, Language, to_document
from perennial.kernel.conditions.moment import Ask
from perennial.kernel.events import RowKind
from perennial.kernel.ids import JourneyId, MessageId, ProfileId
from perennial.kernel.values import Json
from perennial.runtime.consequences import CurrentVerdicts
from perennial.runtime.persons import profile_named
from perennial.runtime.ports import StateTransaction
from perennial.runtime.reasoning import Reasoning

_LOOKED_AT = 50
"""Of a person's events of one name so many, the newest, are looked at."""
_TOLD = 5
"""So many refused entries are told, the newest first."""
_OURS: RowKind = "perennial"
_Details = Mapping[Language, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What is asked: one person in one journey, now."""

    published: PublishedJourney
    status: JourneyStatus
    first_published_at: datetime
    profile_id: ProfileId
    user_id: str
    now: datetime


class Explaining(Reasoning):
    """A workspace as far as it says why of its journeys."""

    def why_journey(self, journey_id: str, user_id: str, *, key: str | None = None) -> Mapping[str, object]:
        """Each rule that decided about a person in a journey, with what it was measured by.

        Raises JourneyNotFound, NobodyKnown.
        """
        now = self._now()
        with self._stages.state.read() as transaction:
            case = _case(transaction, JourneyId(journey_id), user_id, now)
            found = transaction.enrollments.previous([case.status.journey_id], [case.profile_id])
            every = found.get((case.status.journey_id, case.profile_id), ())
            runs = [run for run in every if key is None or run.key == key]
            held = grounds.held_out(
                case.profile_id,
                self._stages.delivery.gate(transaction).policy.holdout,
                now=now,
                zone=self._stages.zone,
            )
            told = [self._run(case, run, transaction) for run in runs]
        arm = [grounds.arm(case.published.journey, case.profile_id, every), *([held] if held else [])]
        refused = list(self._refused(case, runs))
        return {
            "journey": journey_id,
            "profile_id": case.profile_id,
            "as_of": now,
            "state": _state(runs, told),
            "arm": [self._shown(one) for one in arm],
            "runs": told,
            "entry": [self._shown(one, details) for one, details in refused],
        }

    # --- a run ------------------------------------------------------------------------------------

    def _run(self, case: _Case, run: Enrollment, transaction: StateTransaction) -> dict[str, object]:
        versions = transaction.journeys.versions([(run.journey_id, run.version)])
        published = versions[run.journey_id, run.version]
        steps = self._steps(case, run)
        messages = _messages(transaction, steps)
        stands = grounds.standing(published, run, case.status.state, now=case.now)
        if stands.rule == "left_exit_rule":
            causes = [str(said["cause"]) for name, said in steps if name == "journey_left"]
            stands = grounds.with_exit_rule(stands, published.journey, causes[0] if causes else "")
        entered = Ground(rule="entered", at=run.entered_at, value=run.version, threshold=run.ordinal)
        goal = grounds.goal(run, now=case.now)
        of_run = [entered, stands, *([goal] if goal else [])]
        return {
            "enrollment": run.enrollment_id,
            "key": run.key,
            "arm": run.arm,
            "status": run.status,
            "node": run.node,
            "held": any(one.state == "held" for one in messages),
            "grounds": [
                *(self._shown(one) for one in of_run),
                *(self._shown(_message(one), _reason(one)) for one in messages),
                *(self._shown(one) for one in _withheld(steps)),
            ],
        }

    def _steps(self, case: _Case, run: Enrollment) -> list[tuple[str, Mapping[str, Json]]]:
        """What the log has of a run, the newest first."""
        rows, _ = self._stages.events.timeline(
            case.profile_id, until=case.now, since=run.entered_at, limit=1_000, kind=_OURS
        )
        told = [(str(row["name"]), cast("Mapping[str, Json]", row["properties"])) for row in rows]
        return [(name, said) for name, said in told if said.get("enrollment") == run.enrollment_id]

    # --- who did not come in ----------------------------------------------------------------------

    def _refused(self, case: _Case, runs: Sequence[Enrollment]) -> Iterator[tuple[Ground, _Details]]:
        if case.status.state != "live":
            changed = case.status.changed_at
            yield Ground(rule="journey_not_live", value=case.status.state, at=changed), None
        ignored = list(self._ignored(case))
        yield from ((one, None) for one in ignored)
        if runs or ignored:
            return
        on = case.published.journey.entry.on
        if isinstance(on, SegmentEntry):
            yield self._of_segment(case, on)
        else:
            yield from self._of_events(case, on)

    def _ignored(self, case: _Case) -> Iterator[Ground]:
        """Entries that were recorded as ignored."""
        rows, _ = self._stages.events.timeline(
            case.profile_id, until=case.now, limit=_LOOKED_AT, kind=_OURS, event="journey_entry_ignored"
        )
        own = case.status.journey_id
        found = [(row, cast("Mapping[str, Json]", row["properties"])) for row in rows]
        mine = [(row, said) for row, said in found if said.get("journey") == own]
        for row, said in mine[:_TOLD]:
            yield grounds.ignored(
                case.published,
                reason=str(said["reason"]),
                key=str(said.get("key", "")),
                at=cast("datetime", row["occurred_at"]),
                name=_entry_name(case.published),
            )

    def _of_segment(self, case: _Case, on: SegmentEntry) -> tuple[Ground, _Details]:
        with self._stages.state.read() as transaction:
            since = transaction.segments.since([on.segment], [case.profile_id])
        entered = since.get((on.segment, case.profile_id))
        if entered is None:
            reading = self.why_person(case.user_id, segment=on.segment)["reading"]
            return Ground(rule="not_a_member", subject=on.segment), _first_lines(reading)
        published = case.published.published_at.isoformat()
        return (
            Ground(rule="member_already", at=entered, subject=on.segment, threshold=published),
            None,
        )

    def _of_events(self, case: _Case, on: EventEntry) -> Iterator[tuple[Ground, _Details]]:
        name = on.pattern.event
        rows, _ = self._stages.events.timeline(
            case.profile_id, until=case.now, limit=_LOOKED_AT, event=None if name == "*" else name
        )
        if not rows:
            yield Ground(rule="no_event", subject=name), None
        for row in rows[:_TOLD]:
            yield self._of_event(case, row)

    def _of_event(self, case: _Case, row: Mapping[str, object]) -> tuple[Ground, _Details]:
        """Why one event let nobody in, by the rule that let others in."""
        heard = cast("datetime", row["received_at"])
        occurrence = _occurrence(case.profile_id, row)
        name, at = occurrence.name, occurrence.occurred_at
        if str(row["source"]).startswith("import:"):
            return Ground(rule="imported", at=at, subject=name), None
        if heard < case.first_published_at:
            since = case.first_published_at.isoformat()
            return Ground(rule="before_publication", at=at, subject=name, threshold=since), None
        found = self._admitted(case.published, occurrence, heard)
        if not isinstance(found, NotAdmitted):
            return Ground(rule="not_heard_yet", at=at, subject=name), None
        details = None
        condition = case.published.journey.entry.condition
        if found.reason == "condition" and condition is not None:
            answer = self.why_person(case.user_id, condition=to_document(condition), as_of=at)
            details = _first_lines(answer["reading"])
        return grounds.refusal(case.published, occurrence, found, now=heard), details

    def _admitted(self, published: PublishedJourney, occurrence: Occurrence, heard: datetime) -> object:
        zone = self._stages.zone
        first = admit(published, occurrence, previous=(), now=heard, zones=Zones(workspace=zone), facts={})
        if not isinstance(first, Question):
            return first
        with self._stages.state.read() as transaction:
            asked = CurrentVerdicts(self._stages, transaction, self._now())
            ask = Ask(profile_id=occurrence.profile_id, as_of=first.as_of)
            [verdicts] = asked.verdicts(first.conditions, [ask])
        return admit(
            published,
            occurrence,
            previous=(),
            now=heard,
            zones=Zones(workspace=zone),
            facts={ENTRY: verdicts},
        )

    def _shown(self, ground: Ground, details: _Details = None) -> dict[str, object]:
        reading = grounds.sentences(ground, zone=self._stages.zone, details=details)
        return {
            "rule": ground.rule,
            "subject": ground.subject,
            "value": ground.value,
            "threshold": ground.threshold,
            "at": ground.at,
            "reading": reading,
        }


def _case(transaction: StateTransaction, journey_id: JourneyId, user_id: str, now: datetime) -> _Case:
    status = journeys.get_status(transaction.journeys, journey_id)
    published = journeys.get_journey(transaction.journeys, journey_id)
    first = transaction.journeys.find(journey_id, 1)
    return _Case(
        published=published,
        status=status,
        first_published_at=published.published_at if first is None else first.published_at,
        profile_id=profile_named(user_id, transaction),
        user_id=user_id,
        now=now,
    )


def _state(runs: Sequence[Enrollment], told: Sequence[Mapping[str, object]]) -> str:
    """In one word: the newest active run's, else the last one's."""
    if not runs:
        return "not_entered"
    active = [one for run, one in zip(runs, told, strict=True) if run.status == "active"]
    if any(one["held"] for one in told):
        return "held"
    if active:
        return "waiting"
    return "quarantined" if runs[-1].status == "quarantined" else "left"


def _messages(
    transaction: StateTransaction, steps: Sequence[tuple[str, Mapping[str, Json]]]
) -> Sequence[Message]:
    ids = {MessageId(str(said["message"])) for _, said in steps if "message" in said}
    return sorted(transaction.outbox.find(sorted(ids)), key=lambda one: (one.created_at, one.message_id))


def _message(message: Message) -> Ground:
    reason = message.reason or None
    match message.state:
        case "sent":
            return Ground(rule="message_sent", at=message.sent_at, subject=message.node)
        case "held":
            return Ground(rule="message_held", at=message.due_at, subject=message.node, value=reason)
        case "dropped":
            return Ground(rule="message_dropped", at=message.due_at, subject=message.node, value=reason)
        case state:
            return Ground(rule="message_other", at=message.due_at, subject=message.node, value=state)


def _reason(message: Message) -> _Details:
    english = REASONS.get(message.reason) or DELIVERY_REASONS.get(message.reason, message.reason)
    return {"en": english, "zh-CN": CHINESE_REASONS.get(message.reason, english)}


def _withheld(steps: Sequence[tuple[str, Mapping[str, Json]]]) -> Iterator[Ground]:
    for name, said in steps:
        if name == "message_withheld":
            yield Ground(rule="message_withheld", subject=str(said["node"]), value=said.get("by"))


def _entry_name(published: PublishedJourney) -> str:
    on = published.journey.entry.on
    return on.pattern.event if isinstance(on, EventEntry) else f"segment_{on.change}"


def _occurrence(profile_id: ProfileId, row: Mapping[str, object]) -> Occurrence:
    context = cast("Mapping[str, Json]", row["context"])
    return Occurrence(
        profile_id=profile_id,
        name=str(row["name"]),
        kind=cast("RowKind", row["kind"]),
        occurred_at=cast("datetime", row["occurred_at"]),
        message_id=str(row["message_id"]),
        properties={"context": context, **cast("Mapping[str, Json]", row["properties"])},
    )


def _first_lines(reading: object) -> _Details:
    """What `people why` says, in one line for each language."""
    lines = cast("Mapping[Language, Sequence[str]]", reading)
    return {language: " · ".join(line.strip() for line in lines[language]) for language in LANGUAGES}
