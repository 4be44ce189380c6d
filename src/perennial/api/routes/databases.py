"""Databases that are read from and written to on a schedule: save, list, run, remove."""

from fastapi import APIRouter

from perennial.api.access import CaughtUp, WorkspaceHere
from perennial.api.routes.documents import DOCUMENT_BODY, DocumentText
from perennial.api.transfer_schemas import DatabaseExports, DatabaseSources, DatabaseTransfer

router = APIRouter()


@router.post("/database-sources", tags=["databases"], openapi_extra=DOCUMENT_BODY)
def save_database_source(workspace: WorkspaceHere, text: DocumentText) -> DatabaseTransfer:
    """Save a database source `{id, url_secret, query, cursor, mapping, every}`."""
    return DatabaseTransfer.model_validate(workspace.save_database_source(text))


@router.get("/database-sources", tags=["databases"])
def list_database_sources(workspace: WorkspaceHere) -> DatabaseSources:
    """Every database source, with its next run and what the last one came to."""
    return DatabaseSources.model_validate({"sources": workspace.list_database_sources()})


@router.post("/database-sources/{source_id}/run", tags=["databases"])
def run_database_source(workspace: CaughtUp, source_id: str) -> DatabaseTransfer:
    """Import what is new there now."""
    return DatabaseTransfer.model_validate(workspace.run_database_source(source_id))


@router.delete("/database-sources/{source_id}", tags=["databases"])
def remove_database_source(workspace: WorkspaceHere, source_id: str) -> DatabaseTransfer:
    """Forget a database source; what was moved stays."""
    return DatabaseTransfer.model_validate(workspace.remove_database_source(source_id))


@router.post("/database-exports", tags=["databases"], openapi_extra=DOCUMENT_BODY)
def save_database_export(workspace: WorkspaceHere, text: DocumentText) -> DatabaseTransfer:
    """Save a database export `{id, url_secret, table, key, columns, people, mode, deletes, every}`."""
    return DatabaseTransfer.model_validate(workspace.save_database_export(text))


@router.get("/database-exports", tags=["databases"])
def list_database_exports(workspace: WorkspaceHere) -> DatabaseExports:
    """Every database export, with its next run and what the last one came to."""
    return DatabaseExports.model_validate({"exports": workspace.list_database_exports()})


@router.post("/database-exports/{export_id}/run", tags=["databases"])
def run_database_export(workspace: CaughtUp, export_id: str) -> DatabaseTransfer:
    """Bring that table up to date now."""
    return DatabaseTransfer.model_validate(workspace.run_database_export(export_id))


@router.delete("/database-exports/{export_id}", tags=["databases"])
def remove_database_export(workspace: WorkspaceHere, export_id: str) -> DatabaseTransfer:
    """Forget a database export; what was moved stays."""
    return DatabaseTransfer.model_validate(workspace.remove_database_export(export_id))
