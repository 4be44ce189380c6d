"""神策 (Sensors) records as the calls they amount to: what its SDKs send, said in our own words.

Facts: tracking-protocols, section 6. A record has no message id, so one is derived from what it says; a
client that repeats a request repeats the ids.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from perennial.collect.events.call import TraitOperation
from perennial.kernel.values import Json, canonical

SIGN_UP = "$SignUp"
"""The event that a `track_signup` record is, besides joining the two ids."""

_OPERATION_BY_TYPE: Mapping[str, TraitOperation | None] = {
    "profile_set": None,
    "profile_set_once": "set_once",
    "profile_increment": "increment",
    "profile_append": "append",
    "profile_unset": None,
    "profile_delete": "delete",
}
_ABOUT_SENDING = frozenset({"$is_login_id", "$lib", "$lib_version", "$lib_method"})
"""What an SDK adds to properties of its own accord: nothing that is true of the person."""
_UNSAID = frozenset({"_flush_time", "lib"})
"""What may differ when the same record is sent again."""


def calls_of_records(records: Sequence[Json], *, project: str) -> list[Json]:
    """The calls of one request, in order, in the shape of `parse_call` with operations.

    A sign-up is two calls: the ids are joined, and it happened. What is no record is passed on as it is,
    and refused like any other call that makes no sense.
    """
    seen: Counter[str] = Counter()
    calls: list[Json] = []
    for record in records:
        if not isinstance(record, Mapping):
            calls.append(record)
            continue
        digest = _digest(record, project)
        # Equal records of one request are several; a request sent again repeats their places.
        message_id = f"sa-{digest}-{seen[digest]}" if seen[digest] else f"sa-{digest}"
        seen[digest] += 1
        calls.extend(_calls_of(_without_place(record), message_id))
    return calls


def _without_place(record: Mapping[str, Json]) -> Mapping[str, Json]:
    """The record without the path and line of the caller's source, which is nobody's business here."""
    told = dict(record)
    for field in ("lib", "properties"):
        if isinstance(inner := record.get(field), Mapping):
            told[field] = {name: value for name, value in inner.items() if name != "$lib_detail"}
    return told


def _calls_of(record: Mapping[str, Json], message_id: str) -> list[Json]:
    said = record.get("type")
    shared = _shared(record, message_id)
    if said == "track":
        return [{**shared, "type": "track", "event": record.get("event"), "properties": _properties(record)}]
    if said == "track_signup":
        return _sign_up(record, shared, message_id)
    if not isinstance(said, str) or said not in _OPERATION_BY_TYPE:
        return [{**record, "messageId": message_id}]  # refused by its type's name, and kept
    traits = _taken_away(record) if said == "profile_unset" else _traits(record)
    return [{**shared, "type": "identify", "traits": traits, "operation": _OPERATION_BY_TYPE[said]}]


def _sign_up(record: Mapping[str, Json], shared: Mapping[str, Json], message_id: str) -> list[Json]:
    user_id, former = record.get("distinct_id"), record.get("original_id")
    event = record.get("event") or SIGN_UP
    own: dict[str, Json] = {**shared, "userId": user_id, "anonymousId": None}
    happened: Json = {**own, "type": "track", "event": event, "properties": _properties(record)}
    joined: Json = {**own, "type": "alias", "messageId": f"{message_id}-alias", "previousId": former}
    return [joined, happened]


def _shared(record: Mapping[str, Json], message_id: str) -> Mapping[str, Json]:
    """What every call of a record says."""
    shared: dict[str, Json] = {
        **_ids(record),
        "timestamp": record.get("time"),
        "messageId": message_id,
        "context": _context(record),
    }
    if "_flush_time" in record:
        shared["sentAt"] = record["_flush_time"]
    return shared


def _ids(record: Mapping[str, Json]) -> Mapping[str, Json]:
    """The login id where there is one; a `distinct_id` is that when the record says so.

    Records of IDM 3.0 have both among their `identities`.
    """
    identities = record.get("identities")
    named: Mapping[str, Json] = identities if isinstance(identities, Mapping) else {}
    login = record.get("login_id", named.get("$identity_login_id"))
    visitor = record.get(
        "anonymous_id", named.get("$identity_cookie_id", named.get("$identity_anonymous_id"))
    )
    if login is not None or visitor is not None:
        return {"userId": login, "anonymousId": visitor}
    distinct, properties = record.get("distinct_id"), record.get("properties")
    is_login = isinstance(properties, Mapping) and properties.get("$is_login_id") is True
    return {"userId": distinct} if is_login else {"anonymousId": distinct}


def _properties(record: Mapping[str, Json]) -> Json:
    properties = record.get("properties")
    if not isinstance(properties, Mapping):
        return properties
    return {name: value for name, value in properties.items() if name != "$is_login_id"}


def _traits(record: Mapping[str, Json]) -> Json:
    properties = record.get("properties")
    if not isinstance(properties, Mapping):
        return properties
    return {name: value for name, value in properties.items() if name not in _ABOUT_SENDING}


def _taken_away(record: Mapping[str, Json]) -> Json:
    """Traits that are set to nothing: what is named, whatever value stands beside the name."""
    traits = _traits(record)
    return dict.fromkeys(traits) if isinstance(traits, Mapping) else traits


def _context(record: Mapping[str, Json]) -> Json:
    """Which library sent it, and by which keys it knows the person (IDM 3.0)."""
    library, identities = record.get("lib"), record.get("identities")
    context: dict[str, Json] = {"identities": identities} if isinstance(identities, Mapping) else {}
    if not isinstance(library, Mapping):
        return context
    named = {"name": library.get("$lib"), "version": library.get("$lib_version")}
    return {"library": {key: value for key, value in named.items() if value is not None}, **context}


def _digest(record: Mapping[str, Json], project: str) -> str:
    """16 bytes, hexadecimal, of what the record says."""
    said = {key: value for key, value in record.items() if key not in _UNSAID}
    try:
        return blake2b(canonical([project, said]), digest_size=16).hexdigest()
    except (UnicodeEncodeError, RecursionError):
        return ""  # it is refused for its text or its depth before anybody asks for its id
