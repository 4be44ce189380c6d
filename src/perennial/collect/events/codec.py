"""Calls as bytes of the intake log, and back."""

from datetime import datetime

import msgspec

from perennial.collect.events.model import Call, CallKind, Entry
from perennial.collect.events.rules import message_key
from perennial.kernel.values import Json


class _Body(msgspec.Struct, array_like=True, frozen=True):
    """A call by place, not by name: half the bytes. New fields go to the end, with a default."""

    kind: CallKind
    name: str
    user_id: str
    anonymous_id: str
    previous_id: str
    occurred_at: datetime
    received_at: datetime
    message_id: str
    source: str
    properties: dict[str, object]
    context: dict[str, object]


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Body)


def entry_of(call: Call) -> Entry:
    """A call ready to be logged."""
    body = _Body(
        kind=call.kind,
        name=call.name,
        user_id=call.user_id,
        anonymous_id=call.anonymous_id,
        previous_id=call.previous_id,
        occurred_at=call.occurred_at,
        received_at=call.received_at,
        message_id=call.message_id,
        source=call.source,
        properties=dict(call.properties),
        context=dict(call.context),
    )
    return Entry(
        source=call.source,
        message_id=call.message_id,
        message_key=message_key(call.source, call.message_id),
        received_at=call.received_at,
        body=_encoder.encode(body),
    )


def call_of(entry: Entry) -> Call:
    """The call that was logged."""
    body = _decoder.decode(entry.body)
    return Call(
        kind=body.kind,
        name=body.name,
        user_id=body.user_id,
        anonymous_id=body.anonymous_id,
        previous_id=body.previous_id,
        occurred_at=body.occurred_at,
        received_at=body.received_at,
        message_id=body.message_id,
        source=body.source,
        properties=_json(body.properties),
        context=_json(body.context),
    )


def _json(decoded: dict[str, object]) -> dict[str, Json]:
    return decoded  # pyright: ignore[reportReturnType]  # msgspec knows no recursive type; its decoder gives only JSON
