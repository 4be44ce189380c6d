"""What is said of changes that wait for a second person."""

from datetime import datetime

from perennial.access.approvals import Approval
from perennial.api.schemas import Given, Shown


class ApprovalRules(Given):
    """The operations that need a second person, as the OpenAPI document calls them."""

    operations: list[str]


class ApprovalRulesShown(Shown):
    """Which operations need a second person, and which could."""

    operations: list[str]
    choices: list[str]


class ApprovalShown(Shown):
    """A change that somebody wants to make, exactly."""

    approval_id: str
    operation: str
    target: str
    sent: str
    """What was sent with it, as it was written."""
    asked_by: str
    asked_at: datetime
    verdict: str
    """`approved`, `rejected`, or empty while nobody has decided."""
    decided_by: str
    decided_at: datetime | None
    used_at: datetime | None
    """When the change was made: a yes is good for one time."""


class ApprovalPage(Shown):
    """What was asked for within the last seven days, newest first."""

    approvals: list[ApprovalShown]
    next: str | None


def show_approval(approval: Approval) -> ApprovalShown:
    """An approval as it is shown."""
    change = approval.change
    return ApprovalShown(
        approval_id=approval.approval_id,
        operation=change.operation,
        target=change.target,
        sent=change.sent,
        asked_by=approval.asked_by,
        asked_at=approval.asked_at,
        verdict=approval.verdict,
        decided_by=approval.decided_by,
        decided_at=approval.decided_at,
        used_at=approval.used_at,
    )
