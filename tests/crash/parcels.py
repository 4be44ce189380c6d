"""What clients of every protocol send: Segment, RudderStack, 神策, single calls, the pixel.

Each parcel is one request, and knows by which message ids the log will call what is in it: the client's own,
or for 神策, whose records have none, those that follow from the record.
"""

import base64
import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from perennial.collect.protocols import calls_of_records
from perennial.kernel.clock import SystemClock
from perennial.kernel.values import Json

_JSON = "application/json"
_BEGUN = int(SystemClock().now().timestamp() * 1_000)
"""Records say when; what is said again says the same."""
_ONE_OF = 3
"""So many people of a batch, one was somebody else before."""
_ONE_BATCH = 100_000
"""More than the batches of a client: records of two are never equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One request, repeated as it is until it is acknowledged."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    ids: Sequence[str] = ()
    """The message ids of what is in it."""
    carts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Whose cart is filled by which message."""
    coins: Mapping[str, str] = field(default_factory=dict[str, str])
    """To whom which message gives a coin."""
    joins: Mapping[str, str] = field(default_factory=dict[str, str])
    """Who was somebody else before, as which message says."""


def parcels_of(client: int, number: int, names: Sequence[str], write_key: str) -> list[Parcel]:
    """A client's batch, as one of the protocols sends it; they take turns."""
    return _PROTOCOLS[number % len(_PROTOCOLS)](f"{client}-{number}", names, write_key)


def counter_of(client: int) -> str:
    """Who counts a client's batches that are sent by 神策's protocol: a coin each."""
    return f"counter-{client}"


def _segment(_batch: str, names: Sequence[str], write_key: str) -> list[Parcel]:
    """Some tried something under another name before, and say afterwards that it was they."""
    tried: list[dict[str, Json]] = [
        {"type": "track", "event": "tried", "messageId": f"{name}-tried", "userId": f"was-{name}"}
        for name in names[1::_ONE_OF]
    ]
    joins: list[dict[str, Json]] = [
        {"type": "alias", "messageId": f"{name}-alias", "previousId": f"was-{name}", "userId": name}
        for name in names[1::_ONE_OF]
    ]
    calls = [call for name in names for call in calls_of(name)] + joins
    return [
        _posted("/v1/batch", {"batch": tried}, tried, _basic(write_key)),
        _posted("/v1/batch", {"batch": calls}, calls, _basic(write_key)),
    ]


def _rudder(_batch: str, names: Sequence[str], write_key: str) -> list[Parcel]:
    """Packed, as its servers' SDKs do; and half of it as a browser's beacon, which can set no header."""
    calls: list[dict[str, Json]] = [
        {**call, "channel": "server", "rudderId": f"r-{name}"} for name in names for call in calls_of(name)
    ]
    half = len(calls) // 2
    packed = _posted("/v1/batch", {"batch": calls[:half]}, calls[:half], _basic(write_key))
    beacon = _posted(
        f"/beacon/v1/batch?{urlencode({'writeKey': write_key})}", {"batch": calls[half:]}, calls[half:]
    )
    return [
        _with(packed, body=gzip.compress(packed.body), headers={"content-encoding": "gzip"}),
        _with(beacon, headers={"content-type": "text/plain; charset=UTF-8"}),
    ]


def _singles(_batch: str, names: Sequence[str], write_key: str) -> list[Parcel]:
    """Each call by itself; looking around by the pixel, as a page without scripts does."""
    parcels: list[Parcel] = []
    for call in (call for name in names for call in calls_of(name)):
        if call.get("event") == "look":
            data = quote(base64.b64encode(json.dumps(call).encode()))
            path = f"/v1/pixel/track?data={data}&{urlencode({'writeKey': write_key})}"
            parcels.append(Parcel(method="GET", path=path, ids=_ids([call])))
        else:
            parcels.append(_posted(f"/v1/{call['type']}", call, [call], _basic(write_key)))
    return parcels


