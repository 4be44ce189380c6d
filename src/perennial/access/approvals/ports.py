"""What approvals need of the root store."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from perennial.access.approvals.model import Approval, Verdict


class ApprovalStore(Protocol):
    """Which operations need a second person in a workspace, and what was asked and said."""

    def rules(self, workspace: str) -> frozenset[str]:
        """The operations that need a second person."""
        ...

    def set_rules(self, workspace: str, operations: Collection[str]) -> None:
        """Say which operations need one from now on."""
        ...

    def add(self, approval: Approval) -> Approval:
        """Keep what is asked, or give back the same change that waits already."""
        ...

    def find(self, workspace: str, approval_id: str) -> Approval | None:
        """One that was asked for."""
        ...

    def approvals(self, workspace: str, *, since: datetime) -> Sequence[Approval]:
        """Those asked for since then, newest first."""
        ...

    def decide(self, approval_id: str, verdict: Verdict, *, by: str, at: datetime) -> bool:
        """Keep a verdict; False where there is one already."""
        ...

    def use(self, workspace: str, digest: str, *, decided_since: datetime, at: datetime) -> bool:
        """Use up a yes to a change, if there is one that was not used."""
        ...
