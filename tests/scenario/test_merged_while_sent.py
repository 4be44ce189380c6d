"""A message on its way stays with whoever took it up, whoever its person becomes meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.scenario.test_answers_kept import FailingStore, Meanwhile, receipt
from tests.scenario.test_delivery import SETTINGS, Bench, Scripted
from tests.unit.deliver.delivery_builders import ANNA, BO, HOUR, a_send

from perennial.backends.sql.repoint import repoint
from perennial.backends.sql.state import StateStore
from perennial.deliver.messages import SHARDS, Delivery, Share
from perennial.kernel.errors import DiskFull
from perennial.kernel.leases import Lease


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    store = StateStore.open(f"sqlite:///{tmp_path / 'state.db'}")
    yield Bench(store)
    store.close()


def shard_of(person: int, *, holder: str) -> Share:
    """The part of the outbox that a person is in, as one process has it."""
    shard = person % SHARDS
    return Share(leases={shard: Lease(name=f"send:{shard}", holder=holder, epoch=1)})


def merge_anna_into_bo(bench: Bench) -> None:
    with bench.store.begin() as tx:
        repoint(tx.connection, {ANNA: BO})


def test_whoever_takes_the_shard_of_a_dead_process_settles_what_a_merge_moved_out_of_it(bench: Bench) -> None:
    bench.ask(a_send(to=ANNA))
    store, successor = FailingStore(bench.store), bench.delivery(None)

    def die() -> None:
        merge_anna_into_bo(bench)
        store.is_full = True  # it writes nothing any more

    dying = Delivery(store, {"email": Meanwhile(die, [receipt("1")])}, SETTINGS)
    with pytest.raises(DiskFull):
        dying.deliver_due(now=bench.clock.now(), share=shard_of(ANNA, holder="a"))
    now = bench.clock.now()
    assert successor.resolve_interrupted(now=now, share=shard_of(BO, holder="b")) == 0
    assert bench.states() == {"msg_1": ("sending", "")}, "whose shard it was, may be at it still"
    assert successor.resolve_interrupted(now=now, share=shard_of(ANNA, holder="c")) == 1
    assert bench.states() == {"msg_1": ("unknown", "interrupted")}


def test_an_answer_is_written_although_the_person_became_another_shards_meanwhile(bench: Bench) -> None:
    bench.ask(a_send(to=ANNA))
    provider = Meanwhile(lambda: merge_anna_into_bo(bench), [receipt("1")])
    done = bench.delivery(provider).deliver_due(now=bench.clock.now(), share=shard_of(ANNA, holder="a"))
    assert done.sent == 1
    with bench.store.read() as tx:
        [message] = tx.outbox.find([a_send("1").message_id])
    assert (message.state, message.profile_id, message.shard) == ("sent", BO, None)


def test_what_is_put_off_goes_on_in_the_shard_of_the_person_it_is_for_now(bench: Bench) -> None:
    bench.ask(a_send(to=ANNA))
    provider = Meanwhile(lambda: merge_anna_into_bo(bench), [receipt("1", "temporary")])
    bench.delivery(provider).deliver_due(now=bench.clock.now(), share=shard_of(ANNA, holder="a"))
    bench.clock.advance(HOUR)
    again = bench.delivery(Scripted([receipt("1")]))
    assert again.deliver_due(now=bench.clock.now(), share=shard_of(ANNA, holder="a")).sent == 0
    assert again.deliver_due(now=bench.clock.now(), share=shard_of(BO, holder="b")).sent == 1


def test_a_mark_that_was_not_kept_puts_nothing_back_that_another_shard_began_with(bench: Bench) -> None:
    bench.ask(a_send(to=ANNA))
    store = FailingStore(bench.store)
    store.is_full = True
    owing = Delivery(store, {"email": Scripted()}, SETTINGS)
    with pytest.raises(DiskFull):
        owing.deliver_due(now=bench.clock.now(), share=shard_of(ANNA, holder="a"))
    store.is_full = False
    merge_anna_into_bo(bench)

    def try_again() -> None:
        assert owing.write_down().put_off == 0

    other = bench.delivery(Meanwhile(try_again, [receipt("1")]))
    assert other.deliver_due(now=bench.clock.now(), share=shard_of(BO, holder="b")).sent == 1
