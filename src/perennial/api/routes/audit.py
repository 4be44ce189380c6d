"""Who changed what."""

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query

from perennial.access.audit import AuditQuery
from perennial.access.roles import EVERYWHERE
from perennial.api.access import ActorHere, EdgeHere, WorkspaceHere
from perennial.api.audit_schemas import AuditPage, show_entry
from perennial.api.problems import Forbidden
from perennial.api.routes.instants import instant_given
from perennial.api.routes.paging import After, PageLimit

router = APIRouter(tags=["audit"])
_Text = Annotated[str | None, Query(max_length=255)]


class AuditFilter(NamedTuple):
    """What of the log somebody wants to see, as they wrote it."""

    by: str | None
    operation: str | None
    target: str | None
    start: str | None
    end: str | None


def filter_of(
    by: Annotated[_Text, Query(description="Only by this member (address or id) or token (id).")] = None,
    operation: Annotated[_Text, Query(description="Only this operation.")] = None,
    target: Annotated[_Text, Query(description="Only about this.")] = None,
    from_: Annotated[_Text, Query(alias="from", description="Since then.")] = None,
    to: Annotated[_Text, Query(description="Before then.")] = None,
) -> AuditFilter:
    """The filter in a request."""
    return AuditFilter(by=by, operation=operation, target=target, start=from_, end=to)


@router.get("/audit")
def list_entries(
    edge: EdgeHere,
    workspace: WorkspaceHere,
    actor: ActorHere,
    wanted: Annotated[AuditFilter, Depends(filter_of)],
    everywhere: Annotated[bool, Query(description="In every workspace, and of the installation.")] = False,
    limit: PageLimit = 100,
    after: After = None,
) -> AuditPage:
    """Changes, newest first, with what was there before and after."""
    if everywhere and not actor.may("audit", EVERYWHERE):
        raise Forbidden("This needs a role in every workspace.", hint="Leave `everywhere` out.")
    members = edge.application.members
    meant = None if wanted.by is None else members.find_by_email(wanted.by)
    query = AuditQuery(
        workspace=None if everywhere else workspace.name,
        actor=wanted.by if meant is None else meant.member_id,
        operation=wanted.operation,
        target=wanted.target,
        start=instant_given(wanted.start, "$.from", workspace),
        end=instant_given(wanted.end, "$.to", workspace),
    )
    page, cursor = edge.application.audit.list_entries(query, limit=limit, after=after)
    addresses = {
        one.member_id: one.email for one in members.find_members({one.acted.actor_id for one in page})
    }
    shown = [show_entry(one, actor=addresses.get(one.acted.actor_id, "")) for one in page]
    return AuditPage(entries=shown, next=cursor)
