"""An approval is a second person's yes to exactly one change, where a workspace asks for one."""

from perennial.access.approvals.model import Approval, Change, Verdict
from perennial.access.approvals.ports import ApprovalStore
from perennial.access.approvals.service import ApprovalAsked, ApprovalNotFound, Approvals, NotYours

__all__ = [
    "Approval",
    "ApprovalAsked",
    "ApprovalNotFound",
    "ApprovalStore",
    "Approvals",
    "Change",
    "NotYours",
    "Verdict",
]
