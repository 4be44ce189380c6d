"""Waiting for a turn: told of by our own loop, found out by looking where nobody tells."""

from datetime import timedelta
from threading import Event, Thread

from perennial.runtime.loop import Turned


def test_whoever_waits_finds_out_though_our_loop_lost_the_work_and_tells_nobody() -> None:
    turned, looks = Turned(rhythm=timedelta(milliseconds=1)), iter([False, False, True])
    answers: list[bool] = []
    waiting = Thread(
        target=lambda: answers.append(turned.wait(lambda: next(looks), is_told=lambda: True, timeout=600)),
        daemon=True,
    )
    waiting.start()
    waiting.join(timeout=30)
    assert answers == [True]


def test_whoever_waits_is_told_at_once() -> None:
    turned, looked, is_done = Turned(rhythm=timedelta(hours=1)), Event(), Event()
    answers: list[bool] = []

    def look() -> bool:
        looked.set()
        return is_done.is_set()

    waiting = Thread(
        target=lambda: answers.append(turned.wait(look, is_told=lambda: True, timeout=600)), daemon=True
    )
    waiting.start()
    assert looked.wait(timeout=30)
    is_done.set()
    turned.tell()
    waiting.join(timeout=30)
    assert answers == [True]


def test_it_gives_up_in_time() -> None:
    assert not Turned().wait(lambda: False, is_told=lambda: False, timeout=0)
