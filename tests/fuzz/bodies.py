"""Fuzzed requests of every protocol, each one following from a seed and its number.

Half of it is broken as documents are (wrong kinds, deep nesting, huge numbers, times far off, repeated
names), half as bytes are (cut off, flipped, NUL, invalid UTF-8), and on top of that as parcels are (broken
gzip, gzip of gzip, wrong base64, wrong content type, no key).
"""

import base64
import gzip
import json
import random  # noqa: TID251  chance of a fuzzer, all of it from a seed
import zlib
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote

from perennial.kernel.values import Json

Chance = random.Random
Document = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Shot:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


def shot(seed: int, number: int, write_key: str) -> Shot:
    """The request of a number: the same again for the same seed."""
    chance = random.Random(f"{seed}:{number}")  # noqa: S311  chance that repeats, and no secret
    document, paths = chance.choice(_TEMPLATES)
    whole = _misshapen(json.loads(json.dumps(document)), chance)
    text = _written(whole, chance)
    if chance.random() < _BROKEN_BYTES:
        text = chance.choice(_BREAKS)(text, chance)
    packed = chance.choice(_PARCELS)(text, chance) if chance.random() < _BROKEN_PARCEL else text
    path = chance.choice(paths)
    headers = {"content-type": chance.choice(_CONTENT_TYPES), "authorization": _key(write_key, chance)}
    if chance.random() < _WRONG_ENCODING:
        headers["content-encoding"] = chance.choice(("gzip", "deflate", "br", "identity"))
    return _addressed(path, headers, packed, write_key, chance)


_BROKEN_BYTES, _BROKEN_PARCEL, _WRONG_ENCODING = 0.4, 0.3, 0.1
_DEEP_ENOUGH = 8
"""Levels down to which parts are replaced."""
_GIANT = 0.0003
"""Of all requests: ten megabytes each, and the machine has other work as well."""
_KNOWN_KEY = 0.95

_TRACK: Document = {
    "type": "track",
    "userId": "li",
    "event": "order_paid",
    "messageId": "m-1",
    "timestamp": "2026-03-01T12:00:00Z",
    "sentAt": "2026-03-01T12:00:01Z",
    "properties": {"amount": 12.5, "items": [{"sku": "a", "n": 1}], "vip": True},
    "context": {"device": {"id": "d1"}, "traits": {"email": "li@example.com"}, "ip": "203.0.113.9"},
    "integrations": {"All": True},
}
_SENSORS: Document = {
    "type": "track",
    "event": "BuyProduct",
    "distinct_id": "u1",
    "time": 1_772_366_400_000,
    "properties": {"$is_login_id": True, "price": 6, "tags": ["a", "b"]},
    "lib": {"$lib": "python", "$lib_detail": "a##b##c.py##1"},
}
_CALLS: Sequence[Document] = (
    _TRACK,
    {"type": "identify", "userId": "li", "anonymousId": "a1", "traits": {"city": "上海", "age": 30}},
    {"type": "alias", "previousId": "a1", "userId": "li"},
    {"type": "page", "anonymousId": "a1", "name": "Home", "properties": {"url": "https://shop.example/"}},
    {"type": "group", "userId": "li", "groupId": "g", "traits": {"plan": "pro"}},
    {"type": "screen", "userId": "li", "name": "Cart"},
)
_RECORDS: Sequence[Document] = (
    _SENSORS,
    {"type": "profile_set", "distinct_id": "u1", "time": 1_772_366_400_000, "properties": {"city": "北京"}},
    {"type": "profile_increment", "distinct_id": "u1", "properties": {"coins": 3}},
    {"type": "profile_append", "distinct_id": "u1", "properties": {"likes": ["tea"]}},
    {"type": "track_signup", "distinct_id": "u1", "original_id": "a1", "properties": {}},
    {"type": "profile_unset", "distinct_id": "u1", "properties": {"city": True}},
)
_SINGLE = ("/v1/track", "/v1/identify", "/v1/alias", "/v1/page", "/v1/group", "/v1/t", "/v1/i", "/v1/nothing")
_TEMPLATES: Sequence[tuple[Json, Sequence[str]]] = (
    *((call, _SINGLE) for call in _CALLS),
    ({"batch": list(_CALLS), "sentAt": "2026-03-01T12:00:01Z", "context": {"ip": "1.2.3.4"}}, ("/v1/batch",)),
    ({"batch": [_TRACK, _TRACK], "writeKey": "wk"}, ("/v1/batch", "/beacon/v1/batch", "/v1/import", "/v1/b")),
    *((record, ("/sa", "/sa.gif")) for record in _RECORDS),
    (list(_RECORDS), ("/sa",)),
    (_TRACK, ("/v1/pixel/track", "/v1/pixel/page")),
)
_CONTENT_TYPES = ("application/json", "text/plain", "application/json; charset=UTF-16", "image/png", "")
_WEIRD: Sequence[Json] = (
    None,
    True,
    "",
    " ",
    "\0",
    "\ud800",
    "\u202e",
    "９",
    "a" * 300,
    0,
    -1,
    2**63,
    2**64,
    -(2**70),
    1e308,
    -1e-320,
    "99999999999999999999",
    "0000-00-00",
    "2026-02-30T25:61:61Z",
    "1969-12-31T23:59:59Z",
    "9999-12-31T23:59:59+14:00",
    [],
    {},
    [[[[]]]],
    {"": {"": ""}},
    {"a.b": {"c": [1, "x", None, {"d": []}]}},
)


