"""How a batch reached us, kept with what was refused of it."""

from perennial.collect.events.model import Reception
from perennial.kernel.values import Json, canonical

_LONGEST_TIME = 64


def envelope_text(reception: Reception) -> str:
    """What a refused call needs to be read again: what its address and its batch said. JSON."""
    envelope: dict[str, Json] = {
        "kind": reception.kind,
        "sentAt": _time(reception.sent_at),
        "timestamp": _time(reception.stated_at),
        "trusted": reception.is_trusted or None,
        "operations": reception.knows_operations or None,
    }
    return canonical({name: value for name, value in envelope.items() if value is not None}).decode()


def _time(stated: object) -> Json:
    """A time as it was written; what cannot be one is not kept, however long it is."""
    if isinstance(stated, str):
        return stated if len(stated) <= _LONGEST_TIME and stated.isprintable() else None
    return stated if isinstance(stated, int | float) and not isinstance(stated, bool) else None
