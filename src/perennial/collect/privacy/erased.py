"""Which calls are an erased person's, and what is left of one in the log."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import blake2b

import msgspec
from msgspec.structs import replace

from perennial.collect.events.call import Call
from perennial.collect.identity.model import ANONYMOUS, USER, Identifier


class _Named(msgspec.Struct, rename="camel"):
    """The ids of a call as it was sent, whatever they are."""

    user_id: object = None
    anonymous_id: object = None
    previous_id: object = None


_decoder = msgspec.json.Decoder(_Named)


def _text(sent: object) -> str:
    return sent if isinstance(sent, str) else str(sent) if isinstance(sent, int) else ""


def digest_of(kind: str, value: str, *, salt: bytes) -> bytes:
    """32 bytes that stand for a name, and from which it cannot be read without guessing it."""
    return blake2b(f"{kind}\x1f{value}".encode(), key=salt, digest_size=32).digest()


@dataclass(frozen=True, slots=True)
class ErasedNames:
    """The user ids and device ids of erased people, as salted hashes."""

    salt: bytes
    digests: Collection[bytes]

    @classmethod
    def of(cls, names: Iterable[Identifier], *, salt: bytes) -> "ErasedNames":
        """These names alone."""
        return cls(salt, frozenset(digest_of(*name, salt=salt) for name in names))

    def digest(self, user_id: str, anonymous_id: str, previous_id: str = "") -> bytes | None:
        """The erased name a call is under; None where it is nobody's who was erased.

        Whoever says another user id on an erased person's device is somebody else.
        """
        asked = [(USER, user_id)] if user_id else [(ANONYMOUS, anonymous_id)]
        asked += [(USER, previous_id), (ANONYMOUS, previous_id)] if previous_id else []
        for kind, value in asked:
            found = digest_of(kind, value, salt=self.salt)
            if found in self.digests:
                return found
        return None

    def is_device(self, anonymous_id: str) -> bool:
        """Whether this is the device id of an erased person."""
        return bool(anonymous_id) and digest_of(ANONYMOUS, anonymous_id, salt=self.salt) in self.digests

    def is_named_in(self, payload: str) -> bool:
        """Whether a refused call, as it was sent, is an erased person's; what is no call is nobody's."""
        try:
            named = _decoder.decode(payload)
        except msgspec.MsgspecError:
            return False
        names = [_text(one) for one in (named.user_id, named.anonymous_id, named.previous_id)]
        return any(names) and self.digest(*names) is not None

    def screen(self, call: Call) -> Call | bytes:
        """The call as it may be kept, or the erased name it is under.

        Somebody else's call on an erased person's device is kept without the device.
        """
        found = self.digest(call.user_id, call.anonymous_id, call.previous_id)
        if found is not None:
            return found
        return replace(call, anonymous_id="") if self.is_device(call.anonymous_id) else call


def erased_call(call: Call) -> Call:
    """What is left of an erased call in the log: its place and when it was received."""
    return Call(
        kind="aside",
        name="",
        occurred_at=call.received_at,
        received_at=call.received_at,
        message_id="",
        source="",
    )


def is_erased(call: Call) -> bool:
    """Whether only the place of this call is left. An accepted call always has a source and an id."""
    return not call.source and not call.message_id
