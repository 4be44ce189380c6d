"""Approvals in memory, for tests of the edges."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from perennial.access.approvals import Approval, Verdict


class RememberedApprovals:
    """`access.approvals.ApprovalStore` without a store."""

    def __init__(self) -> None:
        self._rules: dict[str, frozenset[str]] = {}
        self._kept: dict[str, Approval] = {}

    def rules(self, workspace: str) -> frozenset[str]:
        """The operations that need a second person."""
        return self._rules.get(workspace, frozenset())

    def set_rules(self, workspace: str, operations: Collection[str]) -> None:
        """Say which do."""
        self._rules[workspace] = frozenset(operations)

    def add(self, approval: Approval) -> Approval:
        """Keep what is asked, or give back the same change that waits already."""
        for one in self._kept.values():
            if one.change == approval.change and not one.verdict:
                return one
        self._kept[approval.approval_id] = approval
        return approval

    def find(self, workspace: str, approval_id: str) -> Approval | None:
        """One that was asked for."""
        found = self._kept.get(approval_id)
        return found if found is not None and found.change.workspace == workspace else None

    def approvals(self, workspace: str, *, since: datetime) -> Sequence[Approval]:
        """Those asked for since then, newest first."""
        return [
            one
            for one in reversed(self._kept.values())
            if one.change.workspace == workspace and one.asked_at > since
        ]

    def decide(self, approval_id: str, verdict: Verdict, *, by: str, at: datetime) -> bool:
        """Keep a verdict; False where there is one already."""
        found = self._kept[approval_id]
        if found.verdict:
            return False
        self._kept[approval_id] = replace(found, verdict=verdict, decided_by=by, decided_at=at)
        return True

    def use(self, workspace: str, digest: str, *, decided_since: datetime, at: datetime) -> bool:
        """Use up a yes to a change, if there is one that was not used."""
        for one in self._kept.values():
            is_same = (one.change.workspace, one.change.digest) == (workspace, digest)
            is_good = one.verdict == "approved" and one.used_at is None
            if is_same and is_good and one.decided_at is not None and one.decided_at > decided_since:
                self._kept[one.approval_id] = replace(one, used_at=at)
                return True
        return False
