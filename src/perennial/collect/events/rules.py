"""Reading one call: what it says, or the first thing that is wrong with it."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import TypeGuard

from perennial.collect.events.call import CALL_KINDS, TRAIT_OPERATIONS, Call, CallKind, TraitOperation
from perennial.collect.events.codec import is_surely_fine, is_too_deep
from perennial.collect.events.model import (
    MAX_CALL_BYTES,
    MAX_CLOCK_LEAD_HOURS,
    MAX_DEPTH,
    MAX_ID,
    Reception,
    Refusal,
    Reject,
    Screening,
)
from perennial.collect.events.plain import event_name_problem, plain_track
from perennial.kernel.errors import nearest
from perennial.kernel.values import Json, canonical, instant_of, text_of
from perennial.kernel.windows import Zone

# What the event store's clock can hold.
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2299, 12, 31, tzinfo=UTC)

MESSAGE_KEY_BYTES = 16

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CONSENT = re.compile(r"([a-z][a-z0-9_]{0,39})/([a-z][a-z0-9_.-]{0,99})")
_MILLISECONDS = re.compile(r"-?[0-9]{10,15}")


class _Refusal(Exception):
    """Why one call cannot be taken; it never leaves this module."""

    def __init__(self, path: str, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.path, self.code, self.message, self.hint = path, code, message, hint


def parse_call(
    document: object, reception: Reception, *, new_id: Callable[[], str], index: int = 0, root: str = "$"
) -> Call | Reject:
    """Read a Segment-shaped call. Fields that nobody knows are no mistake; `integrations` are not kept.

    `new_id` names a call that has no `messageId`. `root` is the JSON path of the document.
    """
    try:
        call = _require_object(document)
        if not (reception.is_decoded and is_surely_fine(call)):
            _check_text_and_size(call)
        read = plain_track(call, reception, _times) or _read(call, reception, new_id)
        return read if reception.screening is None else _screened(read, reception.screening)
    except _Refusal as refusal:
        return Reject(
            index=index,
            path=root + refusal.path,
            code=refusal.code,
            message=refusal.message,
            hint=refusal.hint,
            payload=kept_payload(document, reception),
            message_id=_shown_id(document),
        )


def with_context(item: object, context: Mapping[str, Json]) -> object:
    """A batch's item with the batch's `context` merged in; the item's own values win."""
    if not context or not is_object(item):
        return item
    own = item.get("context")
    if own is not None and not is_object(own):
        return item
    return {**item, "context": {**context, **(own or {})}}


def message_key(source: str, message_id: str) -> bytes:
    """16 bytes that stand for (source, message id) in the memory of what was seen."""
    return blake2b(f"{source}\x1f{message_id}".encode(), digest_size=MESSAGE_KEY_BYTES).digest()


def message_keys(source: str, message_ids: Iterable[str]) -> list[bytes]:
    """The `message_key` of each id: what they have in common is hashed once."""
    begun = blake2b(f"{source}\x1f".encode(), digest_size=MESSAGE_KEY_BYTES)
    keys: list[bytes] = []
    for message_id in message_ids:
        hashed = begun.copy()
        hashed.update(message_id.encode())
        keys.append(hashed.digest())
    return keys


def payload_text(document: object) -> str:
    """What was sent, as text that can be kept and shown; cut at 32 KB."""
    try:
        text = canonical(document).decode()  # pyright: ignore[reportArgumentType]  # anything at all may have been sent
    except (UnicodeEncodeError, RecursionError, TypeError, ValueError):
        text = ascii(type(document).__name__)
    return text.replace("\x00", "")[:MAX_CALL_BYTES]


def kept_payload(document: object, reception: Reception) -> str:
    """What was refused, as text, with nothing in it that its source's screening hides."""
    text = payload_text(document)
    return text if reception.screening is None else reception.screening.conceal(text)


def instant_from(value: object, zone: Zone) -> datetime | None:
    """The instant a client wrote: ISO 8601 (local to `zone` without offset) or milliseconds since 1970."""
    if isinstance(value, str):
        if not _MILLISECONDS.fullmatch(value):
            return instant_of(value, zone)
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return _EPOCH + timedelta(milliseconds=value)
    except (OverflowError, ValueError):
        return None


def _read(call: Mapping[str, object], reception: Reception, new_id: Callable[[], str]) -> Call:
    kind = _kind(call, reception)
    user_id, anonymous_id = _id(call, "userId"), _id(call, "anonymousId")
    previous_id = _id(call, "previousId") if kind == "alias" else ""
    _check_ids(kind, user_id, anonymous_id, previous_id)
    occurred_at, received_at = _times(call, reception)
    return Call(
        kind=kind,
        name=_event_name(call) if kind == "track" else kind,
        user_id=user_id,
        anonymous_id=anonymous_id,
        previous_id=previous_id,
        occurred_at=occurred_at,
        received_at=received_at,
        message_id=_id(call, "messageId") or new_id(),
        source=reception.source,
        properties=_properties(kind, call),
        context=_object(call, "context"),
        operation=_operation(call) if kind == "identify" and reception.knows_operations else None,
    )


