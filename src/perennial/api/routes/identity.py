"""Who people are: what joined them, what may, and taking back what was wrong."""

from fastapi import APIRouter

from perennial.api.access import CaughtUp, WorkspaceHere
from perennial.api.identity_schemas import (
    NameGiven,
    PersonIdentity,
    QuarantinedPage,
    ReleasedName,
    UnmergeOrder,
)
from perennial.api.routes.documents import DOCUMENT_BODY, DocumentText
from perennial.api.routes.paging import After, PageLimit
from perennial.api.schema_schemas import DocumentCheck, PublishedDocument
from perennial.api.schemas import ProblemEntry

router = APIRouter()


@router.get("/people/{user_id:path}/identity", tags=["people"])
def show_identity(workspace: CaughtUp, user_id: str) -> PersonIdentity:
    """Everything recorded of who a person is: names, merges, refusals, each with its message."""
    return PersonIdentity.model_validate(workspace.show_identity(user_id))


@router.post("/people/unmerge", tags=["people"])
def unmerge_people(workspace: CaughtUp, order: UnmergeOrder) -> PersonIdentity:
    """Take a wrong merge back: the lost profile is one of its own again, and stays so."""
    return PersonIdentity.model_validate(workspace.unmerge_people(order.profile_id))


@router.get("/identity/quarantined", tags=["identity"])
def list_quarantined(workspace: CaughtUp, limit: PageLimit = 100, after: After = None) -> QuarantinedPage:
    """Names that were seen with too many people: they join nobody."""
    rows, cursor = workspace.list_quarantined(limit=limit, after=after)
    return QuarantinedPage.model_validate({"quarantined": rows, "next": cursor})


@router.post("/identity/release", tags=["identity"])
def release_quarantined(workspace: WorkspaceHere, name: NameGiven) -> ReleasedName:
    """Let a name join people again; whom it is seen with is counted anew."""
    return ReleasedName.model_validate(workspace.release_quarantined(name.kind, name.value))


@router.post("/identity/validate", tags=["identity"], openapi_extra=DOCUMENT_BODY)
def validate_identity(workspace: WorkspaceHere, text: DocumentText) -> DocumentCheck:
    """Whether rules of identity could be published, and everything that is wrong with them."""
    found = [ProblemEntry.model_validate(problem) for problem in workspace.validate_identity(text)]
    return DocumentCheck(ok=not found, problems=found)


@router.post("/identity", tags=["identity"], openapi_extra=DOCUMENT_BODY)
def publish_identity(workspace: WorkspaceHere, text: DocumentText) -> PublishedDocument:
    """Make rules of identity the live ones; the same document again is the same version."""
    return PublishedDocument.model_validate(workspace.publish_identity(text))


@router.get("/identity", tags=["identity"])
def show_identity_rules(workspace: WorkspaceHere) -> PublishedDocument:
    """The live rules of identity."""
    return PublishedDocument.model_validate(workspace.show_identity_rules())
