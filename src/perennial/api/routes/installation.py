"""The installation itself: whether it answers, and its workspaces."""

from importlib.metadata import version

from fastapi import APIRouter, Depends

from perennial.api.access import EdgeHere, local_only
from perennial.api.schemas import Credentials, Health, WorkspaceOrder
from perennial.collect.events import Stopping

router = APIRouter(tags=["installation"])


@router.get("/health")
def read_health(edge: EdgeHere) -> Health:
    """Whether this server takes requests. Needs no token."""
    if edge.is_stopping:
        raise Stopping
    return Health(status="ok", version=version("perennial"), instance=edge.instance)


@router.post("/workspaces", dependencies=[Depends(local_only)])
def init_workspace(edge: EdgeHere, order: WorkspaceOrder) -> Credentials:
    """Make a workspace, or tell the keys of the one that is there. For whoever holds the local token only."""
    made = edge.application.init(
        order.workspace,
        timezone=order.timezone,
        week_start=order.week_start,
        renew_token=order.renew_token,
    )
    return Credentials.model_validate(made)
