"""Exports: begin, watch, cancel, fetch."""

from collections.abc import Callable
from datetime import datetime

import msgspec
from fastapi import APIRouter
from fastapi.responses import FileResponse

from perennial.api.access import CaughtUp, Credentials, Edge, EdgeHere, WorkspaceHere, local_only
from perennial.api.jobs import Advance, Job
from perennial.api.ports import Answer, Workspace
from perennial.api.schemas import ProblemDocument
from perennial.api.transfer_schemas import (
    EventsExportAsked,
    ExportAsked,
    ExportJob,
    PeopleExportAsked,
)
from perennial.api.transfer_schemas import ExportResult as ShownResult
from perennial.kernel.errors import InvalidDocument, NotFound, Problem
from perennial.kernel.ids import mint_secret
from perennial.kernel.values import instant_of
from perennial.runtime.exports import ExportOrder, Watching
from perennial.runtime.exports.service import EventsAsked

router = APIRouter(prefix="/exports", tags=["exports"])
_MEDIA = {"jsonl": "application/x-ndjson", "csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
Carry = Callable[[ExportOrder, Watching], Answer]


def may_export_to(edge: EdgeHere, credentials: Credentials, asked: ExportAsked) -> ExportAsked:
    """Whoever may name a place writes where we can write: only who holds the local token."""
    if asked.to is not None:
        local_only(edge, credentials)
    return asked


@router.post("/events", status_code=202)
def export_events(
    edge: EdgeHere, credentials: Credentials, workspace: CaughtUp, asked: EventsExportAsked
) -> ExportJob:
    """Begin to export events; JSON Lines can be imported again as they are."""
    may_export_to(edge, credentials, asked)
    scope = EventsAsked(
        names=asked.names,
        start=_instant(asked.since, "$.since", workspace),
        end=_instant(asked.until, "$.until", workspace),
        with_ours=asked.with_ours,
    )
    return _start(
        edge,
        workspace,
        asked,
        lambda order, watching: workspace.export_events(order, asked=scope, watching=watching),
    )


@router.post("/people", status_code=202)
def export_people(
    edge: EdgeHere, credentials: Credentials, workspace: CaughtUp, asked: PeopleExportAsked
) -> ExportJob:
    """Begin to export people, with their traits and tags."""
    may_export_to(edge, credentials, asked)
    as_of = _instant(asked.as_of, "$.as_of", workspace)
    return _start(
        edge,
        workspace,
        asked,
        lambda order, watching: workspace.export_people(
            order, condition=asked.condition, as_of=as_of, watching=watching
        ),
    )


@router.post("/segments/{segment_id}", status_code=202)
def export_segment(
    edge: EdgeHere, credentials: Credentials, workspace: CaughtUp, segment_id: str, asked: ExportAsked
) -> ExportJob:
    """Begin to export the people of a segment."""
    may_export_to(edge, credentials, asked)
    return _start(
        edge,
        workspace,
        asked,
        lambda order, watching: workspace.export_segment(segment_id, order, watching=watching),
    )


@router.get("/{export_id}")
def read_export(edge: EdgeHere, workspace: WorkspaceHere, export_id: str) -> ExportJob:
    """How far an export has come."""
    return _shown(edge.exports.find(workspace, export_id))


@router.delete("/{export_id}")
def cancel_export(edge: EdgeHere, workspace: WorkspaceHere, export_id: str) -> ExportJob:
    """Stop an export, and let go of the file that waits to be fetched."""
    job = edge.exports.find(workspace, export_id)
    job.cancel()
    if job.state != "running":
        workspace.download_place(export_id).unlink(missing_ok=True)
    return _shown(job)


@router.get("/{export_id}/file", response_class=FileResponse)
def download_export(edge: EdgeHere, workspace: WorkspaceHere, export_id: str) -> FileResponse:
    """Fetch what an export without `to` has written; it waits until it is deleted or the server stops."""
    job = edge.exports.find(workspace, export_id)
    file = workspace.download_place(export_id)
    if job.state != "done" or not file.is_file():
        raise NotFound("There is no file to fetch.", hint="It is there when the export's state is `done`.")
    format_ = export_id.partition(".")[2]
    return FileResponse(file, media_type=_MEDIA[format_], filename=f"export.{format_}")


def _start(edge: Edge, workspace: Workspace, asked: ExportAsked, carry: Carry) -> ExportJob:
    export_id = f"{mint_secret('exp_')}.{asked.format}"
    order = ExportOrder(
        to=asked.to or str(workspace.download_place(export_id)),
        format=asked.format,
        columns=asked.columns,
        reveals=asked.reveal,
        is_for_spreadsheets=asked.for_spreadsheets,
    )

    def work(advance: Advance, is_cancelled: Callable[[], bool]) -> Answer:
        return carry(order, Watching(progress=advance, is_cancelled=is_cancelled))

    return _shown(edge.exports.start(workspace, export_id, work))


def _instant(text: str | None, path: str, workspace: Workspace) -> datetime | None:
    if text is None:
        return None
    instant = instant_of(text, workspace.zone)
    if instant is None:
        hint = "Write 2026-01-31T09:00:00Z."
        raise InvalidDocument([Problem(path=path, code="bad_instant", message="This is no time.", hint=hint)])
    return instant


def _shown(job: Job[object]) -> ExportJob:
    failure, result = job.failure, job.result
    return ExportJob(
        id=job.name,
        state=job.state,
        written=job.read,
        total=job.total,
        result=ShownResult.model_validate(result) if result else None,
        problem=ProblemDocument.model_validate(msgspec.json.decode(failure.body)) if failure else None,
    )
