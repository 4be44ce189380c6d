"""Imports: begin, send a file along, watch, cancel, and ask which mapping a file needs."""

from collections.abc import Callable, Mapping
from typing import Annotated, cast

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool

from perennial.api.access import EdgeHere, WorkspaceHere, local_only
from perennial.api.jobs import Advance, Job, Work
from perennial.api.ports import Workspace
from perennial.api.problems import Unreadable
from perennial.api.schemas import MAX_NAME, ImportJob, ImportOrder, ProblemDocument
from perennial.api.schemas import ImportResult as ShownResult
from perennial.api.transfer_schemas import MappingQuestion, MappingSuggestion
from perennial.api.uploads import receive
from perennial.collect.imports.gathering import name_of
from perennial.collect.imports.model import ImportResult
from perennial.kernel.values import Json

router = APIRouter(prefix="/imports", tags=["imports"])
HERE_ONLY = [Depends(local_only)]
"""Whoever may name a place reads what we can read: only who holds the local token."""


@router.post("", status_code=202, dependencies=HERE_ONLY)
def start_import(edge: EdgeHere, workspace: WorkspaceHere, order: ImportOrder) -> ImportJob:
    """Begin to import a file, a folder, a pattern or an address; watch it under its name."""
    name = order.name or name_of(order.file)
    return _shown(edge.imports.start(workspace, name, _work(workspace, order.file, order.mapping, name)))


@router.post("/suggest", dependencies=HERE_ONLY)
def suggest_mapping(workspace: WorkspaceHere, question: MappingQuestion) -> MappingSuggestion:
    """Which mapping a file's header and first rows speak for, and why."""
    return MappingSuggestion.model_validate(workspace.suggest_mapping(question.file))


@router.post("/uploads", status_code=202)
async def upload_import(
    edge: EdgeHere,
    workspace: WorkspaceHere,
    request: Request,
    name: Annotated[str, Query(min_length=1, max_length=MAX_NAME, description="The file's name.")],
    mapping: Annotated[str | None, Query(description="The mapping as JSON.")] = None,
) -> ImportJob:
    """Import the file that is this request's body (CSV, Parquet, JSON Lines; packed or not).

    Broken off, it is sent again under the same name: no row is added twice.
    """
    read = _mapping(mapping)
    file, max_bytes = await run_in_threadpool(workspace.upload_place, name)
    await receive(request.stream(), file, max_bytes=max_bytes)
    carried = _work(workspace, str(file), read, name)

    def work(advance: Advance, is_cancelled: Callable[[], bool]) -> ImportResult:
        try:
            return carried(advance, is_cancelled)
        finally:
            file.unlink(missing_ok=True)

    return _shown(await run_in_threadpool(edge.imports.start, workspace, name, work))


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


def _work(
    workspace: Workspace, place: str, mapping: Mapping[str, Json] | None, name: str
) -> Work[ImportResult]:
    return lambda advance, is_cancelled: workspace.import_file(
        place, mapping=mapping, name=name, progress=advance, is_cancelled=is_cancelled
    )


def _mapping(text: str | None) -> Mapping[str, Json] | None:
    if text is None:
        return None
    try:
        document = msgspec.json.decode(text, type=dict[str, object])
    except msgspec.DecodeError as error:
        raise Unreadable(f"The mapping is not a JSON object: {error}.", path="$.mapping") from error
    return cast("Mapping[str, Json]", document)  # what a JSON decoder gave, and an object


def _shown(job: Job[ImportResult]) -> ImportJob:
    failure, result = job.failure, job.result
    return ImportJob(
        name=job.name,
        state=job.state,
        read=job.read,
        total=job.total,
        result=ShownResult.model_validate(result) if result else None,
        problem=ProblemDocument.model_validate(msgspec.json.decode(failure.body)) if failure else None,
    )
