"""An event as nearly all of them are sent, read at once: everything else is looked at closely (`rules`)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import cast

from perennial.collect.events.call import Call
from perennial.collect.events.model import MAX_ID, MAX_NAME, Reception
from perennial.kernel.events import ANY_EVENT, is_reserved
from perennial.kernel.values import Json

Times = Callable[[Mapping[str, object], Reception], tuple[datetime, datetime]]
"""When a call happened and when we heard of it, or a refusal."""
_TIMES = frozenset(("timestamp", "originalTimestamp"))
"""Without any of these a call happened when it was received."""


def event_name_problem(name: str) -> tuple[str, str, str] | None:
    """Why a client may not use an event name: code, message and hint; None where it may."""
    if not name:
        return ("missing_event", "A track call needs the event's name.", "")
    if len(name) > MAX_NAME:
        return ("name_too_long", f"An event's name has at most {MAX_NAME} letters.", "")
    if name == ANY_EVENT or is_reserved(name):
        return ("reserved_name", f"{name!r} is a name that only Perennial writes.", "Use a name of your own.")
    return None


def plain_track(call: Mapping[str, object], reception: Reception, times: Times) -> Call | None:
    """The event of a `track` call in which everything is of the usual kind; None where something is not."""
    get = call.get
    if (reception.kind or get("type")) != "track":
        return None
    user_id, anonymous_id, message_id = get("userId"), get("anonymousId"), get("messageId")
    name, properties, context = get("event"), get("properties"), get("context")
    user_id = "" if user_id is None else user_id
    anonymous_id = "" if anonymous_id is None else anonymous_id
    if not (isinstance(user_id, str) and isinstance(anonymous_id, str) and isinstance(message_id, str)):
        return None
    if not (user_id or anonymous_id) or not message_id or not (isinstance(name, str) and _is_usual(name)):
        return None
    if len(user_id) > MAX_ID or len(anonymous_id) > MAX_ID or len(message_id) > MAX_ID:
        return None
    if not (_is_usual_object(properties) and _is_usual_object(context)):
        return None
    received_at = reception.received_at
    if received_at is None or reception.stated_at is not None or not _TIMES.isdisjoint(call):
        occurred_at, received_at = times(call, reception)
    else:
        occurred_at = received_at
    return Call(
        kind="track",
        name=name,
        user_id=user_id,
        anonymous_id=anonymous_id,
        occurred_at=occurred_at,
        received_at=received_at,
        message_id=message_id,
        source=reception.source,
        # Both came from a JSON decoder, or were found to be as good.
        properties=cast("Mapping[str, Json]", properties or {}),
        context=cast("Mapping[str, Json]", context or {}),
    )


def _is_usual_object(value: object) -> bool:
    return value is None or type(value) is dict


@lru_cache(4_096)
def _is_usual(name: str) -> bool:
    return event_name_problem(name) is None
