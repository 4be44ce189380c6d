"""Changes that wait for a second person, and which ones have to."""

from fastapi import APIRouter

from perennial.api.access import ActorHere, EdgeHere, WorkspaceHere
from perennial.api.approval_schemas import (
    ApprovalPage,
    ApprovalRules,
    ApprovalRulesShown,
    ApprovalShown,
    show_approval,
)
from perennial.api.permissions import UNDER_APPROVAL
from perennial.api.routes.paging import After, PageLimit

router = APIRouter(tags=["approvals"])


@router.get("/approvals")
def list_approvals(
    edge: EdgeHere, workspace: WorkspaceHere, limit: PageLimit = 100, after: After = None
) -> ApprovalPage:
    """What was asked for within the last seven days, newest first, with what was sent."""
    shown = [show_approval(one) for one in edge.application.approvals.list_approvals(workspace.name)]
    ids = [one.approval_id for one in shown]
    begin = ids.index(after) + 1 if after in ids else 0
    page = shown[begin : begin + limit]
    return ApprovalPage(approvals=page, next=page[-1].approval_id if len(shown) > begin + limit else None)


@router.post("/approvals/{approval_id}/approve")
def approve_change(
    edge: EdgeHere, workspace: WorkspaceHere, actor: ActorHere, approval_id: str
) -> ApprovalShown:
    """Say yes to what somebody else wants; they do the same again, and then it is done, once."""
    return show_approval(
        edge.application.approvals.decide_approval(
            workspace.name, approval_id, "approved", by=actor, needs=UNDER_APPROVAL
        )
    )


@router.post("/approvals/{approval_id}/reject")
def reject_change(
    edge: EdgeHere, workspace: WorkspaceHere, actor: ActorHere, approval_id: str
) -> ApprovalShown:
    """Say no to what somebody wants, or take back what one asked for."""
    return show_approval(
        edge.application.approvals.decide_approval(
            workspace.name, approval_id, "rejected", by=actor, needs=UNDER_APPROVAL
        )
    )


@router.get("/approval-rules")
def show_approval_rules(edge: EdgeHere, workspace: WorkspaceHere) -> ApprovalRulesShown:
    """Which operations need a second person here, and which could."""
    rules = edge.application.approvals.approval_rules(workspace.name)
    return ApprovalRulesShown(operations=list(rules), choices=sorted(UNDER_APPROVAL))


@router.put("/approval-rules")
def set_approval_rules(edge: EdgeHere, workspace: WorkspaceHere, rules: ApprovalRules) -> ApprovalRulesShown:
    """Say which operations need a second person from now on. For owners."""
    kept = edge.application.approvals.set_approval_rules(
        workspace.name, rules.operations, choices=UNDER_APPROVAL
    )
    return ApprovalRulesShown(operations=list(kept), choices=sorted(UNDER_APPROVAL))
