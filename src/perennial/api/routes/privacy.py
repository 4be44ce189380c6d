"""People who leave: what is kept of them, erasing it, and receipts."""

from fastapi import APIRouter

from perennial.api.access import CaughtUp, WorkspaceHere
from perennial.api.privacy_schemas import (
    ConsentHistory,
    ErasureOrdered,
    ErasurePage,
    ErasureShown,
    PersonExport,
)
from perennial.api.routes.paging import After, PageLimit

router = APIRouter(tags=["people"])


@router.post("/people/{user_id:path}/erase")
def erase_person(workspace: WorkspaceHere, user_id: str, order: ErasureOrdered) -> ErasureShown:
    """Erase a person for good, and answer with the receipt; broken off, it goes on by itself."""
    return ErasureShown.model_validate(
        workspace.erase_person(user_id, reason=order.reason, by=order.by, allow_return=order.allow_return)
    )


@router.get("/people/{user_id:path}/export")
def export_person(workspace: CaughtUp, user_id: str, after: After = None) -> PersonExport:
    """Everything kept of a person: the state on the first page, events on every page."""
    return PersonExport.model_validate(workspace.export_person(user_id, after=after))


@router.get("/people/{user_id:path}/consents")
def list_consents(
    workspace: CaughtUp, user_id: str, limit: PageLimit = 100, after: After = None
) -> ConsentHistory:
    """Everything a person granted and withdrew, newest first, with its proof."""
    rows, cursor = workspace.list_consents(user_id, limit=limit, after=after)
    return ConsentHistory.model_validate({"consents": rows, "next": cursor})


@router.get("/erasures")
def list_erasures(workspace: WorkspaceHere, limit: PageLimit = 100, after: After = None) -> ErasurePage:
    """Erasures and their receipts."""
    rows, cursor = workspace.list_erasures(limit=limit, after=after)
    return ErasurePage.model_validate({"erasures": rows, "next": cursor})


@router.get("/erasures/{erasure_id}")
def show_erasure(workspace: WorkspaceHere, erasure_id: str) -> ErasureShown:
    """An erasure: how far it is, or its receipt."""
    return ErasureShown.model_validate(workspace.show_erasure(erasure_id))
