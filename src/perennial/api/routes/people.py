"""Events and people: how many, who, and what they agreed to."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from perennial.api.access import CaughtUp, WorkspaceHere
from perennial.api.ports import Workspace
from perennial.api.schemas import (
    ConsentGiven,
    ConsentRecorded,
    EventCount,
    PeopleCount,
    PeoplePage,
    PeoplePageQuestion,
    PeopleQuestion,
)
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.values import instant_of

router = APIRouter()


@router.get("/events/count", tags=["events"])
def count_events(
    workspace: CaughtUp,
    event: Annotated[str | None, Query(description="Count this event only.")] = None,
    start: Annotated[str | None, Query(alias="from", description="From this instant on (ISO 8601).")] = None,
    end: Annotated[str | None, Query(alias="to", description="Before this instant (ISO 8601).")] = None,
) -> EventCount:
    """How many events there are in a half-open span; clients' events only, unless one of ours is named."""
    since, until = _instant(start, "$.from", workspace), _instant(end, "$.to", workspace)
    return EventCount(events=workspace.count_events(event, start=since, end=until))


@router.post("/people/count", tags=["people"])
def count_people(workspace: CaughtUp, question: PeopleQuestion) -> PeopleCount:
    """How many people meet a condition; everyone, without one."""
    as_of = _instant(question.as_of, "$.as_of", workspace)
    return PeopleCount(people=workspace.count_people(question.condition, as_of=as_of))


@router.post("/people/list", tags=["people"])
def list_people(workspace: CaughtUp, question: PeoplePageQuestion) -> PeoplePage:
    """Who meets a condition, by user id, the anonymous last."""
    as_of = _instant(question.as_of, "$.as_of", workspace)
    page = workspace.list_people(question.condition, as_of=as_of, limit=question.limit, after=question.after)
    return PeoplePage.model_validate({"people": page[0], "next": page[1]})


@router.post("/people/{user_id}/consent", tags=["people"])
def record_consent(workspace: WorkspaceHere, user_id: str, given: ConsentGiven) -> ConsentRecorded:
    """Record that a person granted or withdrew a consent."""
    workspace.record_consent(user_id, consent=given.consent, state=given.state, proof=given.proof)
    return ConsentRecorded(user_id=user_id, consent=given.consent, state=given.state, proof=given.proof)


def _instant(text: str | None, path: str, workspace: Workspace) -> datetime | None:
    """The instant a caller wrote; a date or a time without offset is local to the workspace."""
    if text is None:
        return None
    instant = instant_of(text, workspace.zone)
    if instant is None:
        hint = "Write 2026-01-03, 2026-01-03T05:00:00 or 2026-01-03T05:00:00Z."
        raise InvalidDocument(
            [Problem(path=path, code="bad_instant", message=f"{text!r} is not an instant.", hint=hint)]
        )
    return instant
