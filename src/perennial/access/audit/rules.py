"""What of a change may stand in the log: no secret, nobody by name, and not without end."""

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from hmac import new as hmac_of

from perennial.kernel.values import Json

MOST_BYTES = 64 * 1024
MOST_LETTERS = 255
HIDDEN = "…"
_SECRET_NAMES = re.compile(
    r"password|passwd|secret|token|credential|authorization|api_?key|access_?key|private|signature",
    re.IGNORECASE,
)
_IN_ADDRESS = re.compile(r"(\w+://)[^/\s@]+@")
_LINES = re.compile(rf"(?im)^(\s*[\w\"'-]*(?:{_SECRET_NAMES.pattern})[\w\"'-]*\s*:\s*).+$")


def recordable(value: Json) -> Json:
    """A value as it may be kept: secrets hidden, and only its digest where it is very long."""
    clean = _without_secrets(value)
    text = json.dumps(clean, ensure_ascii=False, sort_keys=True)
    if len(text.encode()) > MOST_BYTES:
        return {"bytes": len(text.encode()), "sha256": sha256(text.encode()).hexdigest()}
    return clean


def plain_text(text: str) -> str:
    """A text as every store can keep it, and not without end: callers may send what is no text."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "?")[:MOST_LETTERS]


def person_mark(user_id: str, *, key: str) -> str:
    """How somebody stands in the log: the same mark each time, from which nobody can read who it is."""
    return "person_" + hmac_of(f"audit:{key}".encode(), user_id.encode(), sha256).hexdigest()[:24]


def _without_secrets(value: Json) -> Json:
    if isinstance(value, str):
        whole = value.encode("utf-8", "replace").decode()
        return _LINES.sub(rf"\1{HIDDEN}", _IN_ADDRESS.sub(rf"\1{HIDDEN}@", whole))
    if isinstance(value, Mapping):
        return {
            plain_text(name): HIDDEN if _is_secret(name, one) else _without_secrets(one)
            for name, one in value.items()
        }
    if isinstance(value, Sequence):
        return [_without_secrets(one) for one in value]
    return value


def _is_secret(name: str, value: Json) -> bool:
    """Whether a value is hidden for its name; what is nothing, or a number of them, tells nothing."""
    return _SECRET_NAMES.search(name) is not None and isinstance(value, str) and value != ""
