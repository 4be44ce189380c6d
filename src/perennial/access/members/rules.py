"""Which passwords and addresses will do, and how long whoever guesses must wait."""

import re
import unicodedata
from datetime import datetime, timedelta
from hashlib import sha256

from perennial.kernel.errors import Problem

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
_FEWEST_LETTERS = 5
LONGEST_ADDRESS = 254
_ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f<>,;:\"()\[\]\\]+@[^@\s\x00-\x1f\x7f<>,;:\"()\[\]\\]+")

LINK_LASTS = {"set-up": timedelta(hours=24), "join": timedelta(days=7), "reset": timedelta(hours=1)}
IDLE_AFTER = timedelta(hours=12)
SESSION_LASTS = timedelta(days=7)
SEEN_TO = timedelta(minutes=5)
"""Uses of a session within so long are one note in the store."""

PAIR_FREE, ADDRESS_FREE, ACCOUNT_FREE = 5, 30, 100
"""Attempts before one has to wait: from one address at one account, from one address at any, at one account
from anywhere. The last is high, so that strangers cannot lock a member out with a handful of guesses."""
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)

OWN_COMPUTER = "here"
"""The address of whoever asks without a socket: a command in its own process."""


def address_key(email: str) -> str:
    """What addresses are told apart by."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def email_problem(email: str) -> Problem | None:
    """What is wrong with an address that somebody is to sign in with."""
    if len(email) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(email.strip()):
        return None
    return Problem(
        path="$.email",
        code="bad_address",
        message="This is no e-mail address.",
        hint="Write name@example.com.",
    )


def password_problem(password: str, *, email: str) -> Problem | None:
    """What is wrong with a password: its length counts, and what it is made of does not."""
    plain = settled(password)
    hint = f"Use {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters, such as four words."
    if not SHORTEST_PASSWORD <= len(plain) <= LONGEST_PASSWORD:
        message = f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters."
    elif len(set(plain.casefold())) < _FEWEST_LETTERS:
        message = "This password is a few characters again and again."
    elif address_key(email) in plain.casefold() or plain.casefold() in address_key(email):
        message = "This password is the address."
    else:
        return None
    return Problem(path="$.password", code="weak_password", message=message, hint=hint)


def settled(password: str) -> str:
    """The password in one form, whichever keyboard wrote it."""
    return unicodedata.normalize("NFKC", password)


def attempt_keys(email: str, address: str) -> dict[str, int]:
    """What an attempt to sign in is counted under, each with how many are free. Only hashes are kept."""
    account = address_key(email)
    return {
        _digest("pair", account, address): PAIR_FREE,
        _digest("address", address): ADDRESS_FREE,
        _digest("account", account): ACCOUNT_FREE,
    }


def account_keys(email: str, address: str) -> list[str]:
    """The counts that a good attempt clears; not the address's own: one good account would hide guesses."""
    pair, _, account = attempt_keys(email, address)
    return [pair, account]


def wait_left(attempts: int, *, free: int, since: timedelta) -> timedelta:
    """How long until there may be another attempt, after so many, the last of them so long ago."""
    if attempts < free:
        return timedelta(0)
    doublings = min(attempts - free, 10)
    return max(min(FIRST_WAIT * 2**doublings, LONGEST_WAIT) - since, timedelta(0))


def is_current(*, now: datetime, seen_at: datetime, expires_at: datetime) -> bool:
    """Whether a session is neither old nor idle."""
    return now < expires_at and now - seen_at < IDLE_AFTER


def _digest(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()
