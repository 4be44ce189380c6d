"""A lease is the right to do one piece of a workspace's work, until another process takes it over."""

from dataclasses import dataclass
from datetime import timedelta

from perennial.kernel.errors import Unavailable

TERM = timedelta(seconds=10)
"""How long a lease lasts that is not renewed; then whoever asks takes it over."""


class LeaseLost(Unavailable):
    """Another process does this work now; nothing of this was kept."""

    code = "lease_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """One holder's turn at a piece of work. What it commits, it commits while the turn is its own."""

    name: str
    holder: str
    """The process, by an id of its own life: started again, it is another."""
    epoch: int
    """Counts the turns: a holder that fell asleep comes back with a number that is no longer the last."""