def _screened(call: Call, screening: Screening) -> Call:
    screened = screening(call)
    if isinstance(screened, Refusal):
        raise _Refusal(screened.path, screened.code, screened.message, screened.hint)
    return screened


def _kind(call: Mapping[str, object], reception: Reception) -> CallKind:
    if reception.kind is not None:
        return reception.kind
    stated = call.get("type")
    for kind in CALL_KINDS:
        if stated == kind:
            break
    else:
        hint = nearest(stated, CALL_KINDS) if isinstance(stated, str) else nearest("", CALL_KINDS)
        raise _Refusal(".type", "unknown_type", f"{_shown(stated)} is no type of call.", hint)
    if kind == "consent" and not reception.is_trusted and reception.received_at is not None:
        # A write key is public: whoever can read a page must not be able to consent for others.
        raise _Refusal(
            ".type",
            "consent_by_token",
            "Consent cannot be given with a write key.",
            "POST /api/people/ID/consent.",
        )
    return kind


def _check_ids(kind: CallKind, user_id: str, anonymous_id: str, previous_id: str) -> None:
    if kind == "alias" and not (previous_id and user_id):
        missing = "previousId" if user_id else "userId"
        raise _Refusal(f".{missing}", "missing_id", "An alias needs both previousId and userId.")
    if not user_id and not anonymous_id:
        raise _Refusal(
            "", "missing_id", "A call needs a userId or an anonymousId.", "Send at least one of them."
        )


def _id(call: Mapping[str, object], field: str) -> str:
    text = call.get(field)
    if text is None:
        return ""
    if not isinstance(text, str):
        if isinstance(text, bool) or not isinstance(text, int | float):
            raise _Refusal(f".{field}", "bad_id", f"{field} is a text.", "Numbers are taken as text.")
        text = text_of(text)
    if len(text) > MAX_ID:
        raise _Refusal(f".{field}", "id_too_long", f"{field} has at most {MAX_ID} letters.")
    return text


def _event_name(call: Mapping[str, object]) -> str:
    name = call.get("event")
    if name is not None and not isinstance(name, str):
        raise _Refusal(".event", "bad_event", "An event's name is a text.")
    problem = event_name_problem(name or "")
    if problem:
        raise _Refusal(".event", *problem)
    return name or ""


def _times(call: Mapping[str, object], reception: Reception) -> tuple[datetime, datetime]:
    """When it happened and when we heard of it, the client's clock corrected by its own `sentAt`."""
    received_at = reception.received_at
    if received_at is None:
        stated = _stated_time(call, ("timestamp", "originalTimestamp"), reception.zone)
        if stated is None:
            raise _Refusal(".timestamp", "missing_timestamp", "History needs the time when it happened.")
        return stated, stated
    stated = _stated_time(call, ("originalTimestamp", "timestamp"), reception.zone)
    if stated is None:
        stated = _plausible(reception.stated_at, reception.zone)
    if stated is None:
        return received_at, received_at
    sent_at = _sent_at(call, reception)
    occurred_at = stated if sent_at is None else received_at - (sent_at - stated)
    if occurred_at < EARLIEST:
        raise _Refusal(".timestamp", "bad_timestamp", "By the client's own sentAt, this was before 1900.")
    is_judged = reception.screening is not None and reception.screening.judges_clocks
    if occurred_at > (LATEST if is_judged else received_at + timedelta(hours=MAX_CLOCK_LEAD_HOURS)):
        hint = "Check the client's clock; a sentAt in the batch corrects it."
        raise _Refusal(".timestamp", "future_timestamp", "This has not happened yet.", hint)
    return occurred_at, received_at


def _sent_at(call: Mapping[str, object], reception: Reception) -> datetime | None:
    """When the client says that it sent this; nothing to go by where no clock can have said so."""
    own = _plausible(call.get("sentAt"), reception.zone)
    return _plausible(reception.sent_at, reception.zone) if own is None else own


def _plausible(stated: object, zone: Zone) -> datetime | None:
    """The instant that was written, where a clock can have said so."""
    return _plausible_text(stated, zone) if isinstance(stated, str) else _plausible_value(stated, zone)


@lru_cache(1_024)
def _plausible_text(stated: str, zone: Zone) -> datetime | None:
    # A batch was sent once, and each of its calls says when.
    return _plausible_value(stated, zone)


def _plausible_value(stated: object, zone: Zone) -> datetime | None:
    instant = instant_from(stated, zone)
    return instant if instant is not None and EARLIEST <= instant <= LATEST else None


def _stated_time(call: Mapping[str, object], fields: tuple[str, ...], zone: Zone) -> datetime | None:
    for field in fields:
        value = call.get(field)
        if value is None or value == "":
            continue
        instant = instant_from(value, zone)
        if instant is None:
            hint = "Write it as 2026-01-31T09:00:00Z, or as milliseconds since 1970."
            raise _Refusal(f".{field}", "bad_timestamp", f"{_shown(value)} is no time.", hint)
        if not EARLIEST <= instant <= LATEST:
            raise _Refusal(
                f".{field}", "bad_timestamp", f"{_shown(value)} is outside the years 1900 to 2299."
            )
        return instant
    return None


