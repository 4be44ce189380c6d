"""Values of which only a hash is kept: of calls, and of what is kept of a refused one. Pure."""

import re
from collections.abc import Mapping, Sequence
from hashlib import blake2b

import msgspec
from msgspec.structs import replace

from perennial.collect.cleaning.rules import reformed
from perennial.collect.events.call import Call
from perennial.kernel.values import Json, canonical

_HASHED = re.compile("h_[0-9a-f]{32}")
_CONTEXT = "context."


class Hashing:
    """Hashes what stands at some paths with the workspace's own key; equal values have equal hashes."""

    def __init__(self, paths: Sequence[str], *, key: bytes) -> None:
        self._key = key
        self._own = [path for path in paths if not path.startswith(_CONTEXT)]
        self._context = [path.removeprefix(_CONTEXT) for path in paths if path.startswith(_CONTEXT)]

    def call(self, call: Call) -> Call:
        """The call with hashes for values; the very same where there is nothing at these paths."""
        properties = self._at(call.properties, self._own)
        context = self._at(call.context, self._context)
        if properties is call.properties and context is call.context:
            return call
        return replace(call, properties=properties, context=context)

    def payload(self, text: str) -> str:
        """A refused call as it may be kept. What cannot be read as a call is kept with no value at all."""
        try:
            document: Json = msgspec.json.decode(text)
        except msgspec.DecodeError:
            return ""
        if not isinstance(document, Mapping):
            return ""
        parts = [name for name in ("properties", "traits", "context") if name in document]
        hashed: dict[str, Json] = dict(document) if parts else {}
        for name in parts:
            part = document[name]
            if isinstance(part, Mapping):
                hashed[name] = self._at(part, self._context if name == "context" else self._own)
            elif part is not None:
                hashed[name] = self._hash(part)
        if not parts:  # a row of a file under names of its own
            hashed = {name: self._hash(value) for name, value in document.items()}
        return canonical(hashed).decode()

    def value(self, value: Json) -> Json:
        """What is kept of a value at one of these paths."""
        return self._hash(value)

    def _at(self, values: Mapping[str, Json], paths: Sequence[str]) -> Mapping[str, Json]:
        for path in paths:
            changed = reformed(values, path, self._hash)
            if isinstance(changed, Mapping):
                values = changed
        return values

    def _hash(self, value: Json) -> Json:
        if value is None or (isinstance(value, str) and (not value or _HASHED.fullmatch(value))):
            return value
        plain = value if isinstance(value, str) else canonical(value).decode()
        return "h_" + blake2b(plain.encode(), key=self._key, digest_size=16).hexdigest()
