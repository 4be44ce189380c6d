"""For how long events are kept: rules, what they would remove, what was removed."""

from fastapi import APIRouter

from perennial.api.access import CaughtUp, WorkspaceHere
from perennial.api.retention_schemas import Removals, RemovalShown, RetentionPreview
from perennial.api.routes.documents import DOCUMENT_BODY, DocumentText
from perennial.api.routes.paging import After, PageLimit
from perennial.api.schema_schemas import DocumentCheck, PublishedDocument
from perennial.api.schemas import ProblemEntry

router = APIRouter()


@router.post("/retention/validate", tags=["retention"], openapi_extra=DOCUMENT_BODY)
def validate_retention(workspace: WorkspaceHere, text: DocumentText) -> DocumentCheck:
    """Whether rules of retention could be published, and everything that is wrong with them."""
    found = [ProblemEntry.model_validate(problem) for problem in workspace.validate_retention(text)]
    return DocumentCheck(ok=not found, problems=found)


@router.post("/retention", tags=["retention"], openapi_extra=DOCUMENT_BODY)
def publish_retention(workspace: WorkspaceHere, text: DocumentText) -> PublishedDocument:
    """Make rules of retention the live ones; the same document again is the same version."""
    return PublishedDocument.model_validate(workspace.publish_retention(text))


@router.get("/retention", tags=["retention"])
def show_retention(workspace: WorkspaceHere) -> PublishedDocument:
    """The live rules of retention."""
    return PublishedDocument.model_validate(workspace.show_retention())


@router.get("/retention/preview", tags=["retention"])
def preview_retention(workspace: CaughtUp) -> RetentionPreview:
    """How many events would be removed now, and which definitions look further back than events are kept."""
    return RetentionPreview.model_validate(workspace.preview_retention())


@router.post("/retention/run", tags=["retention"])
def run_retention(workspace: CaughtUp) -> RemovalShown:
    """Remove what is past now; every day it is done without being asked."""
    return RemovalShown.model_validate(workspace.run_retention())


@router.get("/retention/removals", tags=["retention"])
def list_removals(workspace: WorkspaceHere, limit: PageLimit = 100, after: After = None) -> Removals:
    """What was removed, newest first."""
    rows, cursor = workspace.list_removals(limit=limit, after=after)
    return Removals.model_validate({"removals": rows, "next": cursor})
