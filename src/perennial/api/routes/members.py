"""Members and tokens of the workspace that is asked about, and the link by which the first owner comes in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from perennial.access.roles import EVERYWHERE
from perennial.api.access import ActorHere, EdgeHere, WorkspaceHere, local_only
from perennial.api.member_schemas import (
    Invited,
    LinkShown,
    RoleOrder,
    TeamMember,
    TeamOrder,
    TeamPage,
    TokenMade,
    TokenOrder,
    TokenPage,
    TokenShown,
    show_invitation,
    show_link,
    show_made,
    show_member,
    show_token,
)
from perennial.api.routes.paging import After, PageLimit

router = APIRouter(tags=["members"])
first = APIRouter(tags=["members"], dependencies=[Depends(local_only)])

Everywhere = Annotated[bool, Query(description="In every workspace, not in this one alone.")]


@router.get("/members")
def list_team(
    edge: EdgeHere,
    workspace: WorkspaceHere,
    actor: ActorHere,
    everywhere: Everywhere = False,
    limit: PageLimit = 100,
    after: After = None,
) -> TeamPage:
    """Who may enter the workspace, by address, and as what; `everywhere` with all of their roles."""
    found = edge.application.members.list_members(_place(workspace.name, everywhere), by=actor)
    rest = [one for one in found if after is None or one.email.casefold() > after]
    page = rest[:limit]
    cursor = page[-1].email.casefold() if len(rest) > limit else None
    return TeamPage(members=[show_member(one) for one in page], next=cursor)


@router.post("/members")
def invite_member(edge: EdgeHere, workspace: WorkspaceHere, actor: ActorHere, order: TeamOrder) -> Invited:
    """Give somebody a role, and a link to a password if they have none. You hand the link over."""
    place = _place(workspace.name, order.everywhere)
    return show_invitation(edge.application.members.invite_member(order.email, order.role, place, by=actor))


@router.put("/members/{email}/role")
def change_role(
    edge: EdgeHere, workspace: WorkspaceHere, actor: ActorHere, email: str, order: RoleOrder
) -> TeamMember:
    """Give a member another role; it counts from their next request."""
    place = _place(workspace.name, order.everywhere)
    return show_member(edge.application.members.change_role(email, order.role, place, by=actor))


@router.delete("/members/{email}")
def remove_member(
    edge: EdgeHere, workspace: WorkspaceHere, actor: ActorHere, email: str, everywhere: Everywhere = False
) -> TeamMember:
    """Take a member's role here away; `everywhere`, or with the last role, the member. Shown as they were."""
    place = _place(workspace.name, everywhere)
    return show_member(edge.application.members.remove_member(email, place, by=actor))


@router.post("/members/{email}/reset")
def reset_member(edge: EdgeHere, _workspace: WorkspaceHere, actor: ActorHere, email: str) -> LinkShown:
    """A link to a new password, for an hour. The present one lasts until it is used."""
    return show_link(edge.application.members.make_reset_link(email, by=actor))


@first.post("/members/set-up")
def make_set_up_link(edge: EdgeHere) -> LinkShown:
    """A link by which the first owner comes in, once, within a day. For the local token only."""
    return show_link(edge.application.members.make_set_up_link())


@router.get("/tokens")
def list_tokens(
    edge: EdgeHere, workspace: WorkspaceHere, limit: PageLimit = 100, after: After = None
) -> TokenPage:
    """The API tokens of the workspace, oldest first, without telling them."""
    shown = [show_token(one) for one in edge.application.tokens.list_tokens(workspace.name)]
    ids = [one.token_id for one in shown]
    begin = ids.index(after) + 1 if after in ids else 0
    page = shown[begin : begin + limit]
    return TokenPage(tokens=page, next=page[-1].token_id if len(shown) > begin + limit else None)


@router.post("/tokens")
def create_token(edge: EdgeHere, workspace: WorkspaceHere, actor: ActorHere, order: TokenOrder) -> TokenMade:
    """Make a token with scopes and an end; it is told only now."""
    return show_made(
        edge.application.tokens.create_token(
            workspace.name, order.name, scopes=order.scopes, days=order.days, by=actor
        )
    )


@router.delete("/tokens/{token_id}")
def revoke_token(edge: EdgeHere, workspace: WorkspaceHere, token_id: str) -> TokenShown:
    """Let nobody in with a token any more."""
    return show_token(edge.application.tokens.revoke_token(workspace.name, token_id))


def _place(workspace: str, everywhere: bool) -> str:
    return EVERYWHERE if everywhere else workspace
