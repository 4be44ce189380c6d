"""Events and people: how many, who, and what they agreed to."""

from typing import Annotated

from fastapi import APIRouter, Query

from perennial.api.access import CaughtUp, WorkspaceHere
from perennial.api.routes.instants import instant_given
from perennial.api.schemas import (
    ConsentGiven,
    ConsentRecorded,
    EventCount,
    PeopleCount,
    PeoplePage,
    PeoplePageQuestion,
    PeopleQuestion,
)

router = APIRouter()


@router.get("/events/count", tags=["events"])
def count_events(
    workspace: CaughtUp,
    event: Annotated[str | None, Query(description="Count this event only.")] = None,
    start: Annotated[str | None, Query(alias="from", description="From this instant on (ISO 8601).")] = None,
    end: Annotated[str | None, Query(alias="to", description="Before this instant (ISO 8601).")] = None,
) -> EventCount:
    """How many events there are in a half-open span; clients' events only, unless one of ours is named."""
    since, until = instant_given(start, "$.from", workspace), instant_given(end, "$.to", workspace)
    return EventCount(events=workspace.count_events(event, start=since, end=until))


@router.post("/people/count", tags=["people"])
def count_people(workspace: CaughtUp, question: PeopleQuestion) -> PeopleCount:
    """How many people meet a condition; everyone, without one."""
    as_of = instant_given(question.as_of, "$.as_of", workspace)
    return PeopleCount(people=workspace.count_people(question.condition, as_of=as_of))


@router.post("/people/list", tags=["people"])
def list_people(workspace: CaughtUp, question: PeoplePageQuestion) -> PeoplePage:
    """Who meets a condition, by user id, the anonymous last."""
    as_of = instant_given(question.as_of, "$.as_of", workspace)
    page = workspace.list_people(question.condition, as_of=as_of, limit=question.limit, after=question.after)
    return PeoplePage.model_validate({"people": page[0], "next": page[1]})


@router.post("/people/{user_id:path}/consent", tags=["people"])
def record_consent(workspace: WorkspaceHere, user_id: str, given: ConsentGiven) -> ConsentRecorded:
    """Record that a person granted or withdrew a consent."""
    workspace.record_consent(user_id, consent=given.consent, state=given.state, proof=given.proof)
    return ConsentRecorded(user_id=user_id, consent=given.consent, state=given.state, proof=given.proof)
