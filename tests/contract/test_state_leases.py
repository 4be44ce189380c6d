"""Leases: who does which work, told by the database's clock, and confirmed by whoever commits."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import Engine, update
from tests.services.state import OpenStore

from perennial.backends.sql.engine import StoreUnavailable, open_engine, place_store, reading, writing
from perennial.backends.sql.leases import SharedLeases, SoleLeases
from perennial.backends.sql.options import CHAIN
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


@pytest.fixture
def another(engine: Engine, shared_database: str) -> Iterator[Engine]:
    """The same workspace, as another process has it open."""
    opened = open_engine(shared_database)
    yield opened.execution_options(**{**engine.get_execution_options(), **opened.get_execution_options()})
    opened.dispose()


def until_taken(member: SharedLeases) -> Lease:
    """Ask until it is ours: what is frozen is known by its age. Who waits for a lock is refused instead."""
    while not (held := member.renew(["understand"])):
        pass
    return held["understand"]


def eventually_broken_off(member: SharedLeases, engine: Engine) -> None:
    """Renew until nobody else is in a transaction there."""
    open_ones = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()"
    )
    while True:
        member.renew(["understand"], divided=SHARDS)
        with reading(engine) as connection:
            if connection.exec_driver_sql(open_ones).scalar_one() == 0:
                return


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
def test_a_holder_frozen_in_the_middle_of_a_transaction_is_replaced_and_its_transaction_broken_off(
    engine: Engine, another: Engine
) -> None:
    frozen, second = SharedLeases(engine), SharedLeases(another, term=timedelta(milliseconds=20))
    held = frozen.renew(["understand"], divided=SHARDS)["understand"]
    let_everything_expire(another)

    def fall_asleep() -> None:
        with StateStore(engine, frozen).begin(holding=[held]) as transaction:
            transaction.offsets.advance("calls", first=1, last=1)
            taken = until_taken(second)
            eventually_broken_off(second, another)
            # The writer's turn is free again as well.
            with StateStore(another, second).begin(holding=[taken]) as theirs:
                assert theirs.offsets.get("calls") == 0

    with pytest.raises(StoreUnavailable):
        fall_asleep()


@pytest.mark.service
def test_a_holder_frozen_in_the_middle_of_its_renewal_is_replaced(engine: Engine, another: Engine) -> None:
    frozen, second = SharedLeases(engine), SharedLeases(another, term=timedelta(milliseconds=20))
    frozen.renew(["understand"])
    let_everything_expire(another)
    in_renewal = engine.execution_options(**{CHAIN: "leases"})

    def fall_asleep() -> None:
        with writing(in_renewal) as connection:
            assert until_taken(second).epoch == 2
            connection.execute(update(leases).values(expires_at=1))

    with pytest.raises(StoreUnavailable):
        fall_asleep()


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
