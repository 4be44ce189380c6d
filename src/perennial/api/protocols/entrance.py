"""What every protocol's edge does once it has read a request: whose key it is, and handing the calls in."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from hashlib import sha256

import structlog

from perennial.access.limits import RateLimit, TokenBucket
from perennial.api.access import Edge
from perennial.api.debugger import Arrival
from perennial.api.decoding import Key
from perennial.api.ports import Workspace
from perennial.api.problems import RateLimited, Unauthorized
from perennial.collect.events import Stopping
from perennial.collect.events.model import Receipt, Reception
from perennial.kernel.errors import PerennialError
from perennial.kernel.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose a write key is."""

    workspace: Workspace
    source: str
    bucket: TokenBucket | None = None
    """What the source may still send, where somebody set a limit: one for all of its keys in this process."""


NO_CONTEXT: Mapping[str, Json] = {}
_CALLS_AT_ONCE = 250
"""As many calls are checked within a millisecond or two; going to a thread and back costs as much."""
_KEY_MEMORY_SECONDS = 5.0
_KEY_MEMORY_SIZE = 1_000
_log = structlog.get_logger(__name__)


class Entrance:
    """Lets clients in by their write key and takes their calls, for every protocol."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._keys = KeyMemory()
        self._buckets: dict[tuple[str, str], TokenBucket] = {}
        self._differing = DifferingKeys()
        self._bell: Bell | None = None

    def require_open(self) -> None:
        """Raises Stopping once the server was told to stop."""
        if self._edge.is_stopping:
            raise Stopping

    async def owner(self, candidates: Iterable[Key], *, inside: Key | None = None) -> Owner:
        """The workspace and source of the first of these keys that is one; raises Unauthorized.

        Where the key inside the body is another one than that, it is noted.
        """
        for key in candidates:
            owner = await self._owner_of(key)
            if owner is not None:
                if inside is not None and inside.value != key.value:
                    self._differing.note(key.value, inside.value)
                return owner
        raise Unauthorized(
            "The write key is missing or not known here.",
            hint="Send it as the user of Basic authentication; `perennial init` prints it.",
        )

    async def submit(
        self,
        owner: Owner,
        calls: Sequence[Json],
        reception: Reception,
        *,
        context: Mapping[str, Json] = NO_CONTEXT,
    ) -> Receipt:
        """Hand calls in, and wait until they are durable. `reception` need not say source and time.

        Raises RateLimited where the source sends more than it may: then none of them is looked at.
        """
        if self._edge.debugger.is_watched:
            return await self._submit_watched(owner, calls, reception, context)
        return await self._submit(owner, calls, reception, context)

    async def _submit_watched(
        self, owner: Owner, calls: Sequence[Json], reception: Reception, context: Mapping[str, Json]
    ) -> Receipt:
        """The same, and whoever looks on is told what became of it."""
        outcome: Receipt | PerennialError
        try:
            outcome = await self._submit(owner, calls, reception, context)
        except PerennialError as refusal:
            outcome = refusal
        arrival = Arrival(
            workspace=owner.workspace.name,
            source=owner.source,
            kind=reception.kind,
            received_at=self._edge.application.clock.now(),
            calls=calls,
            outcome=outcome,
        )
        self._edge.debugger.tell(arrival)
        if isinstance(outcome, PerennialError):
            raise outcome
        return outcome

    async def _submit(
        self, owner: Owner, calls: Sequence[Json], reception: Reception, context: Mapping[str, Json]
    ) -> Receipt:
        workspace = owner.workspace
        if owner.bucket is not None:
            _let_through(owner, len(calls))
        received = replace(
            reception, source=owner.source, received_at=self._edge.application.clock.now(), is_decoded=True
        )
        if len(calls) > _CALLS_AT_ONCE:
            # Checking these is work of many milliseconds: on a thread, other clients are read meanwhile.
            future = await asyncio.to_thread(workspace.submit_calls, calls, received, context=context)
        else:
            future = workspace.submit_calls(calls, received, context=context)
        return await self._bell_here().wait(future)

    def _bell_here(self) -> "Bell":
        """The bell of the loop that runs; nearly always there is one loop, and so one bell."""
        if self._bell is None or self._bell.loop is not asyncio.get_running_loop():
            self._bell = Bell()
        return self._bell

    async def _owner_of(self, key: Key) -> Owner | None:
        now = asyncio.get_running_loop().time()
        known = self._keys.find(key.value, now=now)
        if known is None:
            found = await asyncio.to_thread(self._look_up, key.value)
            if found is not None:
                known = self._limited(*found, now=now)
                self._keys.keep(key.value, known, until=now + _KEY_MEMORY_SECONDS)
        return known

    def _look_up(self, key: str) -> tuple[Workspace, str, RateLimit | None] | None:
        application = self._edge.application
        owner = application.authenticate_write(key)
        if owner is None:
            return None
        return application.workspace(owner[0]), owner[1], application.sources.limit_of(*owner)

    def _limited(self, workspace: Workspace, source: str, limit: RateLimit | None, *, now: float) -> Owner:
        place = (workspace.name, source)
        if limit is None:
            self._buckets.pop(place, None)
            return Owner(workspace=workspace, source=source)
        bucket = self._buckets.get(place)
        if bucket is None:
            bucket = self._buckets[place] = TokenBucket(limit, now=now)
        elif bucket.limit != limit:
            bucket.change(limit, now=now)
        return Owner(workspace=workspace, source=source, bucket=bucket)


def _let_through(owner: Owner, events: int) -> None:
    if owner.bucket is None:
        return
    wait = owner.bucket.take(events, now=asyncio.get_running_loop().time())
    if wait > 0:
        limit = owner.bucket.limit
        raise RateLimited(
            wait,
            hint=f"{owner.source!r} may send {limit.events_per_second} a second, {limit.burst} at once.",
        )


class Bell:
    """Has the event loop go on with what waits for a commit: rung once for all of it.

    asyncio itself wakes its loop once for every future of another thread, each time through a socket.
    """

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._done: deque[tuple[asyncio.Future[Receipt], Future[Receipt]]] = deque()
        self._is_rung = False

    async def wait(self, future: Future[Receipt]) -> Receipt:
        """What the other thread's future comes to. Who is cancelled meanwhile cancels nothing there."""
        waiting: asyncio.Future[Receipt] = self.loop.create_future()

        def ring(done: Future[Receipt]) -> None:
            # First what is to be answered, then the look at the bell; the loop does it the other way round.
            # So nothing is put down behind the back of a loop that was done, which nobody would ring again.
            self._done.append((waiting, done))
            if not self._is_rung:
                self._is_rung = True
                self.loop.call_soon_threadsafe(self._answer)

        future.add_done_callback(ring)
        return await waiting

    def _answer(self) -> None:
        self._is_rung = False
        while self._done:
            waiting, done = self._done.popleft()
            if waiting.done():
                continue  # whoever waited has hung up
            error = done.exception()
            if error is None:
                waiting.set_result(done.result())
            else:
                waiting.set_exception(error)


