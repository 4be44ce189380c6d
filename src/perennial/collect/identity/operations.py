"""What becomes of traits that are worked on: counted up, appended to, set once, deleted (ADR 0025).

Such a call depends on what is known when it is taken to heart. Its outcome is settled once, in the same
transaction, and from then on it is an `identify` call that says the outcome: in the state as in the log.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeGuard

import msgspec

from perennial.collect.events.call import Call
from perennial.collect.events.rules import message_key
from perennial.collect.identity.model import TraitChange, TraitTold
from perennial.collect.identity.ports import TraitChanges, Traits
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json, canonical

MAX_APPENDED = 500
"""Elements a list can grow to; what is appended beyond is left out."""
MAX_APPENDED_BYTES = 32 * 1024
"""Bytes a list can grow to, as JSON: each further call writes all of it, as large as one call may be."""
_NEXT = timedelta(microseconds=1)

_Present = dict[str, TraitTold]


def settle_operations(
    calls: Sequence[Call], people: Sequence[ProfileId], traits: Traits, changes: TraitChanges
) -> Sequence[Call]:
    """The calls of a batch in order, each operation as what it comes to, which is kept. Idempotent."""
    if not any(call.operation for call in calls):
        return calls
    known = changes.of([_key(call) for call in calls if call.operation])
    worked_on = {person for call, person in zip(calls, people, strict=True) if call.operation}
    present = {person: dict(told) for person, told in traits.told(sorted(worked_on)).items()}
    fresh: dict[bytes, TraitChange] = {}
    settled: list[Call] = []
    for call, person in zip(calls, people, strict=True):
        if call.kind == "identify" and person in present:
            if call.operation is not None:
                change = known.get(_key(call)) or change_of(call, person, present[person])
                fresh[_key(call)] = change
                call = _as_told(call, change)  # noqa: PLW2901  the same call, settled
            _tell(present[person], call, person)
        settled.append(call)
    changes.keep({key: change for key, change in fresh.items() if key not in known})
    return settled


def as_settled(calls: Sequence[Call], changes: TraitChanges) -> Sequence[Call]:
    """The calls of a settled batch, each operation as what it came to."""
    keys = [_key(call) for call in calls if call.operation]
    if not keys:
        return calls
    known = changes.of(keys)
    return [_as_told(call, known.get(_key(call))) if call.operation else call for call in calls]


def change_of(call: Call, person: ProfileId, present: Mapping[str, TraitTold]) -> TraitChange:
    """What an operation comes to, given everything told before, taken-away traits as null.

    It takes effect when it occurred, but never before what it builds on: an increment that comes late
    still counts.
    """
    traits = _outcome(call, present)
    built_on = [present[name] for name in traits if name in present]
    occurred_at = call.occurred_at
    if any(_moment(told) >= (occurred_at, call.message_id) for told in built_on):
        occurred_at = max(told.occurred_at for told in built_on) + _NEXT
    return TraitChange(profile_id=person, occurred_at=occurred_at, traits=traits)


def _outcome(call: Call, present: Mapping[str, TraitTold]) -> Mapping[str, Json]:
    given = call.properties
    before = {name: told.value for name, told in present.items() if told.value is not None}
    match call.operation:
        case "set_once":
            return {name: value for name, value in given.items() if name not in before}
        case "increment":
            sums = {name: _sum(before.get(name, 0), value) for name, value in given.items()}
            return {name: total for name, total in sums.items() if total is not None}
        case "append":
            lists = {name: _extended(before.get(name, []), value) for name, value in given.items()}
            return {name: grown for name, grown in lists.items() if grown is not None}
        case "delete":
            at = (call.occurred_at, call.message_id)
            return {name: None for name in before if _moment(present[name]) < at}
        case None:
            return given


def _sum(before: Json, added: Json) -> float | None:
    """The sum; None where one of them is no number, or the sum is too large to be one."""
    if not _is_number(before) or not _is_number(added):
        return None
    try:
        total = before + added
        return total if math.isfinite(total) else None
    except OverflowError:
        return None


def _is_number(value: Json) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _extended(before: Json, added: Json) -> Json:
    """The longer list; None where what is there is no list."""
    if not isinstance(before, list) or not isinstance(added, list):
        return None
    grown, size = list(before), len(canonical(before))
    for element in added:
        size += len(canonical(element)) + 1
        if len(grown) >= MAX_APPENDED or size > MAX_APPENDED_BYTES:
            break
        grown.append(element)
    return grown


def _as_told(call: Call, change: TraitChange | None) -> Call:
    """The call as one that sets traits; where its outcome is forgotten, none."""
    if change is None:
        return msgspec.structs.replace(call, properties={})
    context = {**call.context, "operation": call.operation}
    return msgspec.structs.replace(
        call, occurred_at=change.occurred_at, properties=dict(change.traits), context=context
    )


def _tell(present: _Present, call: Call, person: ProfileId) -> None:
    """Note what a call sets, as the store will: a later one stays."""
    for name, value in call.properties.items():
        told = TraitTold(
            profile_id=person,
            name=name,
            value=value,
            occurred_at=call.occurred_at,
            message_id=call.message_id,
        )
        if name not in present or _moment(told) > _moment(present[name]):
            present[name] = told


def _moment(told: TraitTold) -> tuple[datetime, str]:
    return told.occurred_at, told.message_id


def _key(call: Call) -> bytes:
    return message_key(call.source, call.message_id)
