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
        self.asked: list[tuple[int, bool]] = []
        """How many were to be divided each time, and whether some are in use."""

    def renew(
        self, names: Sequence[str], *, divided: Sequence[str] = (), is_busy: bool = False
    ) -> Mapping[str, Lease]:
        self.asked.append((len(divided), is_busy))
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


def test_shards_are_shared_out_between_rounds_of_sending_and_not_in_one() -> None:
    leases = TakenLeases()
    holdings = Holdings(leases)
    holdings.renew()
    with holdings.sending():
        holdings.renew()
    assert leases.asked == [(8, False), (8, True)]
    with holdings.sending() as share:
        assert len(share.shards) == 8
    with holdings.sending():
        pass
    assert leases.asked == [(8, False), (8, True), (8, False)], "once, as the next round begins"


def test_who_will_not_send_asks_for_no_shard() -> None:
    leases = TakenLeases()
    holdings = Holdings(leases)
    holdings.renew_understanding()
    assert (leases.asked, holdings.is_understanding, holdings.share.shards) == (
        [(0, False)],
        True,
        frozenset(),
    )
