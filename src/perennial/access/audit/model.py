"""The nouns of the audit log."""

from dataclasses import dataclass
from datetime import datetime

from perennial.access.roles import Acting
from perennial.kernel.values import Json

DONE = "done"
"""The outcome of a change that was made; a refused one has the refusal's code."""
BROKEN_OFF = ""
"""There is no outcome: the server went away meanwhile, or is still at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """A change that somebody is about to make. Nothing in it names a person, and no secret is in it."""

    workspace: str
    """Empty for what is about the installation."""
    actor_kind: Acting
    actor_id: str
    """A member's id or a token's; empty for the machine's own commands."""
    address: str
    """Where the request came from."""
    operation: str
    """As the API calls it."""
    target: str
    """What it is about: names from the path; persons by their mark, members by their id."""
    before: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """A change that was made, refused or broken off."""

    entry_id: int
    at: datetime
    acted: Acted
    outcome: str
    after: Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """Which entries somebody wants to see; None is any."""

    workspace: str | None
    actor: str | None = None
    """A member's id or a token's."""
    operation: str | None = None
    target: str | None = None
    start: datetime | None = None
    end: datetime | None = None
