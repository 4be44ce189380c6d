"""A member is a person who may enter: an address, a password, and a role in workspaces."""

from perennial.access.members.model import Invitation, Member, MemberLink, MemberSession, OneTimeLink, Purpose
from perennial.access.members.ports import MemberRegistry, Passwords
from perennial.access.members.rules import OWN_COMPUTER
from perennial.access.members.service import (
    LinkUsed,
    MemberNotFound,
    Members,
    NotCovered,
    OwnerExists,
    OwnerMissing,
    SignInRefused,
    TooManySignIns,
)

__all__ = [
    "OWN_COMPUTER",
    "Invitation",
    "LinkUsed",
    "Member",
    "MemberLink",
    "MemberNotFound",
    "MemberRegistry",
    "MemberSession",
    "Members",
    "NotCovered",
    "OneTimeLink",
    "OwnerExists",
    "OwnerMissing",
    "Passwords",
    "Purpose",
    "SignInRefused",
    "TooManySignIns",
]
