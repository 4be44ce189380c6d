"""Who looks on while clients call: the calls of this process's way in, as they are taken or refused.

No value of a property is ever shown, flagged as personal or not, for a call is seen as it was sent: a rule of
cleaning may give a property another name, and flags are of the names that are kept. What is shown of a
property is its name and what kind of value it has.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from perennial.collect.catalogue.rules import looks_personal, masked_text
from perennial.collect.events import Receipt, Reject, Stopping
from perennial.kernel.errors import PerennialError, Unavailable
from perennial.kernel.values import Json, text_of

MOST_WATCHERS = 20
"""Of one process: each is told every call, so that the way in pays for each."""
MOST_KEPT = 1_000
"""Calls that wait for one who looks on; beyond these the oldest go."""
HEARTBEAT_SECONDS = 15.0
"""After so long without a call a comment is sent: what stands between us cuts what is silent."""
_MOST_LETTERS = 255
_MOST_PROPERTIES = 50
_SCOPE = "Calls to this process; other processes of the same installation have a debugger each."


class TooManyWatchers(Unavailable):
    """As many look on already as may at once."""

    code = "too_many_watchers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which calls somebody wants to see; None is any."""

    source: str | None = None
    event: str | None = None
    user: str | None = None
    """A user id or a device's."""
    only_refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCall:
    """One call as it was sent, or all those of a request that were refused unseen."""

    received_at: datetime
    outcome: Literal["accepted", "refused"]
    source: str
    kind: str
    event: str
    user_id: str
    anonymous_id: str
    message_id: str
    properties: Mapping[str, str]
    """What kind of value each property (or trait) has, by name; only the first fifty."""
    calls: int = 1
    """How many this stands for."""
    duplicates: int = 0
    """How many calls of the same request had come before."""
    code: str = ""
    path: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What one client sent at once, and what became of it."""

    workspace: str
    source: str
    kind: str | None
    """The kind of all of its calls; without one each says its own."""
    received_at: datetime
    calls: Sequence[Json]
    outcome: Receipt | PerennialError


class Watcher:
    """One who looks on, and what waits to be told to them."""

    def __init__(self, workspace: str, wanted: Wanted) -> None:
        self.workspace = workspace
        self._wanted = wanted
        self._kept: deque[SeenCall] = deque(maxlen=MOST_KEPT)
        self._dropped = 0
        self._woken = asyncio.Event()
        self.is_closed = False

    def offer(self, call: SeenCall) -> None:
        """Keep a call to be told, if it is one that was asked for; the oldest makes room."""
        if not _is_wanted(call, self._wanted):
            return
        self._dropped += len(self._kept) == MOST_KEPT
        self._kept.append(call)
        self._woken.set()

    def close(self) -> None:
        """Let whoever waits know that nothing more comes."""
        self.is_closed = True
        self._woken.set()

    async def wait(self, seconds: float) -> bool:
        """Whether there was anything to tell within so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return False
        return True

    def take(self) -> tuple[int, Sequence[SeenCall]]:
        """How many were dropped since the last time, and those that waited, in order."""
        dropped, kept = self._dropped, list(self._kept)
        self._dropped = 0
        self._kept.clear()
        if not self.is_closed:
            self._woken.clear()
        return dropped, kept


