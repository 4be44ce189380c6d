"""What is said of members, of their sessions and of tokens."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field, SecretStr

from perennial.access.members import Invitation, Member, OneTimeLink
from perennial.access.model import ApiToken
from perennial.access.roles import Role
from perennial.access.tokens import MadeToken, token_id_of
from perennial.api.schemas import Given, Shown

_Email = Annotated[str, Field(max_length=254, examples=["mei@example.com"])]
_Password = Annotated[SecretStr, Field(max_length=1024)]


class SignIn(Given):
    """Who comes in."""

    email: _Email
    password: _Password


class PasswordChange(Given):
    """One's own password, as it is and as it is to be."""

    present: _Password
    wanted: _Password


class TeamOrder(Given):
    """Somebody to invite, and as what."""

    email: _Email
    role: Role
    everywhere: bool = False
    """In every workspace, present and future; otherwise in this one."""


class RoleOrder(Given):
    """Another role for a member."""

    role: Role
    everywhere: bool = False


class TeamMember(Shown):
    """Somebody who may enter, and as what."""

    member_id: str
    email: str
    roles: Mapping[str, Role]
    """By workspace; `*` is every one. Roles in workspaces that you do not ask about are not shown."""
    has_password: bool
    """False for whoever was invited and has not come."""
    created_at: datetime


class TeamPage(Shown):
    """Members by address."""

    members: list[TeamMember]
    next: str | None


class LinkShown(Shown):
    """A link that works once. Send it to nobody but the one it is for."""

    url: str
    """Begins with a slash where it is not known how people reach this server (`public_url`)."""
    expires_at: datetime


class Invited(TeamMember):
    """Who was invited."""

    link: LinkShown | None
    """None for whoever has a password already, or was invited by somebody who may more than you."""


class SessionsEnded(Shown):
    """How many sessions are over."""

    ended: int


class TokenOrder(Given):
    """A token to make."""

    name: str
    """What it is for."""
    scopes: list[str] = Field(default_factory=list[str])
    """What it may; none are all that a token can."""
    days: int | None = None
    """How long it lasts; without a number it does not end."""


class TokenShown(Shown):
    """A token, without telling it."""

    token_id: str
    name: str
    scopes: list[str]
    """`*` is all that a token can."""
    made_by: str
    """A member's id; empty for the machine's own commands."""
    created_at: datetime
    expires_at: datetime | None


class TokenMade(Shown):
    """A new token; it is told only now."""

    token: str
    record: TokenShown


class TokenPage(Shown):
    """Tokens of the workspace, oldest first."""

    tokens: list[TokenShown]
    next: str | None


def show_member(member: Member) -> TeamMember:
    """A member as they are shown."""
    return TeamMember.model_validate(member)


def show_link(link: OneTimeLink) -> LinkShown:
    """A link as it is told."""
    return LinkShown.model_validate(link)


def show_invitation(invitation: Invitation) -> Invited:
    """An invitation as it is told."""
    link = None if invitation.link is None else show_link(invitation.link)
    member = show_member(invitation.member)
    return Invited(**member.model_dump(), link=link)


def show_token(token: ApiToken) -> TokenShown:
    """A token as it is shown."""
    return TokenShown(
        token_id=token_id_of(token),
        name=token.name,
        scopes=sorted(token.scopes),
        made_by=token.made_by,
        created_at=token.created_at,
        expires_at=token.expires_at,
    )


def show_made(made: MadeToken) -> TokenMade:
    """A token as it is told, once."""
    return TokenMade(token=made.token, record=show_token(made.record))