class DifferingKeys:
    """Requests whose header and body name different keys: counted, and told now and then."""

    def __init__(self) -> None:
        self._times: OrderedDict[tuple[str, str], int] = OrderedDict()

    def note(self, used: str, other: str) -> None:
        """Count one; told at the first, and at every power of two. No key is ever told whole."""
        pair = (_fingerprint(used), _fingerprint(other))
        times = self._times[pair] = self._times.get(pair, 0) + 1
        if len(self._times) > _KEY_MEMORY_SIZE:
            self._times.popitem(last=False)
        if times & (times - 1) == 0:
            _log.warning("write_keys_differ", used=pair[0], other=pair[1], requests=times)


def _fingerprint(key: str) -> str:
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:8]


class KeyMemory:
    """Write keys seen a moment ago, so that a busy client costs one look-up, not thousands."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[float, Owner]] = OrderedDict()

    def find(self, key: str, *, now: float) -> Owner | None:
        """Whose key it is, if it was looked up lately (`now` in seconds of the loop's own clock)."""
        known = self._known.get(key)
        return known[1] if known is not None and known[0] > now else None

    def keep(self, key: str, owner: Owner, *, until: float) -> None:
        """Remember whose key it is for a while."""
        self._known[key] = (until, owner)
        self._known.move_to_end(key)
        if len(self._known) > _KEY_MEMORY_SIZE:
            self._known.popitem(last=False)