class Debugger:
    """Those who look on at this process's way in. Lives on the loop that takes the calls."""

    def __init__(self) -> None:
        self._watchers: list[Watcher] = []
        self.is_watched = False
        """All that the way in asks while nobody looks on."""
        self._is_closed = False

    def require_room(self) -> None:
        """Raises TooManyWatchers, or Stopping once the server was told to stop."""
        if self._is_closed:
            raise Stopping
        if len(self._watchers) >= MOST_WATCHERS:
            raise TooManyWatchers(
                f"{MOST_WATCHERS} look on already.", hint="Close one of them; or wait until one ends."
            )

    def tell(self, arrival: Arrival) -> None:
        """Tell whoever looks on at this workspace."""
        there = [one for one in self._watchers if one.workspace == arrival.workspace]
        if there:
            for call in seen_calls(arrival):
                for watcher in there:
                    watcher.offer(call)

    def close(self) -> None:
        """End every stream: the server was told to stop."""
        self._is_closed = True
        for watcher in self._watchers:
            watcher.close()

    async def stream(
        self,
        workspace: str,
        wanted: Wanted,
        *,
        seconds: float | None = None,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> AsyncGenerator[str]:
        """Server-sent events until the server stops, or for so many seconds.

        The first is `open`, from which on nothing is missed; then `call`, and `dropped` where some were too
        many; at last `end`. Ask `require_room` before.
        """
        watcher = Watcher(workspace, wanted)
        if self._is_closed:
            watcher.close()
        self._watchers.append(watcher)
        self.is_watched = True
        try:
            yield _frame("open", {"workspace": workspace, "scope": _SCOPE})
            ends_at = None if seconds is None else asyncio.get_running_loop().time() + seconds
            while not watcher.is_closed:
                left = None if ends_at is None else ends_at - asyncio.get_running_loop().time()
                if left is not None and left <= 0:
                    break
                if await watcher.wait(heartbeat_seconds if left is None else min(left, heartbeat_seconds)):
                    yield _frames(*watcher.take())
                else:
                    yield ": still here\n\n"
            reason = "stopping" if watcher.is_closed else "seconds"
            yield _frames(*watcher.take()) + _frame("end", {"reason": reason})
        finally:
            self._watchers.remove(watcher)
            self.is_watched = bool(self._watchers)


def seen_calls(arrival: Arrival) -> Sequence[SeenCall]:
    """What is shown of a request, call by call, in order."""
    if isinstance(arrival.outcome, PerennialError):
        return [_refused_unseen(arrival, arrival.outcome)]
    refused = {reject.index: reject for reject in arrival.outcome.rejected}
    duplicates = arrival.outcome.duplicates
    return [
        _seen(arrival, call, refused.get(index), duplicates=duplicates)
        for index, call in enumerate(arrival.calls)
    ]


def _refused_unseen(arrival: Arrival, error: PerennialError) -> SeenCall:
    """A request that was refused as a whole: nobody looked at its calls."""
    return SeenCall(
        received_at=arrival.received_at,
        outcome="refused",
        source=arrival.source,
        kind=arrival.kind or "",
        event="",
        user_id="",
        anonymous_id="",
        message_id="",
        properties={},
        calls=len(arrival.calls),
        code=error.code,
        path=error.path,
        hint=error.hint,
    )


def _seen(arrival: Arrival, call: Json, reject: Reject | None, *, duplicates: int) -> SeenCall:
    sent: Mapping[str, Json] = call if isinstance(call, Mapping) else {}
    kind = arrival.kind or _text(sent.get("type"))
    return SeenCall(
        received_at=arrival.received_at,
        outcome="accepted" if reject is None else "refused",
        source=arrival.source,
        kind=kind,
        event=_text(sent.get("event")) if kind == "track" else kind,
        user_id=_text(sent.get("userId")),
        anonymous_id=_text(sent.get("anonymousId")),
        message_id=_text(sent.get("messageId")),
        properties=_kinds(sent.get("traits" if kind in ("identify", "group") else "properties")),
        duplicates=duplicates,
        code=reject.code if reject else "",
        path=reject.path[:_MOST_LETTERS] if reject else "",
        hint=reject.hint if reject else "",
    )


def _kinds(properties: Json) -> Mapping[str, str]:
    if not isinstance(properties, Mapping):
        return {}
    shown = list(properties.items())[:_MOST_PROPERTIES]
    return {_name(name): _kind(value) for name, value in shown}


def _name(name: str) -> str:
    """A property's name, unless somebody made it of what belongs in a value."""
    cut = name[:_MOST_LETTERS]
    return masked_text(cut) if looks_personal(cut) else cut


def _kind(value: Json) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "text"
        case Mapping():
            return "object"
        case _:
            return "list"


def _text(value: Json) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    try:
        return text_of(value)[:_MOST_LETTERS]
    except ValueError:  # a number of more digits than Python writes
        return ""


def _is_wanted(call: SeenCall, wanted: Wanted) -> bool:
    return (
        (call.outcome == "refused" or not wanted.only_refused)
        and wanted.source in (None, call.source)
        and wanted.event in (None, call.event)
        and wanted.user in (None, call.user_id, call.anonymous_id)
    )


def _frames(dropped: int, calls: Sequence[SeenCall]) -> str:
    told = [_frame("dropped", {"calls": dropped})] if dropped else []
    for call in calls:
        told.append(_frame("call", {**asdict(call), "received_at": call.received_at.isoformat()}))
    return "".join(told)


def _frame(event: str, document: Mapping[str, object]) -> str:
    # Plain ASCII, so that half a letter which a client sent cannot break the stream for everybody.
    return f"event: {event}\ndata: {json.dumps(document)}\n\n"
