"""Members and tokens in memory, for tests of the edges: nothing is hashed slowly here."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from perennial.access.members import Member, MemberLink, MemberSession
from perennial.access.members.rules import address_key, wait_left
from perennial.access.model import ApiToken
from perennial.access.roles import EVERYWHERE, Role


class PlainPasswords:
    """`access.members.Passwords` that keeps what it is told."""

    def hashed(self, password: str) -> str:
        """The password, marked."""
        return f"plain:{password}"

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether it is this password."""
        return password_hash == f"plain:{password}"


class RememberedMembers:
    """`access.members.MemberRegistry` without a store."""

    def __init__(self) -> None:
        self.passwords: dict[str, str] = {}
        self.links: dict[str, MemberLink] = {}
        self.sessions: dict[str, MemberSession] = {}
        self._members: dict[str, Member] = {}
        self._attempts: dict[str, tuple[int, datetime]] = {}

    def members(self) -> Sequence[Member]:
        """Everyone, by address."""
        found = [replace(one, has_password=one.member_id in self.passwords) for one in self._members.values()]
        return sorted(found, key=lambda one: address_key(one.email))

    def find_member(self, member_id: str) -> Member | None:
        """The member with this id."""
        return next((one for one in self.members() if one.member_id == member_id), None)

    def find_by_email(self, email: str) -> Member | None:
        """The member with this address."""
        return next((one for one in self.members() if address_key(one.email) == address_key(email)), None)

    def password_hash(self, member_id: str) -> str | None:
        """What is kept of a member's password."""
        return self.passwords.get(member_id)

    def add_member(self, member: Member) -> Member:
        """Keep a member, or give back whoever has the address already."""
        found = self.find_by_email(member.email)
        if found is not None:
            return found
        self._members[member.member_id] = member
        return member

    def set_role(self, member_id: str, workspace: str, role: Role | None) -> bool:
        """Keep or take away a role, unless no owner would be left."""
        if workspace == EVERYWHERE and role != "owner" and self._owners() == {member_id}:
            return False
        member = self._members[member_id]
        roles = {place: held for place, held in member.roles.items() if place != workspace}
        self._members[member_id] = replace(
            member, roles=roles if role is None else {**roles, workspace: role}
        )
        return True

    def remove_member(self, member_id: str) -> bool:
        """Take a member away, unless no owner would be left."""
        if self._owners() == {member_id}:
            return False
        self._end(member_id)
        self.passwords.pop(member_id, None)
        del self._members[member_id]
        return True

    def set_password(self, member_id: str, password_hash: str) -> None:
        """Keep a new password; every session and link of the member ends."""
        self.passwords[member_id] = password_hash
        self._end(member_id)

    def keep_link(self, link: MemberLink) -> None:
        """Keep a link; an earlier one for the same is over."""
        self.links = {key: one for key, one in self.links.items() if one.member_id != link.member_id}
        self.links[link.link_hash] = link

    def find_link(self, link_hash: str) -> MemberLink | None:
        """A link that was not used."""
        return self.links.get(link_hash)

    def redeem_link(self, link_hash: str, password_hash: str, *, owner: Member | None) -> Member | None:
        """Use a link up."""
        link = self.links.pop(link_hash, None)
        if link is None or (owner is not None and self._owners()):
            return None
        member_id = link.member_id
        if owner is not None:
            member_id = self.add_member(owner).member_id
            self.set_role(member_id, EVERYWHERE, "owner")
        self.set_password(member_id, password_hash)
        return self.find_member(member_id)

    def keep_session(self, session: MemberSession) -> None:
        """Keep a session."""
        self.sessions[session.session_hash] = session

    def find_session(self, session_hash: str) -> MemberSession | None:
        """The session with this hash."""
        return self.sessions.get(session_hash)

    def note_seen(self, session_hash: str, at: datetime) -> None:
        """Note that a session is in use."""
        self.sessions[session_hash] = replace(self.sessions[session_hash], seen_at=at)

    def end_session(self, session_hash: str) -> None:
        """Let a session be over."""
        self.sessions.pop(session_hash, None)

    def end_sessions(self, member_id: str) -> int:
        """Let every session of a member be over; how many those were."""
        own = [key for key, one in self.sessions.items() if one.member_id == member_id]
        for key in own:
            del self.sessions[key]
        return len(own)

    def begin_attempt(self, free: Mapping[str, int], *, now: datetime) -> float:
        """Count an attempt, or say how long to wait."""
        waits = [
            wait_left(self._attempts[key][0], free=most, since=now - self._attempts[key][1])
            for key, most in free.items()
            if key in self._attempts
        ]
        longest = max(waits, default=timedelta(0))
        if longest > timedelta(0):
            return longest.total_seconds()
        for key in free:
            self._attempts[key] = (self._attempts.get(key, (0, now))[0] + 1, now)
        return 0.0

    def forget_attempts(self, keys: Sequence[str]) -> None:
        """Forget the attempts under these keys."""
        for key in keys:
            self._attempts.pop(key, None)

    def _owners(self) -> set[str]:
        return {
            one.member_id
            for one in self.members()
            if one.has_password and one.roles.get(EVERYWHERE) == "owner"
        }

    def _end(self, member_id: str) -> None:
        self.end_sessions(member_id)
        self.links = {key: one for key, one in self.links.items() if one.member_id != member_id}


class RememberedTokens:
    """`access.tokens.TokenRegistry` without a store."""

    def __init__(self, *tokens: ApiToken) -> None:
        self._tokens = {one.token_hash: one for one in tokens}

    def add_token(self, token: ApiToken) -> None:
        """Keep a token's hash."""
        self._tokens[token.token_hash] = token

    def find_token(self, token_hash: str) -> ApiToken | None:
        """The token with this hash."""
        return self._tokens.get(token_hash)

    def tokens(self, workspace: str) -> Sequence[ApiToken]:
        """The tokens of a workspace."""
        return [one for one in self._tokens.values() if one.workspace == workspace]

    def remove_token(self, token_hash: str) -> None:
        """Forget a token."""
        self._tokens.pop(token_hash, None)
