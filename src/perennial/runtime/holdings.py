"""What of a workspace's work this process does, where several share it (ADR 0017).

Understanding (batches, timers, the pump) is one order of events per workspace, so one process has it at
a time. Sending is divided by person. Whoever stops renewing loses both within the term.
"""

from collections.abc import Generator, Iterable, Mapping
from contextlib import AbstractContextManager, contextmanager
from threading import Lock

from perennial.deliver.messages import SHARDS, Share
from perennial.kernel.errors import Refused
from perennial.kernel.leases import Lease
from perennial.runtime.ports import Leases, StateStore, StateTransaction

UNDERSTAND = "understand"
_SHARDS = {f"send:{shard}": shard for shard in range(SHARDS)}


class HeldElsewhere(Refused):
    """Another process understands this workspace's events now."""

    code = "held_elsewhere"


class Holdings:
    """The leases of this process on one workspace's work."""

    def __init__(self, leases: Leases) -> None:
        self._leases = leases
        self._held: Mapping[str, Lease] = {}
        self._guard = Lock()
        """One thread renews at a time, and no round of sending begins meanwhile."""
        self._is_sending = False
        self._is_sharing_out_due = False

    def renew(self) -> None:
        """Keep what is ours, and take over what nobody does any more.

        Others get their part of the sending between two rounds: what one is handing over while its shard is
        given away would be unknown, though it was sent.
        """
        with self._guard:
            self._renew()

    def renew_understanding(self) -> None:
        """As `renew`, for a process that will not send."""
        with self._guard:
            self._held = self._leases.renew([UNDERSTAND])

    def release(self) -> None:
        """Let others have it at once."""
        with self._guard:
            if self._held:
                self._held = {}
                self._leases.release()

    @contextmanager
    def sending(self) -> Generator[Share]:
        """One round of sending: the part of the outbox that is this process's, and stays so until its end."""
        with self._guard:
            if self._is_sharing_out_due:
                self._renew()
            self._is_sending = True
        try:
            yield self.share
        finally:
            with self._guard:
                self._is_sending = False

    def _renew(self) -> None:
        is_busy = self._is_sending
        self._held = self._leases.renew([UNDERSTAND], divided=list(_SHARDS), is_busy=is_busy)
        self._is_sharing_out_due = is_busy

    @property
    def is_understanding(self) -> bool:
        """Whether batches, timers and the pump are this process's."""
        return UNDERSTAND in self._held

    @property
    def understanding(self) -> Lease:
        """The lease on them. Raises HeldElsewhere."""
        held = self._held.get(UNDERSTAND)
        if held is None:
            raise HeldElsewhere(hint="Nothing was lost: it is under way there.")
        return held

    @property
    def share(self) -> Share:
        """The part of the outbox that is this process's."""
        return Share(leases={_SHARDS[name]: lease for name, lease in self._held.items() if name in _SHARDS})


class UnderstandingState:
    """The state store as the processor has it: nothing is committed there without the lease."""

    def __init__(self, state: StateStore, holdings: Holdings) -> None:
        self._state = state
        self._holdings = holdings
        self.leases = state.leases
        """Which of the workspace's work is this process's to do."""

    def begin(self, *, holding: Iterable[Lease] = ()) -> AbstractContextManager[StateTransaction]:
        """One transaction that may write, while this process understands. Raises HeldElsewhere, LeaseLost."""
        return self._state.begin(holding=[*holding, self._holdings.understanding])

    def version(self) -> object:
        """Another after each commit that changed something."""
        return self._state.version()

    def read(self) -> AbstractContextManager[StateTransaction]:
        """A snapshot to read from; it waits for nobody."""
        return self._state.read()
