"""What is said of who changed what."""

from datetime import datetime

from pydantic import JsonValue

from perennial.access.audit import AuditEntry
from perennial.api.schemas import Shown


class AuditShown(Shown):
    """A change that was made, refused or broken off."""

    entry_id: int
    at: datetime
    workspace: str
    """Empty for what is about the installation."""
    actor_kind: str
    """`member`, `token`, or `machine` for its own commands and links."""
    actor_id: str
    actor: str
    """The member's address while there is such a member; empty otherwise."""
    address: str
    """Where the request came from."""
    operation: str
    """As the OpenAPI document calls it."""
    target: str
    """What it is about; persons by a mark, members by their id."""
    outcome: str
    """`done`, the refusal's code, or empty: the server went away meanwhile."""
    before: JsonValue
    """How it stood before; null where there was nothing, or where it would tell of people."""
    after: JsonValue
    """How it stood afterwards, or what was sent."""


class AuditPage(Shown):
    """Changes, newest first."""

    entries: list[AuditShown]
    next: str | None


def show_entry(entry: AuditEntry, *, actor: str) -> AuditShown:
    """An entry as it is shown."""
    acted = entry.acted
    return AuditShown.model_validate(
        {
            "entry_id": entry.entry_id,
            "at": entry.at,
            "workspace": acted.workspace,
            "actor_kind": acted.actor_kind,
            "actor_id": acted.actor_id,
            "actor": actor,
            "address": acted.address,
            "operation": acted.operation,
            "target": acted.target,
            "outcome": entry.outcome,
            "before": acted.before,
            "after": entry.after,
        }
    )