def _properties(kind: CallKind, call: Mapping[str, object]) -> Mapping[str, Json]:
    match kind:
        case "track":
            return _object(call, "properties")
        case "page" | "screen":
            named = {part: call[part] for part in ("name", "category") if isinstance(call.get(part), str)}
            return {**_object(call, "properties"), **_as_json(named)}
        case "identify":
            return _object(call, "traits") or _traits_in_context(call)
        case "group":
            return {**_object(call, "traits"), "group_id": _id(call, "groupId")}
        case "alias" | "aside":
            return {}
        case "consent":
            return _consent(call)


def _traits_in_context(call: Mapping[str, object]) -> Mapping[str, Json]:
    """Where RudderStack's clients have the traits of an identify call, and nowhere else."""
    traits = _object(call, "context").get("traits")
    return traits if isinstance(traits, dict) else {}


def _operation(call: Mapping[str, object]) -> TraitOperation | None:
    stated = call.get("operation")
    if stated is None:
        return None
    for operation in TRAIT_OPERATIONS:
        if stated == operation:
            break
    else:
        hint = "Known here: " + ", ".join(TRAIT_OPERATIONS) + "."
        raise _Refusal(".operation", "unknown_operation", f"{_shown(stated)} is no operation.", hint)
    for name, value in _object(call, "traits").items():
        if operation == "increment" and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise _Refusal(f".traits.{name}", "bad_traits", f"{_shown(value)} is no number to add.")
        if operation == "append" and not isinstance(value, list):
            raise _Refusal(f".traits.{name}", "bad_traits", f"{_shown(value)} is no list to append.")
    return operation


def _consent(call: Mapping[str, object]) -> Mapping[str, Json]:
    stated, state, proof = call.get("consent"), call.get("state"), call.get("proof")
    found = _CONSENT.fullmatch(stated) if isinstance(stated, str) else None
    if not found:
        hint = "Write channel/topic, such as email/marketing."
        raise _Refusal(".consent", "bad_consent", f"{_shown(stated)} names no channel and topic.", hint)
    if state not in ("granted", "withdrawn"):
        raise _Refusal(
            ".state", "bad_consent", f"{_shown(state)} is no consent.", "Known here: granted, withdrawn."
        )
    if proof is not None and not isinstance(proof, str):
        raise _Refusal(".proof", "bad_consent", "A proof is a text: where and how consent was given.")
    return {"channel": found[1], "topic": found[2], "state": str(state), "proof": proof or ""}


def _object(call: Mapping[str, object], field: str) -> Mapping[str, Json]:
    value = call.get(field)
    if value is None:
        return {}
    if not is_object(value):
        raise _Refusal(
            f".{field}", f"bad_{field}", f"{field} is an object.", f'Such as {{"{field}": {{"a": 1}}}}.'
        )
    return _as_json(value)


def _require_object(document: object) -> Mapping[str, object]:
    if not is_object(document):
        raise _Refusal("", "bad_call", "A call is a JSON object.")
    return document


def _check_text_and_size(call: Mapping[str, object]) -> None:
    try:
        encoded = canonical(_as_json(call))
        if is_too_deep(call):
            raise RecursionError
    except UnicodeEncodeError:
        raise _Refusal("", "bad_text", "A text holds half of a surrogate pair.", "Send UTF-8.") from None
    except RecursionError:
        hint = f"Objects and lists may be inside each other {MAX_DEPTH} times."
        raise _Refusal("", "too_deep", "This is nested too deeply.", hint) from None
    except (TypeError, ValueError):
        raise _Refusal("", "bad_call", "This cannot be written as JSON.") from None
    if len(encoded) > MAX_CALL_BYTES:
        raise _Refusal(
            "", "too_large", f"A call has at most {MAX_CALL_BYTES // 1024} KB.", "Send less at once."
        )
    # An escaped backslash before `u0000` looks the same from here, hence the second look.
    if b"\\u0000" in encoded and b"\\u0000" in encoded.replace(b"\\\\", b""):
        raise _Refusal("", "bad_text", "A text holds a NUL character.", "Leave it out.")


def is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    """Whether a value is a JSON object."""
    # Mostly it is a dict, and asking an abstract class costs ten times as much.
    return type(value) is dict or isinstance(value, Mapping)


def _as_json(value: Mapping[str, object]) -> Mapping[str, Json]:
    return value  # pyright: ignore[reportReturnType]  # it came from a JSON decoder, or passed `canonical`


def _shown(value: object) -> str:
    return "Nothing" if value is None else repr(value)[:60]


def _shown_id(document: object) -> str:
    stated = document.get("messageId") if is_object(document) else None
    return stated[:MAX_ID] if isinstance(stated, str) else ""
