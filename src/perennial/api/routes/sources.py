"""Sources: who writes into the workspace that the token opens, with which keys, and how much."""

from typing import Annotated

from fastapi import APIRouter, Query

from perennial.api.access import EdgeHere, WorkspaceHere
from perennial.api.routes.paging import After, PageLimit
from perennial.api.source_schemas import (
    SourceLimit,
    SourceOrder,
    SourcePage,
    SourceRevoked,
    SourceShown,
    show_source,
)

router = APIRouter(tags=["sources"])


@router.get("/sources")
def list_sources(
    edge: EdgeHere, workspace: WorkspaceHere, limit: PageLimit = 100, after: After = None
) -> SourcePage:
    """The sources by name, each with its write keys and its limit."""
    found = edge.application.sources.list_sources(workspace.name)
    rest = [one for one in found if after is None or one.name > after]
    page = rest[:limit]
    cursor = page[-1].name if len(rest) > limit else None
    return SourcePage(sources=[show_source(one) for one in page], next=cursor)


@router.post("/sources")
def create_source(edge: EdgeHere, workspace: WorkspaceHere, order: SourceOrder) -> SourceShown:
    """Make a source with a write key of its own."""
    made = edge.application.sources.create_source(
        workspace.name, order.name, events_per_second=order.events_per_second, burst=order.burst
    )
    return show_source(made)


@router.put("/sources/{name}/limit")
def limit_source(edge: EdgeHere, workspace: WorkspaceHere, name: str, limit: SourceLimit) -> SourceShown:
    """Say how many events a second a source may send. Every process of the server counts for itself."""
    limited = edge.application.sources.limit_source(
        workspace.name, name, events_per_second=limit.events_per_second, burst=limit.burst
    )
    return show_source(limited)


@router.post("/sources/{name}/rotate")
def rotate_source(edge: EdgeHere, workspace: WorkspaceHere, name: str) -> SourceShown:
    """Give a source one more write key; the others let in until they are revoked."""
    return show_source(edge.application.sources.rotate_source(workspace.name, name))


@router.delete("/sources/{name}")
def revoke_source(
    edge: EdgeHere,
    workspace: WorkspaceHere,
    name: str,
    write_key: Annotated[str | None, Query(description="Only this key; without it, all of them.")] = None,
) -> SourceRevoked:
    """Let nobody write as this source any more; what came from it stays."""
    return SourceRevoked(
        revoked=edge.application.sources.revoke_source(workspace.name, name, write_key=write_key)
    )
