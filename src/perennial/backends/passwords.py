"""Passwords, hashed by Argon2id as RFC 9106 recommends where memory is scarce: 64 MiB, three passes."""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from perennial.kernel.errors import Unavailable

_AT_ONCE = 2
"""Each holds 64 MiB: strangers who try many at once wait, and take no more."""
_LONGEST_WAIT_SECONDS = 20.0


class Argon2Passwords:
    """`access.members.Passwords` by argon2-cffi."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """`hasher` is a cheaper one in tests."""
        self._hasher = hasher or PasswordHasher()
        self._room = BoundedSemaphore(_AT_ONCE)
        self._nobody: str | None = None

    def hashed(self, password: str) -> str:
        """What is kept of a password. Raises Unavailable where too many wait."""
        with _Seat(self._room):
            return self._hasher.hash(password)

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether it is this password. Without a hash it takes as long, and says no."""
        if password_hash is None and self._nobody is None:
            self._nobody = self.hashed("nobody's password")
        with _Seat(self._room):
            try:
                return self._hasher.verify(password_hash or self._nobody or "", password) and bool(
                    password_hash
                )
            except (VerificationError, InvalidHashError):
                return False


class _Seat:
    """Room for one hash; raises Unavailable after a while."""

    def __init__(self, room: BoundedSemaphore) -> None:
        self._room = room

    def __enter__(self) -> None:
        if not self._room.acquire(timeout=_LONGEST_WAIT_SECONDS):
            raise Unavailable("Too many people sign in at once.", hint="Try again in a moment.")

    def __exit__(self, *_failure: object) -> None:
        self._room.release()
