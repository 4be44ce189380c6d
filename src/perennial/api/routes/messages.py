"""Messages: what was sent or not, and why."""

from typing import Annotated

from fastapi import APIRouter, Query

from perennial.api.access import CaughtUp
from perennial.api.routes.paging import After, PageLimit
from perennial.api.schemas import Messages

router = APIRouter()


@router.get("/messages", tags=["messages"])
def list_messages(
    workspace: CaughtUp,
    user: Annotated[str | None, Query(description="Only this user's.")] = None,
    state: Annotated[str | None, Query(description="Only those in this state.")] = None,
    limit: PageLimit = 100,
    after: After = None,
) -> Messages:
    """Messages with their state and the reason for it."""
    rows, cursor = workspace.list_messages(user_id=user, state=state, limit=limit, after=after)
    return Messages.model_validate({"messages": rows, "next": cursor})
