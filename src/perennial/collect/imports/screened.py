"""Events read column by column, row by row after all: where the workspace screens what is sent."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from perennial.collect.events.call import CALL_KINDS, Call
from perennial.collect.events.model import Reception, Refusal, Reject, Screening
from perennial.collect.events.rows import table_of
from perennial.collect.events.rules import payload_text
from perennial.collect.imports.portion import Portion
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json, rebuild

_NOBODY = ProfileId(0)


def screened(portion: Portion, reception: Reception) -> Portion:
    """A portion after its source's screening. The rows keep the ids that they had without it."""
    screening = reception.screening
    if screening is None or not screening.concerns(pc.unique(portion.table["name"]).to_pylist()):
        return portion
    refused = {reject.index for reject in portion.rejects}
    places = (place for place in range(portion.start, portion.start + portion.rows) if place not in refused)
    calls: list[Call] = []
    rejects = list(portion.rejects)
    for place, call in zip(places, _calls(portion.table), strict=True):
        found = screening(call)
        if isinstance(found, Refusal):
            rejects.append(_reject(found, call, place))
        else:
            calls.append(found)
    rejects.sort(key=lambda reject: reject.index)
    table = table_of(calls, [_NOBODY] * len(calls))
    return Portion(start=portion.start, rows=portion.rows, table=table, rejects=rejects)


def concealed(portion: Portion, screening: Screening) -> Portion:
    """A portion whose refused rows are as they may be kept, whatever they were refused for."""
    rejects = [replace(one, payload=screening.conceal(one.payload)) for one in portion.rejects]
    return replace(portion, rejects=rejects)


def _reject(refusal: Refusal, call: Call, place: int) -> Reject:
    return Reject(
        index=place,
        path=f"$[{place}]{refusal.path}",
        code=refusal.code,
        message=refusal.message,
        hint=refusal.hint,
        payload=payload_text(_as_sent(call)),
        message_id=call.message_id,
    )


def _as_sent(call: Call) -> Mapping[str, Json]:
    """The call as a client would send it, so that it can be sent again."""
    said: dict[str, Json] = {
        "type": call.kind,
        "event": call.name if call.kind == "track" else "",
        "userId": call.user_id,
        "anonymousId": call.anonymous_id,
        "timestamp": call.occurred_at.isoformat(),
        "messageId": call.message_id,
        "properties": call.properties,
    }
    return {name: value for name, value in said.items() if value not in ("", {})}


def _calls(table: pa.Table) -> Iterator[Call]:
    for row in table.to_pylist():
        yield Call(
            kind=CALL_KINDS[CALL_KINDS.index(row["kind"])],
            name=row["name"],
            user_id=row["user_id"],
            anonymous_id=row["anonymous_id"],
            occurred_at=row["occurred_at"],
            received_at=row["received_at"],
            message_id=row["message_id"],
            source=row["source"],
            properties=_properties(row["raw"], dict(row["numbers"]), dict(row["texts"])),
        )


def _properties(raw: str, numbers: Mapping[str, float], texts: Mapping[str, str]) -> dict[str, Json]:
    if not raw:
        return rebuild(numbers, texts)
    document: dict[str, Json] = msgspec.json.decode(raw)
    return {name: value for name, value in document.items() if value is not None}
