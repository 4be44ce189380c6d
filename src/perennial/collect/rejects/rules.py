"""How a refused call is mended."""

from collections.abc import Mapping, Sequence

from perennial.collect.rejects.model import Mending
from perennial.kernel.values import Json


def mended(document: Mapping[str, Json], mending: Mending, *, message_id: str) -> Mapping[str, Json]:
    """A refused call as it is tried again; one that named no message gets this id, the same every time."""
    changed: Mapping[str, Json] = document
    if not document.get("messageId"):
        changed = {**changed, "messageId": message_id}
    name = changed.get("event")
    if isinstance(name, str) and name in mending.names:
        changed = {**changed, "event": mending.names[name]}
    for path, value in mending.values.items():
        changed = _with(changed, path.split("."), value)
    return changed


def _with(document: Mapping[str, Json], steps: Sequence[str], value: Json) -> Mapping[str, Json]:
    """The document with a value at a path; what is no object on the way is replaced by one."""
    first, *rest = steps
    if not rest:
        return {**document, first: value}
    inside = document.get(first)
    return {**document, first: _with(inside if isinstance(inside, Mapping) else {}, rest, value)}
