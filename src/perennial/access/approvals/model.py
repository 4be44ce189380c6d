"""The nouns of approvals."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Verdict = Literal["", "approved", "rejected"]
"""Empty while nobody has decided."""

LASTS = timedelta(days=7)
"""How long somebody may take to decide, and then how long a yes is good for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change that somebody wants to make, exactly."""

    workspace: str
    operation: str
    """As the API calls it."""
    target: str
    sent: str
    """What was sent with it, as it was written."""
    digest: str
    """Of all that the operation would go by: another word in it is another change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A change that waits for a second person, or had its verdict."""

    approval_id: str
    change: Change
    asked_by: str
    """A member's id or a token's."""
    asked_at: datetime
    verdict: Verdict = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    used_at: datetime | None = None
    """When the change was made: a yes is good for one time."""