def _misshapen(whole: Json, chance: Chance) -> Json:
    """The document with up to four of its parts replaced, taken away or grown."""
    for _ in range(chance.randrange(5)):
        place = _some_place(whole, chance)
        if place is None:
            return deepcopy(chance.choice(_WEIRD))
        inside, key = place
        match chance.randrange(6):
            case 0:
                del inside[key]
            case 1:
                inside[key] = _nested(chance.choice((2, 40, 70, 300)), chance)
            case 2:
                inside[key] = [inside[key]] * chance.choice((2, 30))
            case _:
                inside[key] = deepcopy(chance.choice(_WEIRD))
    return whole


def _some_place(whole: Json, chance: Chance) -> "tuple[dict[str | int, Json], str | int] | None":
    places: list[tuple[dict[str | int, Json], str | int]] = []

    def gather(part: Json, depth: int) -> None:
        if depth == _DEEP_ENOUGH:
            return
        keys = list(part) if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
        for key in keys:
            # Lists and objects are told apart by nobody who only sets and deletes.
            inside = cast("dict[str | int, Json]", part)
            places.append((inside, key))
            gather(inside[key], depth + 1)

    gather(whole, 0)
    return chance.choice(places) if places else None


def _nested(depth: int, chance: Chance) -> Json:
    found: Json = "leaf"
    for _ in range(depth):
        found = {"a": found} if chance.random() < 0.5 else [found]
    return found


def _written(whole: Json, chance: Chance) -> bytes:
    text = json.dumps(whole, ensure_ascii=chance.random() < 0.7)
    match chance.randrange(12):
        case 0:
            text = text.replace("12.5", chance.choice(("NaN", "1e999", "-Infinity", "9" * 400, "0x1", "01")))
        case 1:
            text = text.replace('"userId"', '"userId": 1, "userId"').replace('"time"', '"time":1,"time"')
        case 2:
            text = text.replace('"order_paid"', '"' + "长" * chance.choice((10, 3_000, 40_000)) + '"')
        case _:
            pass
    if chance.random() < _GIANT:
        text = text.replace('"li"', '"' + "x" * 10_000_000 + '"')
    return text.encode("utf-8", "surrogatepass")


def _cut(text: bytes, chance: Chance) -> bytes:
    return text[: chance.randrange(len(text) + 1)]


def _flip(text: bytes, chance: Chance) -> bytes:
    flipped = bytearray(text)
    for _ in range(chance.randrange(1, 8)):
        if flipped:
            flipped[chance.randrange(len(flipped))] = chance.randrange(256)
    return bytes(flipped)


_PUT = (b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b'"', b"{", b"\\u0000", b"[[[[")


def _put(text: bytes, chance: Chance) -> bytes:
    put = chance.choice(
        (b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b'"', b"{", b"\\u0000", b"[[[[")
    )
    at = chance.randrange(len(text) + 1)
    return text[:at] + put * chance.choice((1, 1, 1, 50)) + text[at:]


def _repeat(text: bytes, chance: Chance) -> bytes:
    begin = chance.randrange(len(text) + 1)
    piece = text[begin : begin + chance.randrange(200)]
    return text[:begin] + piece * chance.choice((2, 20)) + text[begin:]


def _noise(_text: bytes, chance: Chance) -> bytes:
    return chance.randbytes(chance.randrange(400))


_BREAKS: Sequence[Callable[[bytes, Chance], bytes]] = (_cut, _flip, _put, _repeat, _noise)


def _zipped(text: bytes, _chance: Chance) -> bytes:
    return gzip.compress(text, 1, mtime=0)


def _zipped_badly(text: bytes, chance: Chance) -> bytes:
    return chance.choice(_BREAKS)(gzip.compress(text, 1, mtime=0), chance)


def _zipped_twice(text: bytes, _chance: Chance) -> bytes:
    return gzip.compress(gzip.compress(text, 1, mtime=0), 1, mtime=0)


def _bomb(_text: bytes, chance: Chance) -> bytes:
    return _BOMB if chance.random() < 0.02 else gzip.compress(b" " * 300_000, 1, mtime=0)


def _deflated(text: bytes, _chance: Chance) -> bytes:
    return zlib.compress(text, 1)


_BOMB = gzip.compress(b"x" * 50_000_000, 1, mtime=0)
_PARCELS: Sequence[Callable[[bytes, Chance], bytes]] = (
    _zipped,
    _zipped_badly,
    _zipped_twice,
    _bomb,
    _deflated,
)


def _key(write_key: str, chance: Chance) -> str:
    known = "Basic " + base64.b64encode(f"{write_key}:".encode()).decode()
    if chance.random() < _KNOWN_KEY:
        return known
    return chance.choice(("", "Basic", "Basic !!!!", "Bearer wk", "Basic " + "A" * 9_000, known + "x"))


def _addressed(path: str, headers: Mapping[str, str], body: bytes, write_key: str, chance: Chance) -> Shot:
    """Where and how it is sent: forms and addresses want their bytes in base64."""
    if path.startswith("/sa"):
        field = chance.choice(("data", "data_list", "data_list", "date"))
        packed = quote(base64.b64encode(body)) if chance.random() < 0.9 else quote(body[:4_000])
        form = f"{field}={packed}&gzip={chance.choice('01')}&token={write_key}".encode()
        if path == "/sa.gif" and len(form) < 6_000:
            return Shot("GET", f"{path}?{form.decode()}", {}, b"")
        return Shot("POST", path, headers, form)
    if "pixel" in path:
        data = quote(base64.urlsafe_b64encode(body[:4_000]))
        return Shot("GET", f"{path}?data={data}&writeKey={write_key}", {}, b"")
    return Shot("POST", path, headers, body)
