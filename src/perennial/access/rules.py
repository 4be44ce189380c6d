"""Names of workspaces, and how a token is kept."""

import re
from hashlib import sha256
from zoneinfo import ZoneInfo, available_timezones

from perennial.access.model import NO_CURRENCY
from perennial.kernel.errors import Problem, nearest

WEEK_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LONGEST_TITLE = 80
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


def title_problem(title: str) -> Problem | None:
    """What is wrong with what people call a workspace."""
    if len(title) <= LONGEST_TITLE and title.isprintable():
        return None
    message = "This cannot be a workspace's title."
    hint = f"Use up to {LONGEST_TITLE} characters on one line."
    return Problem(path="$.title", code="bad_title", message=message, hint=hint)


def zone_problem(name: str, *, path: str = "$.timezone") -> Problem | None:
    """What is wrong with a time zone's name, which stands at `path`."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        hint = nearest(name, available_timezones())
        return Problem(path=path, code="unknown_zone", message=f"{name!r} is no time zone.", hint=hint)
    return None


def week_problem(name: str) -> Problem | None:
    """What is wrong with the name of the day that weeks begin with."""
    if name in WEEK_DAYS:
        return None
    message = f"{name!r} is no day of the week."
    return Problem(
        path="$.week_start", code="unknown_day", message=message, hint=nearest(name.lower(), WEEK_DAYS)
    )


def currency_problem(code: str) -> Problem | None:
    """What is wrong with a currency's code by ISO 4217."""
    # Here: the names of the world's currencies take a while to load, and few ask for them.
    from babel.numbers import list_currencies  # noqa: PLC0415

    known = list_currencies()
    if code in known or code == NO_CURRENCY:
        return None
    message = f"{code!r} is no currency by ISO 4217."
    return Problem(
        path="$.currency", code="unknown_currency", message=message, hint=nearest(code.upper(), known)
    )


def token_hash(token: str) -> str:
    """What is kept of a token. It has 160 random bits, so a plain hash cannot be reversed by trying."""
    return sha256(token.encode()).hexdigest()
