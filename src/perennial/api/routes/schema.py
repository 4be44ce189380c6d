"""What is sent: the catalogue, the tracking plan, cleaning."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from perennial.api.access import CaughtUp, WorkspaceHere
from perennial.api.routes.documents import DOCUMENT_BODY, DocumentText
from perennial.api.routes.paging import After, PageLimit
from perennial.api.schema_schemas import (
    CleaningReport,
    DescriptionGiven,
    DocumentCheck,
    PiiSuggestions,
    PlanReport,
    PlanSchema,
    PublishedDocument,
    SchemaDescription,
    SchemaDrifts,
    SchemaEvents,
    SchemaProperties,
)
from perennial.api.schemas import MAX_NAME, ProblemEntry

router = APIRouter()

Days = Annotated[int, Query(ge=1, le=3650, description="Look at so many days back.")]
Reveal = Annotated[bool, Query(description="Show values of personal properties as they are.")]
EventName = Annotated[str, Query(min_length=1, max_length=MAX_NAME, description="The event's name.")]


@router.get("/schema/events", tags=["schema"])
def list_schema_events(workspace: CaughtUp, limit: PageLimit = 100, after: After = None) -> SchemaEvents:
    """Every event that was ever sent or described, with its numbers."""
    rows, cursor = workspace.list_schema_events(limit=limit, after=after)
    return SchemaEvents.model_validate({"events": rows, "next": cursor})


@router.get("/schema/properties", tags=["schema"])
def list_schema_properties(
    workspace: CaughtUp,
    event: EventName,
    reveal: Reveal = False,
    limit: PageLimit = 100,
    after: After = None,
) -> SchemaProperties:
    """Every property of an event: its types, how many events have it, samples."""
    rows, cursor = workspace.list_schema_properties(event, reveal=reveal, limit=limit, after=after)
    return SchemaProperties.model_validate({"properties": rows, "next": cursor})


@router.put("/schema/descriptions", tags=["schema"])
def describe_schema(workspace: WorkspaceHere, given: DescriptionGiven) -> SchemaDescription:
    """Say what an event or property is, who owns it, how far it is, and whether it is personal."""
    said = given.model_dump(exclude={"event", "path"}, exclude_none=True)
    told = {key: None if key == "status" and value == "" else value for key, value in said.items()}
    return SchemaDescription.model_validate(workspace.describe_schema(given.event, given.path, said=told))


@router.get("/schema/drift", tags=["schema"])
def schema_drift(workspace: CaughtUp, days: Days = 30, reveal: Reveal = False) -> SchemaDrifts:
    """Events, properties and types that are not as planned, or not as they were before."""
    return SchemaDrifts.model_validate({"drift": workspace.schema_drift(days=days, reveal=reveal)})


@router.get("/schema/pii", tags=["schema"])
def suggest_pii(workspace: CaughtUp, days: Days = 30) -> PiiSuggestions:
    """Properties whose values look personal and that nobody flagged."""
    return PiiSuggestions.model_validate({"suggestions": workspace.suggest_pii(days=days)})


@router.post("/plan/validate", tags=["plan"], openapi_extra=DOCUMENT_BODY)
def validate_plan(workspace: WorkspaceHere, text: DocumentText) -> DocumentCheck:
    """Whether a tracking plan could be published, and everything that is wrong with it."""
    return _check(workspace.validate_plan(text))


@router.post("/plan", tags=["plan"], openapi_extra=DOCUMENT_BODY)
def publish_plan(workspace: WorkspaceHere, text: DocumentText) -> PublishedDocument:
    """Make a tracking plan the live one; the same document again is the same version."""
    return PublishedDocument.model_validate(workspace.publish_plan(text))


@router.get("/plan", tags=["plan"])
def show_plan(workspace: WorkspaceHere) -> PublishedDocument:
    """The live tracking plan."""
    return PublishedDocument.model_validate(workspace.show_plan())


@router.get("/plan/schema", tags=["plan"])
def plan_schema(workspace: WorkspaceHere) -> PlanSchema:
    """What a tracking plan may look like, as JSON Schema."""
    return PlanSchema.model_validate(workspace.plan_schema())


@router.get("/plan/report", tags=["plan"])
def report_plan(workspace: CaughtUp, days: Days = 30, reveal: Reveal = False) -> PlanReport:
    """How what was sent kept to the plan: by what was wrong, where, and from which source."""
    return PlanReport.model_validate(workspace.report_plan(days=days, reveal=reveal))


@router.post("/cleaning/validate", tags=["cleaning"], openapi_extra=DOCUMENT_BODY)
def validate_cleaning(workspace: WorkspaceHere, text: DocumentText) -> DocumentCheck:
    """Whether rules of cleaning could be published, and everything that is wrong with them."""
    return _check(workspace.validate_cleaning(text))


@router.post("/cleaning", tags=["cleaning"], openapi_extra=DOCUMENT_BODY)
def publish_cleaning(workspace: WorkspaceHere, text: DocumentText) -> PublishedDocument:
    """Make rules of cleaning the live ones; the same document again is the same version."""
    return PublishedDocument.model_validate(workspace.publish_cleaning(text))


@router.get("/cleaning", tags=["cleaning"])
def show_cleaning(workspace: WorkspaceHere) -> PublishedDocument:
    """The live rules of cleaning."""
    return PublishedDocument.model_validate(workspace.show_cleaning())


@router.get("/cleaning/report", tags=["cleaning"])
def report_cleaning(workspace: CaughtUp, days: Days = 30) -> CleaningReport:
    """What each rule of cleaning did, day by day."""
    return CleaningReport.model_validate(workspace.report_cleaning(days=days))


def _check(problems: Sequence[object]) -> DocumentCheck:
    found = [ProblemEntry.model_validate(problem) for problem in problems]
    return DocumentCheck(ok=not found, problems=found)
