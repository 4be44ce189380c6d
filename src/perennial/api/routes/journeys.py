"""Journeys: check, publish, pause, resume, end, read."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from perennial.api.access import CaughtUp, WorkspaceHere
from perennial.api.journey_schemas import (
    EntryAsked,
    EntryCalled,
    JourneyPlan,
    JourneyVersions,
    JourneyVersionShown,
)
from perennial.api.routes.documents import DOCUMENT_BODY, DocumentText
from perennial.api.routes.paging import After, PageLimit
from perennial.api.schemas import Journey, JourneyCheck, Journeys, ProblemEntry, ReadOut
from perennial.decide.journeys.plans import STAY
from perennial.kernel.documents import read_document
from perennial.kernel.values import Json

router = APIRouter(tags=["journeys"])

MAX_PLAN = 32_000
_PLAN = (
    '`stay`, or as JSON by node `"stay"`, `{"move": "NODE"}` or `{"exit": "OUTCOME"}`: what becomes of the '
    "people who stand there. `*` speaks for every other node."
)


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
    plan: Annotated[str | None, Query(max_length=MAX_PLAN, description=_PLAN)] = None,
    base_version: Annotated[
        int | None,
        Query(ge=0, description="The version the change began with, 0 for none: refused where it is older."),
    ] = None,
) -> Journey:
    """Publish a journey as its next version; a plan says what becomes of people in earlier ones."""
    return Journey.model_validate(
        workspace.publish_journey(text, approve=approve, plan=_read_plan(plan), base_version=base_version)
    )


@router.post("/journeys/plan", openapi_extra=DOCUMENT_BODY)
def plan_journey(workspace: CaughtUp, text: DocumentText) -> JourneyPlan:
    """Whom publishing a draft would touch, node by node, before it happens."""
    return JourneyPlan.model_validate(workspace.plan_journey(text))


@router.get("/journeys")
def list_journeys(workspace: CaughtUp, limit: PageLimit = 100, after: After = None) -> Journeys:
    """Every journey and its state."""
    rows, cursor = workspace.list_journeys(limit=limit, after=after)
    return Journeys.model_validate({"journeys": rows, "next": cursor})


@router.get("/journeys/{journey_id}/versions")
def list_journey_versions(
    workspace: WorkspaceHere, journey_id: str, limit: PageLimit = 100, after: After = None
) -> JourneyVersions:
    """A journey's versions, the newest first, and how many people are on each."""
    rows, cursor = workspace.list_journey_versions(journey_id, limit=limit, after=after)
    return JourneyVersions.model_validate({"versions": rows, "next": cursor})


@router.get("/journeys/{journey_id}/versions/{version}")
def show_journey_version(
    workspace: WorkspaceHere, journey_id: str, version: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> JourneyVersionShown:
    """One version as it was published, and what it changed of the one before."""
    return JourneyVersionShown.model_validate(workspace.show_journey_version(journey_id, version))


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


def _read_plan(plan: str | None) -> Json:
    if plan is None or plan == STAY:
        return plan
    return read_document(plan, name="plan").value
