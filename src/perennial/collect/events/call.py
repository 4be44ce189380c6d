"""What a client tells us with one call.

A struct, where other nouns are dataclasses: twenty thousand a second are made, logged and read back, and so
the noun is its own record.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import msgspec

from perennial.kernel.values import Json

CallKind = Literal["track", "page", "screen", "identify", "alias", "group", "consent", "aside"]
CALL_KINDS: tuple[CallKind, ...] = ("track", "page", "screen", "identify", "alias", "group", "consent")
"""Those a client may send. `aside` is what a rule of cleaning makes of an event that shall count nowhere."""

TraitOperation = Literal["set_once", "increment", "append", "delete"]
"""What an `identify` call may do to traits other than set them; its traits say with what (ADR 0025)."""
TRAIT_OPERATIONS: tuple[TraitOperation, ...] = ("set_once", "increment", "append", "delete")

if TYPE_CHECKING:
    _Object = Mapping[str, Json]
else:
    _Object = dict[str, object]  # msgspec knows no recursive type; its decoder gives nothing but JSON


class Call(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One accepted call of a client: who, what, when it happened and when we heard of it.

    The log has the fields by place: new ones go to the end, with a default.
    """

    kind: CallKind
    name: str
    """The event's name for `track`; the kind itself for every other call."""
    user_id: str = ""
    anonymous_id: str = ""
    previous_id: str = ""
    """Only in `alias`: the id the person was known by before."""
    occurred_at: datetime
    received_at: datetime
    message_id: str
    source: str
    properties: _Object = msgspec.field(default_factory=dict[str, Json])
    """Properties of an event, traits of `identify` and `group`, `channel topic state proof` of `consent`."""
    context: _Object = msgspec.field(default_factory=dict[str, Json])
    operation: TraitOperation | None = None
    """Only in `identify`: what is done with its traits; none sets them."""
