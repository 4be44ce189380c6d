"""The nouns of membership: members, the links that let them in once, and their sessions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from perennial.access.roles import PERMISSIONS_OF, Actor, Role

Purpose = Literal["set-up", "join", "reset"]
"""What a link is for: the first owner, an invitation, a new password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who may enter, and as what."""

    member_id: str
    email: str
    """As it was written when they were invited; two addresses that differ in case alone are one."""
    created_at: datetime
    roles: Mapping[str, Role]
    """By workspace; `*` is every workspace."""
    has_password: bool = False
    """Without one they were invited, and have not come."""

    def acting(self) -> Actor:
        """The member as whoever acts."""
        allowed = {place: PERMISSIONS_OF[role] for place, role in self.roles.items()}
        return Actor(kind="member", id=self.member_id, allowed=allowed)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLink:
    """A link that works once; only its hash is kept."""

    link_hash: str
    purpose: Purpose
    member_id: str
    """Whose password is set with it; empty for the first owner, who is nobody yet."""
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeLink:
    """A link as it is told, once."""

    url: str
    """Begins with a slash where it is not known how people reach this server."""
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What came of an invitation."""

    member: Member
    link: OneTimeLink | None
    """None for whoever has a password already, or has an invitation from elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSession:
    """A browser that a member signed in with; only the hash of its secret is kept."""

    session_hash: str
    member_id: str
    seen_at: datetime
    """When it was last used, to a few minutes."""
    expires_at: datetime