def _sensors(batch: str, names: Sequence[str], write_key: str) -> list[Parcel]:
    """Everybody's records in one form, and a coin for whoever counts the batches."""
    client, number = map(int, batch.split("-"))
    at = _BEGUN + number + client * _ONE_BATCH
    records: list[Json] = [record for name in names for record in _records_of(name, at)]
    records.append(_record("profile_increment", counter_of(client), at, {"coins": 1}))
    calls = [call for call in calls_of_records(records, project=write_key) if isinstance(call, Mapping)]
    packed = base64.b64encode(gzip.compress(json.dumps(records).encode(), mtime=0)).decode()
    return [
        Parcel(
            method="POST",
            path=f"/sa?{urlencode({'project': write_key})}",
            body=urlencode({"data_list": packed, "gzip": "1"}).encode(),
            headers={"content-type": "application/x-www-form-urlencoded"},
            ids=_ids(calls),
            carts=_carts(calls),
            coins={str(calls[-1]["messageId"]): counter_of(client)},
        )
    ]


_PROTOCOLS: Sequence[Callable[[str, Sequence[str], str], list[Parcel]]] = (
    _segment,
    _sensors,
    _rudder,
    _singles,
)


def calls_of(name: str) -> list[dict[str, Json]]:
    """Everything one person does; the first of a batch looked around before saying who they are."""
    device = f"device-{name}" if name.endswith("-0") else None
    known: dict[str, Json] = {"userId": name} if device is None else {"userId": name, "anonymousId": device}
    email = {"email": f"{name}@example.invalid"}
    calls: list[dict[str, Json]] = [
        {"type": "identify", "messageId": f"{name}-identify", "traits": email, **known},
        {"type": "track", "event": "cart", "messageId": f"{name}-cart", "properties": {"n": 1}, **known},
    ]
    if device is not None:
        look: dict[str, Json] = {"type": "track", "event": "look", "messageId": f"{name}-look"}
        look["anonymousId"] = device
        calls.insert(0, look)
    return calls


def _records_of(name: str, at: int) -> list[Json]:
    records: list[Json] = []
    if name.endswith("-0"):
        device = f"device-{name}"
        look: dict[str, Json] = {"type": "track", "event": "look", "distinct_id": device, "time": at}
        joined: dict[str, Json] = {"type": "track_signup", "distinct_id": name, "original_id": device}
        records += [{**look, "properties": {}}, {**joined, "time": at, "properties": {}}]
    records.append(_record("profile_set", name, at, {"email": f"{name}@example.invalid"}))
    records.append({**_record("track", name, at, {"n": 1}), "event": "cart"})
    return records


def _record(kind: str, name: str, at: int, properties: Mapping[str, Json]) -> dict[str, Json]:
    return {
        "type": kind,
        "distinct_id": name,
        "time": at,
        "properties": {**properties, "$is_login_id": True},
    }


def _posted(
    path: str, document: Json, calls: Sequence[Mapping[str, Json]], headers: Mapping[str, str] | None = None
) -> Parcel:
    return Parcel(
        method="POST",
        path=path,
        body=json.dumps(document).encode(),
        headers={"content-type": _JSON, **(headers or {})},
        ids=_ids(calls),
        carts=_carts(calls),
        joins={str(one["messageId"]): str(one["userId"]) for one in calls if one.get("type") == "alias"},
    )


def _with(parcel: Parcel, *, headers: Mapping[str, str], body: bytes | None = None) -> Parcel:
    return Parcel(
        method=parcel.method,
        path=parcel.path,
        body=parcel.body if body is None else body,
        headers={**parcel.headers, **headers},
        ids=parcel.ids,
        carts=parcel.carts,
        coins=parcel.coins,
    )


def _basic(write_key: str) -> Mapping[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{write_key}:".encode()).decode()}


def _ids(calls: Sequence[Mapping[str, Json]]) -> list[str]:
    return [str(call["messageId"]) for call in calls]


def _carts(calls: Sequence[Mapping[str, Json]]) -> dict[str, str]:
    return {str(one["messageId"]): str(one["userId"]) for one in calls if one.get("event") == "cart"}
