"""The nouns of access: workspaces, the keys that write into them and the tokens that act in them."""

from dataclasses import dataclass
from datetime import datetime

from perennial.kernel.windows import Zone

NO_CURRENCY = "XXX"
"""ISO 4217's own word for none: amounts are numbers until somebody says of what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """One customer's world: nothing in it is visible from another."""

    name: str
    zone: Zone
    seed: str
    """Profile ids are derived with it: the same calls give the same ids again."""
    created_at: datetime
    is_rehearsal: bool = False
    """Lives on a clock moved by hand, with no transport but what is handed to it (the demo's replay)."""
    title: str = ""
    """What people call it; its name where that is empty."""
    currency: str = NO_CURRENCY
    """What its amounts are in, by ISO 4217. Nothing is converted."""
    removed_at: datetime | None = None
    """Nobody gets in any more since then, and what is left of it is being taken away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceOrder:
    """A workspace to make: what is left out is UTC, Monday, and ids that follow from the name."""

    timezone: str | None = None
    week_start: str | None = None
    seed: str | None = None
    is_rehearsal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteKey:
    """What a client of one source writes with. Not a secret: browsers show it to everyone."""

    write_key: str
    workspace: str
    source: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """What a script acts with in one workspace; only its hash is kept."""

    token_hash: str
    workspace: str
    created_at: datetime
    name: str = ""
    scopes: frozenset[str] = frozenset({"*"})
    """What it may; `*` is all that a token can, as for those made before there were scopes."""
    made_by: str = ""
    """A member's id; empty for the machine's own commands."""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What `init` prints; the token is told once, when it is made."""

    workspace: str
    write_key: str
    api_token: str | None
