"""What every protocol's edge does once it has read a request: whose key it is, and handing the calls in."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from perennial.api.access import Edge
from perennial.api.decoding import Key
from perennial.api.ports import Workspace
from perennial.api.problems import Unauthorized
from perennial.collect.events import Stopping
from perennial.collect.events.model import Receipt, Reception
from perennial.kernel.values import Json

Owner = tuple[Workspace, str]
"""A write key's workspace and source."""

NO_CONTEXT: Mapping[str, Json] = {}
_CALLS_AT_ONCE = 250
"""As many calls are checked within a millisecond or two; going to a thread and back costs as much."""
_KEY_MEMORY_SECONDS = 5.0
_KEY_MEMORY_SIZE = 1_000


class Entrance:
    """Lets clients in by their write key and takes their calls, for every protocol."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._keys = KeyMemory()

    def require_open(self) -> None:
        """Raises Stopping once the server was told to stop."""
        if self._edge.is_stopping:
            raise Stopping

    async def owner(self, candidates: Iterable[Key]) -> Owner:
        """The workspace and source of the first of these keys that is one; raises Unauthorized."""
        for key in candidates:
            owner = await self._owner_of(key)
            if owner is not None:
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
        """Hand calls in, and wait until they are durable. `reception` need not say source and time."""
        workspace, source = owner
        received = replace(
            reception, source=source, received_at=self._edge.application.clock.now(), is_decoded=True
        )
        if len(calls) > _CALLS_AT_ONCE:
            # Checking these is work of many milliseconds: on a thread, other clients are read meanwhile.
            future = await asyncio.to_thread(workspace.submit_calls, calls, received, context=context)
        else:
            future = workspace.submit_calls(calls, received, context=context)
        return await asyncio.wrap_future(future)

    async def _owner_of(self, key: Key) -> Owner | None:
        now = asyncio.get_running_loop().time()
        known = self._keys.find(key.value, now=now)
        if known is None:
            known = await asyncio.to_thread(self._look_up, key.value)
            if known is not None:
                self._keys.keep(key.value, known, until=now + _KEY_MEMORY_SECONDS)
        return known

    def _look_up(self, key: str) -> Owner | None:
        owner = self._edge.application.authenticate_write(key)
        return (self._edge.application.workspace(owner[0]), owner[1]) if owner else None


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
