"""Leases: who does which work, told by the database's clock, and confirmed by whoever commits."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count

import pytest
from sqlalchemy import Engine, update
from tests.services.state import OpenStore

from perennial.backends.sql.engine import open_engine, place_store, writing
from perennial.backends.sql.leases import SharedLeases, SoleLeases
from perennial.backends.sql.state import StateStore
from perennial.backends.sql.tables import leases, processes
from perennial.kernel.leases import Lease, LeaseLost

SHARDS = [f"send:{shard}" for shard in range(8)]
NUMBERS = count()
Process = Callable[[], SharedLeases]


@pytest.fixture
def engine(shared_database: str) -> Iterator[Engine]:
    """A workspace of its own."""
    opened = open_engine(shared_database)
    yield place_store(opened, "state", schema=f"ws_leases_{next(NUMBERS)}")
    opened.dispose()


def processes_of(engine: Engine, how_many: int) -> Sequence[SharedLeases]:
    return [SharedLeases(engine) for _ in range(how_many)]


def let_everything_expire(engine: Engine) -> None:
    """As if the term had passed and nobody had renewed."""
    with writing(engine) as connection:
        connection.execute(update(leases).values(expires_at=1))
        connection.execute(update(processes).values(expires_at=1))


def shares(*members: SharedLeases) -> list[int]:
    """How many shards each has, after everybody renewed twice: to give up, and to take."""
    held = [member.renew([], divided=SHARDS) for _ in range(2) for member in members]
    return [len(each) for each in held[-len(members) :]]


@pytest.mark.service
def test_a_second_process_gets_nothing_that_the_first_one_renews(engine: Engine) -> None:
    first, second = processes_of(engine, 2)
    assert list(first.renew(["understand"])) == ["understand"]
    assert second.renew(["understand"]) == {}
    assert list(first.renew(["understand"])) == ["understand"]


@pytest.mark.service
def test_an_expired_lease_is_taken_over_and_the_turn_counted(engine: Engine) -> None:
    first, second = processes_of(engine, 2)
    before = first.renew(["understand"])["understand"]
    let_everything_expire(engine)
    after = second.renew(["understand"])["understand"]
    assert after.epoch == before.epoch + 1
    assert first.renew(["understand"]) == {}


@pytest.mark.service
def test_a_lease_that_expired_and_nobody_wanted_goes_on(engine: Engine) -> None:
    (alone,) = processes_of(engine, 1)
    before = alone.renew(["understand"])
    let_everything_expire(engine)
    assert alone.renew(["understand"]) == before


@pytest.mark.service
def test_what_is_given_back_is_free_at_once(engine: Engine) -> None:
    first, second = processes_of(engine, 2)
    first.renew(["understand"], divided=SHARDS)
    first.release()
    assert len(second.renew(["understand"], divided=SHARDS)) == 9


@pytest.mark.service
def test_shards_are_shared_out_evenly_as_processes_come_and_go(engine: Engine) -> None:
    first, second, third = processes_of(engine, 3)
    assert shares(first) == [8]
    assert shares(first, second) == [4, 4]
    assert sorted(shares(first, second, third)) == [2, 3, 3]
    second.release()
    assert shares(first, third) == [4, 4]


@pytest.mark.service
def test_a_holder_that_was_replaced_commits_nothing(engine: Engine) -> None:
    first, second = processes_of(engine, 2)
    store = StateStore(engine, first)
    held = first.renew(["understand"])["understand"]

    def write(lease: Lease, last: int) -> None:
        with store.begin(holding=[lease]) as transaction:
            transaction.offsets.advance("calls", first=last, last=last)

    write(held, 1)
    let_everything_expire(engine)
    # Expired and not taken over: nobody else can have done the work.
    write(held, 2)
    taken = second.renew(["understand"])["understand"]
    with pytest.raises(LeaseLost):
        write(held, 3)
    with StateStore(engine, second).begin(holding=[taken]) as transaction:
        assert transaction.offsets.get("calls") == 2
        transaction.offsets.advance("calls", first=3, last=3)


@pytest.mark.service
def test_renewing_waits_for_no_writer_of_the_state(engine: Engine) -> None:
    (alone,) = processes_of(engine, 1)
    held = alone.renew(["understand"])["understand"]
    with StateStore(engine, alone).begin(holding=[held]) as transaction:
        transaction.offsets.advance("calls", first=1, last=1)
        assert alone.renew(["understand"])["understand"] == held


def test_one_process_with_a_store_of_its_own_holds_whatever_it_asks_for(open_new: OpenStore) -> None:
    alone = SoleLeases()
    held = alone.renew(["understand"], divided=SHARDS)
    assert len(held) == 9
    with StateStore(open_new("state"), alone).begin(holding=held.values()) as transaction:
        transaction.offsets.advance("calls", first=1, last=1)
    alone.release()


@pytest.mark.service
def test_a_busy_process_gives_no_shard_back_until_it_is_done(engine: Engine) -> None:
    first, second = processes_of(engine, 2)
    first.renew([], divided=SHARDS)
    assert second.renew([], divided=SHARDS) == {}
    held = first.renew([], divided=SHARDS, is_busy=True)
    assert [lease.epoch for lease in held.values()] == [1] * 8
    assert second.renew([], divided=SHARDS) == {}
    assert len(first.renew([], divided=SHARDS)) == 4
    assert len(second.renew([], divided=SHARDS)) == 4


@pytest.mark.service
def test_a_process_that_sends_nothing_takes_no_shard_and_nobodys_share(engine: Engine) -> None:
    sender, asker = processes_of(engine, 2)
    sender.renew([], divided=SHARDS)
    assert list(asker.renew(["understand"])) == ["understand"]
    assert len(sender.renew([], divided=SHARDS)) == 8
