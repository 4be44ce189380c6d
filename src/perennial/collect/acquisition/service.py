"""Taking touches to heart: by which channel somebody came first, and last, as traits in state and log.

Of the last touch the ordinary rule of traits is enough: the latest statement wins. That somebody came first
by a channel is stated at the touch; where an earlier one becomes known (heard late, or by a merge), it is
stated again at the time of every later candidate, under an id that wins there. So a condition as of any
instant finds the first touch that had happened by then.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from perennial.collect.acquisition.model import TOUCH_KEPT, KnownChannels, Touch, TouchKept
from perennial.collect.acquisition.ports import TouchTransaction
from perennial.collect.acquisition.rules import (
    TOUCH_PATHS,
    first_message,
    may_touch,
    standing,
    told_paths,
    touch_id_of,
    touch_of,
)
from perennial.collect.events.call import Call
from perennial.collect.identity.model import TraitTold
from perennial.kernel.events import EVENT_KINDS, EmittedEvent
from perennial.kernel.ids import ProfileId


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """A touch as it was heard."""

    touch_id: str
    profile_id: ProfileId
    occurred_at: datetime
    touch: Touch


def note_touches(calls: Sequence[Call], people: Sequence[ProfileId], transaction: TouchTransaction) -> None:
    """Take to heart the touches of calls whose people are settled, in the same transaction."""
    known = transaction.touches.known()
    if known is not None:
        _note(list(_heard_in_calls(calls, people, known)), people, transaction)


def note_rows(rows: pa.Table, transaction: TouchTransaction) -> None:
    """The same for rows of imported history, column by column."""
    known = transaction.touches.known()
    if known is not None:
        people = [ProfileId(one) for one in pc.unique(rows["profile_id"]).to_pylist()]
        _note(list(_heard_in_rows(rows, known)), people, transaction)


def retell(people: Sequence[ProfileId], transaction: TouchTransaction) -> None:
    """State anew, after a merge was taken back, who came first by what: in the state only, the log knows."""
    transaction.touches.forget_told(people)
    for candidates in transaction.touches.of(people).values():
        for at in candidates:
            transaction.traits.tell(_traits_of(_first_told(candidates[0], at), candidates[0].profile_id))


def _note(heard: Sequence[_Heard], people: Iterable[ProfileId], transaction: TouchTransaction) -> None:
    touched = {ProfileId(one) for one in people}
    candidates = {one: list(kept) for one, kept in transaction.touches.of(sorted(touched)).items()}
    for one in heard:
        kept = TouchKept(
            touch_id=one.touch_id,
            profile_id=one.profile_id,
            owner=one.profile_id,
            occurred_at=one.occurred_at,
            touch=one.touch,
            told_first="",
        )
        own = candidates.setdefault(one.profile_id, [])
        if not own or standing(kept) > standing(own[0]):
            own.insert(0, kept)
    told = [(event, event.profile_id) for event in map(_last_told, heard)]
    changed = list[TouchKept]()
    for own in candidates.values():
        for at in own:
            if at.told_first != own[0].touch_id:
                told.append((_first_told(own[0], at), at.profile_id))
                changed.append(replace(at, told_first=own[0].touch_id))
    if told:
        transaction.touches.keep(changed)
        transaction.emitted.record([event for event, _ in told])
        transaction.traits.tell([trait for event, person in told for trait in _traits_of(event, person)])


def _last_told(heard: _Heard) -> EmittedEvent:
    return EmittedEvent(
        name=TOUCH_KEPT,
        profile_id=heard.profile_id,
        occurred_at=heard.occurred_at,
        message_id=f"last_{heard.touch_id}",
        properties=heard.touch.traits("last_touch", heard.occurred_at),
    )


def _first_told(first: TouchKept, at: TouchKept) -> EmittedEvent:
    """The statement, at one touch's time, that another was the first; it is the owner's of that one."""
    return EmittedEvent(
        name=TOUCH_KEPT,
        profile_id=first.owner,
        occurred_at=at.occurred_at,
        message_id=first_message(first, at),
        properties=first.touch.traits("first_touch", first.occurred_at),
    )


def _traits_of(event: EmittedEvent, person: ProfileId) -> list[TraitTold]:
    return [
        TraitTold(
            profile_id=person,
            name=name,
            value=value,
            occurred_at=event.occurred_at,
            message_id=event.message_id,
        )
        for name, value in event.properties.items()
    ]


def _heard_in_calls(
    calls: Sequence[Call], people: Sequence[ProfileId], known: KnownChannels
) -> Iterator[_Heard]:
    for call, person in zip(calls, people, strict=True):
        if call.kind not in EVENT_KINDS or not may_touch(call.properties, call.context):
            continue
        touch = touch_of(told_paths(call.properties, call.context), known)
        if touch is not None:
            yield _Heard(
                touch_id=touch_id_of(call.source, call.message_id),
                profile_id=person,
                occurred_at=call.occurred_at,
                touch=touch,
            )


def _heard_in_rows(rows: pa.Table, known: KnownChannels) -> Iterator[_Heard]:
    columns = ("profile_id", "occurred_at", "source", "message_id", "texts")
    for row in rows.select(columns).take(_marked_rows(rows)).to_pylist():
        touch = touch_of(dict(row["texts"]), known)
        if touch is not None:
            yield _Heard(
                touch_id=touch_id_of(row["source"], row["message_id"]),
                profile_id=ProfileId(row["profile_id"]),
                occurred_at=row["occurred_at"],
                touch=touch,
            )


def _marked_rows(rows: pa.Table) -> pa.Array:
    """The places of events that have a text which a touch may be read from."""
    found = list[np.ndarray[tuple[int], np.dtype[np.int64]]]()
    start = 0
    for chunk in rows["texts"].chunks:
        ends: np.ndarray[tuple[int], np.dtype[np.int32]] = np.asarray(chunk.offsets)
        marks = np.flatnonzero(np.asarray(pc.is_in(chunk.keys, pa.array(TOUCH_PATHS))))
        places: np.ndarray[tuple[int], np.dtype[np.int64]] = np.searchsorted(ends, marks, side="right") - 1
        places = places[(places >= 0) & (places < len(chunk))]
        found.append(np.unique(places) + start)
        start += len(chunk)
    marked = pa.array(np.concatenate(found) if found else np.array([], dtype=np.int64))
    is_event = pc.is_in(rows["kind"].take(marked), pa.array(EVENT_KINDS))
    return marked.filter(is_event.combine_chunks())
