"""Names of workspaces, and how a token is kept."""

import re
from hashlib import sha256
from zoneinfo import ZoneInfo, available_timezones

from perennial.kernel.errors import Problem, nearest

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def name_problem(name: str) -> Problem | None:
    """What is wrong with a workspace's name; it is also a directory's and a database's."""
    if _NAME.fullmatch(name):
        return None
    return Problem(
        path="$.workspace",
        code="bad_name",
        message=f"{name!r} cannot name a workspace.",
        hint="Use up to 40 of a-z, 0-9, _ and -, beginning with a letter or digit.",
    )


def zone_problem(name: str, *, path: str = "$.timezone") -> Problem | None:
    """What is wrong with a time zone's name, which stands at `path`."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        hint = nearest(name, available_timezones())
        return Problem(path=path, code="unknown_zone", message=f"{name!r} is no time zone.", hint=hint)
    return None


def token_hash(token: str) -> str:
    """What is kept of a token. It has 160 random bits, so a plain hash cannot be reversed by trying."""
    return sha256(token.encode()).hexdigest()
