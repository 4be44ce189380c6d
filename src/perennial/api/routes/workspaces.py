"""The workspaces of an installation, for whoever runs it; and the one a token opens."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from perennial.api.access import EdgeHere, WorkspaceHere, local_only
from perennial.api.routes.paging import After, PageLimit
from perennial.api.workspace_schemas import (
    WorkspaceChange,
    WorkspacePage,
    WorkspaceRemoved,
    WorkspaceShown,
    show_workspace,
)
from perennial.kernel.errors import NotFound, Refused

router = APIRouter(tags=["installation"], dependencies=[Depends(local_only)])
own = APIRouter(tags=["installation"])


class NotConfirmed(Refused):
    """What cannot be undone is to be named twice."""

    code = "not_confirmed"


@router.get("/workspaces")
def list_workspaces(edge: EdgeHere, limit: PageLimit = 100, after: After = None) -> WorkspacePage:
    """Every workspace, by name. For whoever holds the local token only."""
    names = [one for one in edge.application.list_workspaces() if after is None or one.name > after]
    page = names[:limit]
    cursor = page[-1].name if len(names) > limit else None
    return WorkspacePage(workspaces=[show_workspace(one) for one in page], next=cursor)


@router.patch("/workspaces/{name}")
def change_workspace(edge: EdgeHere, name: str, change: WorkspaceChange) -> WorkspaceShown:
    """Change what a workspace is called or what its amounts are in. For the local token only."""
    return show_workspace(
        edge.application.change_workspace(name, title=change.title, currency=change.currency)
    )


@router.delete("/workspaces/{name}")
def remove_workspace(
    edge: EdgeHere,
    name: str,
    confirm: Annotated[str, Query(description="The same name again: nothing brings it back.")] = "",
) -> WorkspaceRemoved:
    """Take a workspace away, for good: people, events, keys. For whoever holds the local token only."""
    if confirm != name:
        raise NotConfirmed(
            f"The workspace {name!r} would be gone for good.",
            hint="Say its name again as `confirm`.",
            path="$.confirm",
        )
    edge.application.remove_workspace(name)
    return WorkspaceRemoved(removed=name)


@own.get("/workspace")
def read_workspace(edge: EdgeHere, workspace: WorkspaceHere) -> WorkspaceShown:
    """The workspace that the token opens: its zone, the day weeks begin with, its currency."""
    for one in edge.application.list_workspaces():
        if one.name == workspace.name:
            return show_workspace(one)
    raise NotFound(f"There is no workspace {workspace.name!r} any more.")
