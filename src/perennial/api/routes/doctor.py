"""The doctor: whether everything that must always hold does hold."""

from fastapi import APIRouter

from perennial.api.access import WorkspaceHere
from perennial.api.schemas import Diagnosis

router = APIRouter(tags=["installation"])


@router.get("/doctor")
def doctor(workspace: WorkspaceHere) -> Diagnosis:
    """Check every invariant of the workspace. It changes nothing, and takes seconds."""
    return Diagnosis.model_validate(workspace.doctor())
