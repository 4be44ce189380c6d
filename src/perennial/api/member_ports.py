"""What the edges need of an installation to know who asks, and what they may."""

from typing import Protocol

from perennial.access.approvals import Approvals
from perennial.access.audit import AuditLog
from perennial.access.members import Members
from perennial.access.roles import Actor
from perennial.access.tokens import Tokens


class Entering(Protocol):
    """Members and tokens of one installation."""

    @property
    def members(self) -> Members:
        """Who may enter, and as what."""
        ...

    @property
    def tokens(self) -> Tokens:
        """What scripts act with."""
        ...

    def authenticate_token(self, token: str) -> Actor | None:
        """Whoever acts with an API token, in its one workspace; None where it is none, or has expired."""
        ...

    @property
    def audit(self) -> AuditLog:
        """Who changed what."""
        ...

    @property
    def approvals(self) -> Approvals:
        """What needs a second person."""
        ...

    @property
    def public_url(self) -> str:
        """Where people reach this server from elsewhere, as the settings say; empty where they do not."""
        ...
