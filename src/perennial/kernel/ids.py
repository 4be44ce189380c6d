"""Ids: what each is called, how it is derived, and where a person falls on the salted circle.

Nothing here is random: an id that must be equal on every retry is derived from what caused it.
Only `mint_secret` draws from the machine's entropy, for keys and tokens.
"""

import secrets
from collections.abc import Sequence
from hashlib import sha256
from typing import NewType

ProfileId = NewType("ProfileId", int)
"""One person as we know them, inside: a positive 63-bit integer. At the edges it is `prf_…` text."""

UserId = NewType("UserId", str)
AnonymousId = NewType("AnonymousId", str)
SegmentId = NewType("SegmentId", str)
TagId = NewType("TagId", str)
JourneyId = NewType("JourneyId", str)
NodeId = NewType("NodeId", str)
TemplateId = NewType("TemplateId", str)
EnrollmentId = NewType("EnrollmentId", str)
MessageId = NewType("MessageId", str)

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
"""Two letters at a time: ids are written a million times in a campaign."""
_PROFILE_PREFIX = "prf_"
_PROFILE_LETTERS = 13


def derive_number(*parts: str) -> int:
    """A positive 63-bit number that is the same for the same parts, for ever."""
    digest = sha256("\x1f".join(parts).encode()).digest()
    return (int.from_bytes(digest[:8]) >> 1) or 1


def derive_numbers(parts: Sequence[str], last: Sequence[str]) -> list[int]:
    """The `derive_number` of these parts and each last one; what is common is hashed once."""
    begun = sha256("".join(f"{part}\x1f" for part in parts).encode())
    numbers: list[int] = []
    for one in last:
        hashed = begun.copy()
        hashed.update(one.encode())
        numbers.append((int.from_bytes(hashed.digest()[:8]) >> 1) or 1)
    return numbers


def derive_text(prefix: str, *parts: str) -> str:
    """A prefixed id (`enr_…`, 26 letters) that is the same for the same parts, for ever."""
    digest = sha256("\x1f".join(parts).encode()).digest()
    return prefix + _letters(int.from_bytes(digest[:16]), 26)


def profile_text(profile_id: int) -> str:
    """How a profile's id is written outside: `prf_` and 13 letters."""
    return _PROFILE_PREFIX + _letters(profile_id, _PROFILE_LETTERS)


def parse_profile(text: str) -> ProfileId | None:
    """The profile a `prf_…` text names, or None where it is not one."""
    letters = text.removeprefix(_PROFILE_PREFIX)
    if letters == text or len(letters) != _PROFILE_LETTERS or set(letters) - set(_ALPHABET):
        return None
    number = 0
    for letter in letters:
        number = number * 32 + _ALPHABET.index(letter)
    return ProfileId(number) if 0 < number < 2**63 else None


def bucket(unit: str, *, salt: str) -> float:
    """Place a unit on [0, 1): same unit and salt, same place, for ever.

    SHA-256 of `salt:unit`; 53 bits, so that the top never rounds to 1
    (experiment-statistics, section 5.1).
    """
    digest = sha256(f"{salt}:{unit}".encode()).digest()
    return (int.from_bytes(digest[:8]) >> 11) / 2**53


def mint_secret(prefix: str) -> str:
    """A fresh key or token: a prefix and 160 random bits in 32 letters."""
    return prefix + _letters(int.from_bytes(secrets.token_bytes(20)), 32)


def _letters(number: int, width: int) -> str:
    pairs: list[str] = []
    for _ in range((width + 1) // 2):
        number, digits = divmod(number, 1024)
        pairs.append(_PAIRS[digits])
    pairs.reverse()
    return "".join(pairs)[-width:]
