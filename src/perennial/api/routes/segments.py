"""Segments beyond saving them: lists, previews, comparisons, who is in them and was."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool

from perennial.api.access import CaughtUp, WorkspaceHere, local_only
from perennial.api.ports import Workspace
from perennial.api.routes.paging import After, PageLimit
from perennial.api.schemas import Segment
from perennial.api.segment_schemas import (
    CombinationAsked,
    FreezeAsked,
    ListChanged,
    ListOrder,
    Members,
    MembersChanged,
    Mode,
    Overlap,
    OverlapAsked,
    Preview,
    PreviewAsked,
    Sample,
    SegmentMoves,
    SegmentSizes,
    SegmentsOfPerson,
    Size,
)
from perennial.api.uploads import receive
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.ids import mint_secret
from perennial.kernel.values import instant_of

router = APIRouter()


@router.post("/segments/preview", tags=["segments"])
def preview_segment(workspace: CaughtUp, asked: PreviewAsked) -> Preview:
    """How many people meet a condition that is not saved, of how many, and some of them."""
    as_of = _instant(asked.as_of, "$.as_of", workspace)
    return Preview.model_validate(workspace.preview_segment(asked.condition, as_of=as_of, size=asked.size))


@router.post("/segments/combine", tags=["segments"])
def combine_segments(workspace: CaughtUp, asked: CombinationAsked) -> Preview:
    """How many people are in any, in all, or in the first only of segments, and some of them."""
    return Preview.model_validate(
        workspace.combine_segments(asked.operation, asked.segments, size=asked.size)
    )


@router.post("/segments/overlap", tags=["segments"])
def overlap_segments(workspace: CaughtUp, asked: OverlapAsked) -> Overlap:
    """How many people each two segments share, exactly."""
    return Overlap.model_validate(workspace.overlap_segments(asked.segments))


@router.get("/segments/{segment_id}", tags=["segments"])
def show_segment(workspace: CaughtUp, segment_id: str) -> Segment:
    """One segment's live version and how it stands."""
    return Segment.model_validate(workspace.show_segment(segment_id))


@router.post("/segments/{segment_id}/freeze", tags=["segments"])
def freeze_segment(workspace: CaughtUp, segment_id: str, asked: FreezeAsked) -> Segment:
    """Keep who is in a segment at a moment, the present unless told, as a segment of its own."""
    as_of = _instant(asked.as_of, "$.as_of", workspace)
    return Segment.model_validate(
        workspace.freeze_segment(segment_id, as_id=asked.as_id, name=asked.name, as_of=as_of)
    )


@router.post("/segments/{segment_id}/load", tags=["segments"], dependencies=[Depends(local_only)])
def load_segment(workspace: WorkspaceHere, segment_id: str, order: ListOrder) -> ListChanged:
    """Bring a list to what a file on the server's machine names."""
    return ListChanged.model_validate(
        workspace.load_segment(segment_id, order.file, mode=order.mode, create=order.create)
    )


@router.post("/segments/{segment_id}/upload", tags=["segments"])
async def upload_segment(
    workspace: WorkspaceHere,
    request: Request,
    segment_id: str,
    mode: Annotated[Mode, Query(description="What becomes of who is on it already.")] = "replace",
    create: Annotated[bool, Query(description="Whether unknown user ids become people.")] = False,
) -> ListChanged:
    """Bring a list to what this request's body names: CSV, JSON Lines, or an id on each line."""
    name = mint_secret("list_") + ".jsonl"
    file, max_bytes = await run_in_threadpool(workspace.upload_place, name)
    try:
        await receive(request.stream(), file, max_bytes=max_bytes)
        changed = await run_in_threadpool(
            lambda: workspace.load_segment(segment_id, file, mode=mode, create=create)
        )
    finally:
        file.unlink(missing_ok=True)
    return ListChanged.model_validate(changed)


@router.post("/segments/{segment_id}/members", tags=["segments"])
def change_members(workspace: WorkspaceHere, segment_id: str, changed: MembersChanged) -> ListChanged:
    """Put people on a list and take others off, by any of their ids."""
    return ListChanged.model_validate(
        workspace.change_members(segment_id, add=changed.add, remove=changed.remove, create=changed.create)
    )


@router.get("/segments/{segment_id}/members", tags=["segments"])
def list_members(
    workspace: CaughtUp, segment_id: str, limit: PageLimit = 100, after: After = None
) -> Members:
    """Who is stored as a member and since when, by profile id: no page moves as people come and go."""
    people, cursor = workspace.list_members(segment_id, limit=limit, after=after)
    return Members.model_validate({"people": people, "next": cursor})


@router.get("/segments/{segment_id}/sample", tags=["segments"])
def sample_segment(
    workspace: CaughtUp,
    segment_id: str,
    size: Annotated[Size, Query(description="How many people.")] = 10,
) -> Sample:
    """Some people of a segment, the same whenever asked as long as they are in it."""
    return Sample.model_validate({"people": workspace.sample_segment(segment_id, size=size)})


@router.get("/segments/{segment_id}/sizes", tags=["segments"])
def segment_sizes(
    workspace: CaughtUp,
    segment_id: str,
    start: Annotated[str | None, Query(alias="from", description="From this instant on (ISO 8601).")] = None,
) -> SegmentSizes:
    """How many were in a segment, at most a point for each hour; of 90 days unless told."""
    since = _instant(start, "$.from", workspace)
    return SegmentSizes.model_validate({"sizes": workspace.segment_sizes(segment_id, since=since)})


@router.get("/people/{user_id:path}/segments", tags=["people"])
def person_segments(workspace: CaughtUp, user_id: str) -> SegmentsOfPerson:
    """The segments a person is in, and since when."""
    return SegmentsOfPerson.model_validate(workspace.person_segments(user_id))


@router.get("/people/{user_id:path}/segments/history", tags=["people"])
def person_segment_history(
    workspace: CaughtUp,
    user_id: str,
    segment: Annotated[str | None, Query(description="Only this segment.")] = None,
    limit: PageLimit = 100,
    after: After = None,
) -> SegmentMoves:
    """When a person entered and left segments, and why, newest first; a page may have fewer rows."""
    moves, cursor = workspace.person_segment_history(user_id, segment=segment, limit=limit, after=after)
    return SegmentMoves.model_validate({"moves": moves, "next": cursor})


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
