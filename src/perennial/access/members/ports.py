"""What membership needs of the root store, and of whoever knows passwords."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from perennial.access.members.model import Member, MemberLink, MemberSession
from perennial.access.roles import Role


class MemberRegistry(Protocol):
    """Members, their links and sessions. Addresses are compared without regard to case."""

    def members(self) -> Sequence[Member]:
        """Everyone, by address."""
        ...

    def find_member(self, member_id: str) -> Member | None:
        """The member with this id."""
        ...

    def find_by_email(self, email: str) -> Member | None:
        """The member with this address."""
        ...

    def password_hash(self, member_id: str) -> str | None:
        """What is kept of a member's password."""
        ...

    def add_member(self, member: Member) -> Member:
        """Keep a member, or give back whoever has the address already."""
        ...

    def set_role(self, member_id: str, workspace: str, role: Role | None) -> bool:
        """Keep or take away a role; False, changing nothing, where no owner of everything would be left."""
        ...

    def remove_member(self, member_id: str) -> bool:
        """Take a member away with all that is theirs; False where no owner would be left."""
        ...

    def set_password(self, member_id: str, password_hash: str) -> None:
        """Keep a new password; every session and link of the member ends."""
        ...

    def keep_link(self, link: MemberLink) -> None:
        """Keep a link; an earlier one for the same is over."""
        ...

    def find_link(self, link_hash: str) -> MemberLink | None:
        """A link that was not used."""
        ...

    def redeem_link(self, link_hash: str, password_hash: str, *, owner: Member | None) -> Member | None:
        """Use a link up: the password is kept and every earlier session ends, in one transaction.

        `owner` is whoever comes by the set-up link. None where the link was used meanwhile, or there is
        an owner already.
        """
        ...

    def keep_session(self, session: MemberSession) -> None:
        """Keep a session; whatever has expired by the time it was last seen is forgotten."""
        ...

    def find_session(self, session_hash: str) -> MemberSession | None:
        """The session with this hash."""
        ...

    def note_seen(self, session_hash: str, at: datetime) -> None:
        """Note that a session is in use."""
        ...

    def end_session(self, session_hash: str) -> None:
        """Let a session be over."""
        ...

    def end_sessions(self, member_id: str) -> int:
        """Let every session of a member be over; how many those were."""
        ...

    def begin_attempt(self, free: Mapping[str, int], *, now: datetime) -> float:
        """Count an attempt to sign in under each key, before it is judged.

        `free` says how many each key may have before it has to wait. Gives the seconds to wait, counting
        nothing, or 0.
        """
        ...

    def forget_attempts(self, keys: Sequence[str]) -> None:
        """Forget the attempts under these keys: the last one was good."""
        ...


class Passwords(Protocol):
    """Whoever hashes passwords, slowly."""

    def hashed(self, password: str) -> str:
        """What is kept of a password."""
        ...

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether it is this password. Without a hash it takes as long, and says no."""
        ...
