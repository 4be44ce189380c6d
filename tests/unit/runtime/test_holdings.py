"""What of the work is this process's: told by its leases, and lost with them."""

from collections.abc import Mapping, Sequence

import pytest

from perennial.kernel.leases import Lease
from perennial.runtime.holdings import HeldElsewhere, Holdings


class TakenLeases:
    """Leases of which another process has some."""

    def __init__(self, *taken: str) -> None:
        self.taken = set(taken)
        self.released = 0

    def renew(self, names: Sequence[str], *, divided: Sequence[str] = ()) -> Mapping[str, Lease]:
        free = [name for name in (*names, *divided) if name not in self.taken]
        return {name: Lease(name=name, holder="us", epoch=3) for name in free}

    def release(self) -> None:
        self.released += 1


def test_nothing_is_ours_before_it_was_asked_for() -> None:
    leases = TakenLeases()
    holdings = Holdings(leases)
    assert (holdings.is_understanding, holdings.share.shards) == (False, frozenset())
    holdings.release()
    assert leases.released == 0


def test_who_understands_may_be_another_than_who_sends() -> None:
    holdings = Holdings(TakenLeases("understand", "send:0", "send:7"))
    holdings.renew()
    assert holdings.share.shards == {1, 2, 3, 4, 5, 6}
    assert {lease.name for lease in holdings.share.held} == {f"send:{shard}" for shard in range(1, 7)}
    with pytest.raises(HeldElsewhere):
        assert holdings.understanding


def test_what_another_process_took_over_is_no_longer_ours() -> None:
    leases = TakenLeases()
    holdings = Holdings(leases)
    holdings.renew()
    assert (holdings.understanding.epoch, len(holdings.share.shards)) == (3, 8)
    leases.taken = {"understand"}
    holdings.renew()
    assert not holdings.is_understanding


def test_what_is_given_back_is_not_used_any_more() -> None:
    leases = TakenLeases()
    holdings = Holdings(leases)
    holdings.renew()
    holdings.release()
    assert (leases.released, holdings.is_understanding, holdings.share.shards) == (1, False, frozenset())
