"""Imports of files of this machine: begin, watch, cancel. For whoever holds the local token only."""

from pathlib import Path

import msgspec
from fastapi import APIRouter, Depends

from perennial.api.access import EdgeHere, WorkspaceHere, local_only
from perennial.api.jobs import Job, Order
from perennial.api.schemas import ImportJob, ImportOrder, ImportResult, ProblemDocument

router = APIRouter(prefix="/imports", tags=["imports"], dependencies=[Depends(local_only)])


@router.post("", status_code=202)
def start_import(edge: EdgeHere, workspace: WorkspaceHere, order: ImportOrder) -> ImportJob:
    """Begin to import a file; watch it under its name."""
    file = Path(order.file)
    name = order.name or file.name
    return _shown(edge.imports.start(workspace, Order(file=file, name=name, mapping=order.mapping)))


@router.get("/{name}")
def read_import(edge: EdgeHere, workspace: WorkspaceHere, name: str) -> ImportJob:
    """How far an import has come."""
    return _shown(edge.imports.find(workspace, name))


@router.delete("/{name}")
def cancel_import(edge: EdgeHere, workspace: WorkspaceHere, name: str) -> ImportJob:
    """Stop an import after the batch at hand; a second run goes on from there."""
    job = edge.imports.find(workspace, name)
    job.cancel()
    return _shown(job)


def _shown(job: Job) -> ImportJob:
    failure, result = job.failure, job.result
    return ImportJob(
        name=job.name,
        state=job.state,
        read=job.read,
        total=job.total,
        result=ImportResult.model_validate(result) if result else None,
        problem=ProblemDocument.model_validate(msgspec.json.decode(failure.body)) if failure else None,
    )
