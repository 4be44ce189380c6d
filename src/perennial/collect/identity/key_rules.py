"""Which kinds of key a workspace knows people by besides user ids and devices, and what each may do.

Nothing is joined by an e-mail address, a phone or a device until a workspace declares it: families share
them, and two people who were taken for one cannot always be parted again (ADR 0027).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from perennial.collect.cleaning.forms import e164, plain_email
from perennial.collect.events.call import Call
from perennial.collect.identity.model import ANONYMOUS, USER, Identifier
from perennial.kernel.values import Json

Form = Literal["text", "email", "phone"]
MAX_VALUE = 256
"""Letters of a key's value; longer ones are no key."""
BLOCKED = frozenset(
    ("null", "(null)", "undefined", "none", "nan", "nil", "anonymous", "unknown", "-1", "[object object]")
)
"""What faulty clients send for nobody, in small letters."""
_ZEROS = re.compile(r"[0\-]{8,}")
_DIGITS = re.compile(r"\+?[0-9]{7,15}")
_PUNCTUATION = re.compile(r"[\s().\-/]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyKind:
    """One kind of key, as a workspace declares it."""

    name: str
    joins: bool = True
    """Whether it makes one person of two; else it only describes the first who had it."""
    limit: int | None = None
    """Values of it that one person may have."""
    people: int | None = None
    """People that one value may be seen with before it is quarantined."""
    paths: Sequence[tuple[str, ...]] = ()
    """Where a call has it; the first part is `traits`, `context` or `externalIds`."""
    form: Form = "text"
    region: str = ""
    """Whose numbers phones without a country code are: `CN`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRules:
    """Every kind of key of a workspace, the highest priority first; without any, nothing is looked for."""

    kinds: Sequence[KeyKind] = ()
    device_people: int | None = None
    """User ids that one anonymous id may be seen with before it is quarantined."""
    blocked: frozenset[str] = frozenset()
    """Further values that are nobody's, in small letters."""
    document: Mapping[str, Json] = field(default_factory=dict[str, Json])

    def kind(self, name: str) -> KeyKind | None:
        """The kind of this name."""
        return next((kind for kind in self.kinds if kind.name == name), None)

    def people(self, name: Identifier) -> int | None:
        """How many people a name may be seen with."""
        if name.kind in (USER, ANONYMOUS):
            return self.device_people if name.kind == ANONYMOUS else None
        kind = self.kind(name.kind)
        return None if kind is None else kind.people

    def is_blocked(self, value: str) -> bool:
        """Whether a value is what clients send for nobody."""
        small = value.lower()
        return small in BLOCKED or small in self.blocked or _is_zeros(value)


NO_KEYS = KeyRules()


def keys_of(call: Call, rules: KeyRules) -> tuple[Identifier, ...]:
    """The keys a call brings, each value once, those of the highest priority first."""
    found = {
        Identifier(kind.name, value): None
        for kind in rules.kinds
        for path in kind.paths
        for value in _values_at(call, path, kind)
    }
    return tuple(found)


def plain(value: str, kind: KeyKind) -> str | None:
    """A value in the one form it is compared in; None where it cannot be one."""
    text = value.strip()
    match kind.form:
        case "email":
            text = plain_email(text) or ""
        case "phone":
            text = _plain_phone(text, kind.region) or ""
        case "text":
            pass
    return text if 0 < len(text) <= MAX_VALUE else None


def _plain_phone(text: str, region: str) -> str | None:
    """E.164 where the country is known; else the digits, which match themselves only."""
    known = e164(text, region)
    if known is not None:
        return known
    digits = _PUNCTUATION.sub("", text)
    return digits if _DIGITS.fullmatch(digits) else None


def _values_at(call: Call, path: tuple[str, ...], kind: KeyKind) -> Iterator[str]:
    root, *rest = path
    if root == "externalIds":
        yield from _external(call.context.get("externalIds"), rest[0], kind)
        return
    here: Json = call.context
    if root == "traits":
        if call.kind != "identify":
            return
        here = call.properties
    for part in rest:
        here = here.get(part) if isinstance(here, Mapping) else None
    for value in here if isinstance(here, list) else [here]:
        is_value = isinstance(value, str | int) and not isinstance(value, bool)
        if is_value and (text := plain(str(value), kind)):
            yield text


def _external(listed: Json, wanted: str, kind: KeyKind) -> Iterator[str]:
    """Of Segment's list of `{id, type, collection, encoding}`: users' ids of one type."""
    for one in listed if isinstance(listed, list) else []:
        if not isinstance(one, Mapping) or one.get("type") != wanted:
            continue
        value = one.get("id")
        is_persons = one.get("collection", "users") == "users" and isinstance(value, str)
        if is_persons and (text := plain(str(value), kind)):
            yield text


@lru_cache(4096)
def _is_zeros(value: str) -> bool:
    return _ZEROS.fullmatch(value) is not None
