"""What somebody may do: permissions, the roles that are sets of them, and whoever acts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Permission = Literal[
    "look",
    "people:read",
    "people:write",
    "people:erase",
    "define",
    "publish",
    "send",
    "data",
    "import",
    "export",
    "settings",
    "members",
    "audit",
    "owner",
]
"""What is allowed, in one vocabulary for roles and for the scopes of API tokens:

- `look`: definitions, counts and results; nobody by name
- `people:read`, `people:write`, `people:erase`: persons and what they did; their consents and lists; erasing
  them, taking their merges back and exporting all that is kept of one
- `define`: segments, tags, templates, channels; `publish`: journeys, from publication to their end
- `send`: messages asked for one by one
- `data`: descriptions, the tracking plan, cleaning; `import`, `export`: rows in and out
- `settings`: sources, the gate's policy, retention, identity, databases
- `members`: who may what, API tokens; `audit`: who did what; `owner`: making and unmaking owners
"""

Role = Literal["owner", "admin", "operator", "analyst", "support", "viewer"]
Acting = Literal["machine", "member", "token"]

PERMISSIONS: Sequence[Permission] = get_args(Permission)
ROLES: Sequence[Role] = get_args(Role)
EVERYWHERE = "*"
"""Stands for every workspace, present and future; also for every scope of a token."""

ALL: frozenset[Permission] = frozenset(PERMISSIONS)
TOKEN_SCOPES: frozenset[Permission] = ALL - {"members", "owner"}
"""What a token can be allowed. Who may what is said by people, and by the machine's own commands."""

_VIEWER = frozenset[Permission](("look",))
_SUPPORT = frozenset[Permission]((*_VIEWER, "people:read", "people:write"))
_ANALYST = frozenset[Permission]((*_VIEWER, "people:read", "define", "export"))
_OPERATOR = frozenset[Permission]((*_SUPPORT, *_ANALYST, "publish", "send", "data", "import"))

PERMISSIONS_OF: Mapping[Role, frozenset[Permission]] = {
    "owner": ALL,
    "admin": ALL - {"owner"},
    "operator": _OPERATOR,
    "analyst": _ANALYST,
    "support": _SUPPORT,
    "viewer": _VIEWER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Whoever acts: a member, a script with a token, or the machine's own commands."""

    kind: Acting
    id: str
    """A member's id or a token's; empty for the machine."""
    allowed: Mapping[str, frozenset[Permission]]
    """What they may do by workspace; `*` is every workspace."""

    def may(self, permission: Permission, workspace: str) -> bool:
        """Whether they may do this in a workspace."""
        return permission in self.permissions_in(workspace)

    def permissions_in(self, workspace: str) -> frozenset[Permission]:
        """All that they may do in a workspace; `*` asks what they may do in every one."""
        nothing = frozenset[Permission]()
        return self.allowed.get(EVERYWHERE, nothing) | self.allowed.get(workspace, nothing)

    def covers(self, roles: Mapping[str, Role]) -> bool:
        """Whether they may do all that somebody with these roles may, wherever that is."""
        return all(PERMISSIONS_OF[role] <= self.permissions_in(place) for place, role in roles.items())


MACHINE = Actor(kind="machine", id="", allowed={EVERYWHERE: ALL})
"""Whoever can read the data directory."""
