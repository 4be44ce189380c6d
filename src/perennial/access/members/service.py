"""Letting members in: the first owner, invitations, passwords, sessions, roles."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from perennial.access.members.model import (
    Invitation,
    Member,
    MemberLink,
    MemberSession,
    OneTimeLink,
    Purpose,
)
from perennial.access.members.ports import MemberRegistry, Passwords
from perennial.access.members.rules import (
    LINK_LASTS,
    SEEN_TO,
    SESSION_LASTS,
    account_keys,
    attempt_keys,
    email_problem,
    is_current,
    password_problem,
    settled,
)
from perennial.access.roles import EVERYWHERE, MACHINE, Actor, Role
from perennial.access.rules import token_hash
from perennial.kernel.clock import Clock
from perennial.kernel.errors import InvalidDocument, NotFound, PerennialError, Problem, Refused, nearest
from perennial.kernel.ids import mint_secret


class OwnerExists(Refused):
    """There is an owner already: whoever is to come in is invited."""

    code = "owner_exists"


class OwnerMissing(Refused):
    """There would be no owner of the installation."""

    code = "owner_missing"


class MemberNotFound(NotFound):
    """There is no member with this address here."""

    code = "member_not_found"


class LinkUsed(Refused):
    """This link was used, has expired, or never was one."""

    code = "link_used"


class NotCovered(Refused):
    """Nobody may give, change or take what they do not have themselves."""

    code = "not_covered"


class SignInRefused(PerennialError):
    """The address or the password is wrong."""

    code = "sign_in_refused"


class TooManySignIns(PerennialError):
    """Too many attempts to sign in; wait, then try again."""

    code = "too_many_sign_ins"

    def __init__(self, wait: float) -> None:
        super().__init__(hint=f"In {max(1, round(wait))} seconds.")
        self.wait = wait
        """Seconds until there may be another one."""


class Members:
    """The members of one installation."""

    def __init__(
        self,
        registry: MemberRegistry,
        passwords: Passwords,
        clock: Clock,
        *,
        address: Callable[[], str],
        workspaces: Callable[[], Sequence[str]],
    ) -> None:
        """`address` says where people reach this server, empty where that is not known."""
        self._registry = registry
        self._passwords = passwords
        self._clock = clock
        self._address = address
        self._workspaces = workspaces

    def has_owner(self) -> bool:
        """Whether somebody owns the installation."""
        return any(
            one.has_password and one.roles.get(EVERYWHERE) == "owner" for one in self._registry.members()
        )

    def make_set_up_link(self) -> OneTimeLink:
        """A link by which the first owner comes in; an earlier one is over. Raises OwnerExists."""
        if self.has_owner():
            raise OwnerExists(hint="`perennial member invite ADDRESS --role owner --everywhere` adds one.")
        return self._make_link("set-up", "")

    def invite_member(self, email: str, role: Role, workspace: str, *, by: Actor) -> Invitation:
        """Give somebody a role in a workspace (`*`: in every one), and a link if they have no password.

        Raises InvalidDocument, NotCovered.
        """
        self._refuse(email_problem(email))
        self._require_place(workspace)
        _require_covering(by, workspace, role)
        made = Member(
            member_id=mint_secret("mem_"), email=email.strip(), created_at=self._clock.now(), roles={}
        )
        member = self._registry.add_member(made)
        held = member.roles.get(workspace)
        if held is not None:
            # Whoever is there already may be more than the inviter: an invitation must not lower them.
            _require_covering(by, workspace, held)
        self._set_role(member, workspace, role)
        member = self._present(member.member_id)
        # Whoever holds the link becomes the member, everywhere: it is for those who could make such a one.
        is_for_us = not member.has_password and by.covers(member.roles)
        return Invitation(
            member=member, link=self._make_link("join", member.member_id) if is_for_us else None
        )

    def make_reset_link(self, email: str, *, by: Actor) -> OneTimeLink:
        """A link to a new password. Raises MemberNotFound, NotCovered."""
        member = self._find(email, by)
        if not by.covers(member.roles):
            raise NotCovered(hint="Somebody with all of their roles, or an owner, can do this.")
        return self._make_link("reset" if member.has_password else "join", member.member_id)

    def read_link(self, key: str) -> MemberLink:
        """What a link is for, without using it. Raises LinkUsed."""
        link = self._registry.find_link(token_hash(key))
        if link is None or link.expires_at <= self._clock.now():
            raise LinkUsed(hint="Ask for another one.")
        return link

    def redeem_link(self, key: str, password: str, *, email: str = "") -> Member:
        """Set a password by a link, once; every session of the member ends.

        `email` is whoever comes by the set-up link. Raises LinkUsed, InvalidDocument.
        """
        link = self.read_link(key)
        owner = None
        if link.purpose == "set-up":
            self._refuse(email_problem(email))
            owner = Member(
                member_id=mint_secret("mem_"),
                email=email.strip(),
                created_at=self._clock.now(),
                roles={EVERYWHERE: "owner"},
            )
        address = owner.email if owner is not None else self._present(link.member_id).email
        self._refuse(password_problem(password, email=address))
        hashed = self._passwords.hashed(settled(password))
        member = self._registry.redeem_link(link.link_hash, hashed, owner=owner)
        if member is None:
            raise LinkUsed(hint="Ask for another one.")
        return member

    def sign_in(self, email: str, password: str, *, address: str) -> str:
        """A new session's secret. Raises SignInRefused, TooManySignIns; neither tells who is a member.

        The attempt is counted before it is judged: many at once are not more than one after another.
        """
        now = self._clock.now()
        wait = self._registry.begin_attempt(attempt_keys(email, address), now=now)
        if wait:
            raise TooManySignIns(wait)
        member = self._registry.find_by_email(email)
        kept = None if member is None else self._registry.password_hash(member.member_id)
        is_good = self._passwords.matches(kept, settled(password))
        if member is None or not is_good:
            raise SignInRefused(hint="An owner or admin can make a link to a new password.")
        self._registry.forget_attempts(account_keys(email, address))
        return self._begin_session(member)

    def authenticate(self, session: str) -> Member | None:
        """Whoever a session belongs to; None where it is over, or never was."""
        now, hashed = self._clock.now(), token_hash(session)
        found = self._registry.find_session(hashed)
        if found is None:
            return None
        if not is_current(now=now, seen_at=found.seen_at, expires_at=found.expires_at):
            self._registry.end_session(hashed)
            return None
        if now - found.seen_at >= SEEN_TO:
            self._registry.note_seen(hashed, now)
        return self._registry.find_member(found.member_id)

    def sign_out(self, session: str) -> None:
        """Let a session be over."""
        self._registry.end_session(token_hash(session))

    def sign_out_everywhere(self, member_id: str) -> int:
        """Let every session of a member be over; how many those were."""
        return self._registry.end_sessions(member_id)

    def change_password(self, member: Member, old: str, new: str, *, address: str) -> None:
        """Change one's own password; every session ends. Raises SignInRefused, InvalidDocument."""
        wait = self._registry.begin_attempt(attempt_keys(member.email, address), now=self._clock.now())
        if wait:
            raise TooManySignIns(wait)
        if not self._passwords.matches(self._registry.password_hash(member.member_id), settled(old)):
            raise SignInRefused(message="The present password is another one.")
        self._refuse(password_problem(new, email=member.email))
        self._registry.forget_attempts(account_keys(member.email, address))
        self._registry.set_password(member.member_id, self._passwords.hashed(settled(new)))

    def list_members(self, workspace: str, *, by: Actor) -> Sequence[Member]:
        """Who may enter a workspace, by address, each with their roles there and everywhere.

        `*` asks for everyone; only who may name members of every workspace sees roles of others.
        """
        if by.may("members", EVERYWHERE) and workspace == EVERYWHERE:
            return self._registry.members()
        places = (workspace, EVERYWHERE)
        found = [
            replace(one, roles={place: role for place, role in one.roles.items() if place in places})
            for one in self._registry.members()
        ]
        return [one for one in found if one.roles]

    def change_role(self, email: str, role: Role, workspace: str, *, by: Actor) -> Member:
        """Give a member another role. Raises MemberNotFound, NotCovered, OwnerMissing."""
        self._require_place(workspace)
        member = self._find(email, by)
        for one in (member.roles.get(workspace), role):
            if one is not None:
                _require_covering(by, workspace, one)
        self._set_role(member, workspace, role)
        return self._present(member.member_id)

    def remove_member(self, email: str, workspace: str, *, by: Actor) -> Member:
        """Take a member's role in a workspace away (`*`: the member, with all there is of them).

        Gives the member as they were. Raises MemberNotFound, NotCovered, OwnerMissing.
        """
        member = self._find(email, by)
        if workspace == EVERYWHERE:
            if not by.covers(member.roles) or not by.may("members", EVERYWHERE):
                raise NotCovered(hint="Somebody with all of their roles, or an owner, can do this.")
            if not self._registry.remove_member(member.member_id):
                raise OwnerMissing(hint="Make somebody else an owner first.")
            return member
        held = member.roles.get(workspace)
        if held is None:
            raise MemberNotFound(f"{member.email} has no role in {workspace!r} itself.", hint="")
        _require_covering(by, workspace, held)
        if len(member.roles) == 1:
            # Nothing is left that they could enter, so nothing of them is kept.
            self._registry.remove_member(member.member_id)
        else:
            self._set_role(member, workspace, None)
        return member

    def find_by_email(self, email: str) -> Member | None:
        """The member with this address, while there is one."""
        return self._registry.find_by_email(email)

    def find_members(self, ids: Collection[str]) -> Sequence[Member]:
        """Those of these members whom there still are."""
        return [one for one in self._registry.members() if one.member_id in ids]

    def _begin_session(self, member: Member) -> str:
        now, secret = self._clock.now(), mint_secret("member_")
        self._registry.keep_session(
            MemberSession(
                session_hash=token_hash(secret),
                member_id=member.member_id,
                seen_at=now,
                expires_at=now + SESSION_LASTS,
            )
        )
        return secret

    def _make_link(self, purpose: Purpose, member_id: str) -> OneTimeLink:
        key, expires_at = mint_secret("key_"), self._clock.now() + LINK_LASTS[purpose]
        self._registry.keep_link(
            MemberLink(link_hash=token_hash(key), purpose=purpose, member_id=member_id, expires_at=expires_at)
        )
        return OneTimeLink(url=f"{self._address()}/{purpose}?key={key}", expires_at=expires_at)

    def _set_role(self, member: Member, workspace: str, role: Role | None) -> None:
        if not self._registry.set_role(member.member_id, workspace, role):
            raise OwnerMissing(hint="Make somebody else an owner first.")

    def _present(self, member_id: str) -> Member:
        found = self._registry.find_member(member_id)
        if found is None:
            raise MemberNotFound
        return found

    def _find(self, email: str, by: Actor) -> Member:
        """The member with an address, if they are anybody where the actor may see members."""
        found = self._registry.find_by_email(email)
        if found is None or not _is_seen(found, by):
            raise MemberNotFound(f"There is no member {email!r} here.", hint="`perennial member list`.")
        return found

    def _require_place(self, workspace: str) -> None:
        names = self._workspaces()
        if workspace != EVERYWHERE and workspace not in names:
            raise NotFound(f"There is no workspace {workspace!r}.", hint=nearest(workspace, names))

    @staticmethod
    def _refuse(problem: Problem | None) -> None:
        if problem is not None:
            raise InvalidDocument([problem])


def _is_seen(member: Member, by: Actor) -> bool:
    """Whether somebody who names members would find this one in a list."""
    if not member.roles:
        return by.may("members", EVERYWHERE)
    return any(place == EVERYWHERE or by.may("members", place) for place in member.roles)


def _require_covering(by: Actor, workspace: str, role: Role) -> None:
    """Raise NotCovered unless the actor names members there, and may do all that the role may."""
    if by is MACHINE or (by.may("members", workspace) and by.covers({workspace: role})):
        return
    raise NotCovered(hint=f"Somebody who is {role} there, or an owner, can do this.")
