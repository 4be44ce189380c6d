"""Journeys: check, publish, pause, resume, end, read."""

from typing import Annotated

from fastapi import APIRouter, Query

from perennial.api.access import CaughtUp, WorkspaceHere
from perennial.api.journey_schemas import EntryAsked, EntryCalled
from perennial.api.routes.documents import DOCUMENT_BODY, DocumentText
from perennial.api.routes.paging import After, PageLimit
from perennial.api.schemas import Journey, JourneyCheck, Journeys, ProblemEntry, ReadOut

router = APIRouter(tags=["journeys"])


@router.post("/journeys/validate", openapi_extra=DOCUMENT_BODY)
def validate_journey(workspace: WorkspaceHere, text: DocumentText) -> JourneyCheck:
    """Whether a journey could be published, and everything that is wrong with it."""
    problems = [ProblemEntry.model_validate(problem) for problem in workspace.validate_journey(text)]
    warnings = [] if problems else [ProblemEntry.model_validate(one) for one in workspace.lint_journey(text)]
    return JourneyCheck(ok=not problems, problems=problems, warnings=warnings)


@router.post("/journeys", openapi_extra=DOCUMENT_BODY)
def publish_journey(
    workspace: CaughtUp,
    text: DocumentText,
    approve: Annotated[bool, Query(description="Take what the journey asks approval for.")] = False,
) -> Journey:
    """Publish a journey as its next version; runs under way stay on theirs."""
    return Journey.model_validate(workspace.publish_journey(text, approve=approve))


@router.get("/journeys")
def list_journeys(workspace: CaughtUp, limit: PageLimit = 100, after: After = None) -> Journeys:
    """Every journey and its state."""
    rows, cursor = workspace.list_journeys(limit=limit, after=after)
    return Journeys.model_validate({"journeys": rows, "next": cursor})


@router.post("/journeys/{journey_id}/entries")
def enter_journey(workspace: CaughtUp, journey_id: str, asked: EntryAsked) -> EntryCalled:
    """Ask that a person come into a journey whose entry is `api`; its rules say whether they do."""
    return EntryCalled.model_validate(
        workspace.enter_journey(
            journey_id, asked.user_id, properties=asked.properties, request_id=asked.request_id
        )
    )


@router.post("/journeys/{journey_id}/pause")
def pause_journey(workspace: WorkspaceHere, journey_id: str) -> Journey:
    """Stop a journey's clockwork; everybody keeps their place."""
    return Journey.model_validate(workspace.pause_journey(journey_id))


@router.post("/journeys/{journey_id}/resume")
def resume_journey(workspace: WorkspaceHere, journey_id: str) -> Journey:
    """Let a paused journey run on."""
    return Journey.model_validate(workspace.resume_journey(journey_id))


@router.post("/journeys/{journey_id}/end")
def end_journey(workspace: WorkspaceHere, journey_id: str) -> Journey:
    """Stop a journey for good."""
    return Journey.model_validate(workspace.end_journey(journey_id))


@router.get("/journeys/{journey_id}/read")
def read_journey(workspace: CaughtUp, journey_id: str) -> ReadOut:
    """Whether a journey helped: per arm people and goal rate, difference, interval and a verdict in words."""
    return ReadOut.model_validate(workspace.read_journey(journey_id))
