"""Who may enter an installation without engines: real rules over what is kept in memory."""

from collections.abc import Callable, Sequence

from perennial.access.approvals import Approvals
from perennial.access.audit import AuditLog
from perennial.access.members import Members
from perennial.access.model import ApiToken
from perennial.access.roles import Actor
from perennial.access.rules import token_hash
from perennial.access.tokens import Tokens
from perennial.kernel.clock import VirtualClock
from perennial.testing.approvals import RememberedApprovals
from perennial.testing.audit import RememberedAudit
from perennial.testing.members import PlainPasswords, RememberedMembers, RememberedTokens

API_TOKEN = "tok_test"  # noqa: S105  opens nothing
OTHER_TOKEN = "tok_other"  # noqa: S105  as above


class FakeEntering:
    """Members, tokens, the audit log and approvals of two workspaces."""

    def __init__(self, clock: VirtualClock, *, workspaces: Callable[[], Sequence[str]]) -> None:
        """`workspaces` says the names of those there are."""
        self.clock = clock
        self.entered = RememberedMembers()
        self.members = Members(
            self.entered,
            PlainPasswords(),
            clock,
            address=lambda: "http://127.0.0.1:8420",
            workspaces=workspaces,
        )
        known = {API_TOKEN: "default", OTHER_TOKEN: "other"}
        kept = [
            ApiToken(token_hash=token_hash(token), workspace=name, created_at=clock.now())
            for token, name in known.items()
        ]
        self.tokens = Tokens(RememberedTokens(*kept), clock)
        self.approvals = Approvals(RememberedApprovals(), clock)
        self.audited = RememberedAudit()
        self.audit = AuditLog(self.audited, clock)
        self.public_url = ""

    def authenticate_token(self, token: str) -> Actor | None:
        """`API_TOKEN` opens `default`, `OTHER_TOKEN` opens `other`."""
        return self.tokens.authenticate(token)
