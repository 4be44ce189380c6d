"""Segments and templates: save, list, refresh, read."""

from fastapi import APIRouter

from perennial.api.access import CaughtUp, WorkspaceHere
from perennial.api.routes.documents import DOCUMENT_BODY, DocumentText
from perennial.api.routes.paging import After, PageLimit
from perennial.api.schemas import (
    PeoplePage,
    RefreshChosen,
    Segment,
    SegmentCounts,
    Segments,
    Template,
    Templates,
)

router = APIRouter()


@router.post("/segments", tags=["segments"], openapi_extra=DOCUMENT_BODY)
def create_segment(workspace: WorkspaceHere, text: DocumentText) -> Segment:
    """Save a segment `{id, name, condition}`; the same document again is the same version."""
    return Segment.model_validate(workspace.save_segment(text))


@router.get("/segments", tags=["segments"])
def list_segments(workspace: CaughtUp, limit: PageLimit = 100, after: After = None) -> Segments:
    """Every segment's live version."""
    rows, cursor = workspace.list_segments(limit=limit, after=after)
    return Segments.model_validate({"segments": rows, "next": cursor})


@router.post("/segments/refresh", tags=["segments"])
def refresh_segments(workspace: CaughtUp, chosen: RefreshChosen | None = None) -> SegmentCounts:
    """Answer segments anew; how many people are in each."""
    return SegmentCounts(segments=workspace.refresh_segments(chosen.ids if chosen else None))


@router.get("/segments/{segment_id}/people", tags=["segments"])
def segment_people(
    workspace: CaughtUp, segment_id: str, limit: PageLimit = 100, after: After = None
) -> PeoplePage:
    """Who is in a segment, by user id, the anonymous last."""
    people, cursor = workspace.segment_people(segment_id, limit=limit, after=after)
    return PeoplePage.model_validate({"people": people, "next": cursor})


@router.post("/templates", tags=["templates"], openapi_extra=DOCUMENT_BODY)
def create_template(workspace: WorkspaceHere, text: DocumentText) -> Template:
    """Save a template `{id, channel, subject, text, html}`; the same document again is the same version."""
    return Template.model_validate(workspace.save_template(text))


@router.get("/templates", tags=["templates"])
def list_templates(workspace: CaughtUp, limit: PageLimit = 100, after: After = None) -> Templates:
    """Every template's live version."""
    rows, cursor = workspace.list_templates(limit=limit, after=after)
    return Templates.model_validate({"templates": rows, "next": cursor})
