"""A loop that gathers: turns begin apart, unless somebody waits for one."""

from collections.abc import Callable
from datetime import timedelta
from queue import Queue

from perennial.runtime.loop import Loop

_PATIENCE = 30.0
_AN_HOUR = timedelta(hours=1)


def _turning(turns: "Queue[int]") -> Callable[[], timedelta]:
    def turn() -> timedelta:
        turns.put(1)
        return timedelta(0)  # there is always more to do

    return turn


def test_whoever_is_in_a_hurry_gets_the_next_turn_at_once() -> None:
    turns: Queue[int] = Queue()
    loop = Loop("gathering", _turning(turns), apart=_AN_HOUR)
    loop.start()
    turns.get(timeout=_PATIENCE)
    loop.hurry()
    turns.get(timeout=_PATIENCE)
    loop.stop()


def test_a_loop_that_gathers_takes_no_turn_before_its_time_though_it_is_woken_and_stops_at_once() -> None:
    turns: Queue[int] = Queue()
    loop = Loop("gathering", _turning(turns), apart=_AN_HOUR)
    loop.start()
    turns.get(timeout=_PATIENCE)
    loop.wake()
    loop.stop()
    assert turns.empty()


def test_turns_follow_each_other_where_nothing_is_gathered() -> None:
    turns: Queue[int] = Queue()
    loop = Loop("eager", _turning(turns))
    loop.start()
    for _ in range(3):
        turns.get(timeout=_PATIENCE)
    loop.stop()
