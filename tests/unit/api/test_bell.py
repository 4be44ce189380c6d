"""Whoever waits for a commit hears of it, however the threads that say so and the loop take turns."""

import asyncio
import sys
from concurrent.futures import Future
from threading import Event, Thread
from types import FrameType
from typing import TYPE_CHECKING

import pytest

from perennial.api.protocols.entrance import Bell
from perennial.collect.events.model import Receipt

if TYPE_CHECKING:
    from _typeshed import TraceFunction

RECEIPT = Receipt(accepted=1, duplicates=0)
PATIENCE_SECONDS = 5


class Slowed:
    """A thread that commits two calls; at the second it stops for a while before some line of the ringing."""

    def __init__(self, line: int, first: Future[Receipt], second: Future[Receipt]) -> None:
        self.is_loop_let_go = Event()
        self.is_first_told = Event()
        self._line = line
        self._futures = first, second
        self.thread = Thread(target=self._commit)

    def _commit(self) -> None:
        first, second = self._futures
        first.set_result(RECEIPT)
        sys.settrace(self._trace)
        second.set_result(RECEIPT)
        sys.settrace(None)
        self.is_loop_let_go.set()

    def _trace(self, frame: FrameType, event: str, _argument: object) -> "TraceFunction | None":
        if frame.f_code.co_name != "ring":
            return None
        if event == "line":
            self._line -= 1
            if self._line == 0:
                self.is_loop_let_go.set()
                self.is_first_told.wait(PATIENCE_SECONDS)
        return self._trace


async def _told(line: int) -> tuple[int, bool]:
    """How many of two are told, where the loop goes on before that line; and whether the first is."""
    bell, first, second = Bell(), Future[Receipt](), Future[Receipt]()
    slowed = Slowed(line, first, second)
    waiting = [asyncio.ensure_future(bell.wait(one)) for one in (first, second)]
    waiting[0].add_done_callback(lambda _: slowed.is_first_told.set())
    await asyncio.sleep(0)  # both have begun to wait
    slowed.thread.start()
    slowed.is_loop_let_go.wait(PATIENCE_SECONDS)  # the loop is at something else
    done, late = await asyncio.wait(waiting, timeout=PATIENCE_SECONDS)
    slowed.thread.join()
    for one in late:
        one.cancel()
    return len(done), slowed.is_first_told.is_set()


@pytest.mark.parametrize("line", range(1, 6))
def test_everybody_who_waits_for_a_commit_is_told_wherever_the_threads_take_turns(line: int) -> None:
    assert asyncio.run(_told(line)) == (2, True)


def test_a_commit_that_failed_is_told_and_so_are_those_after_it() -> None:
    async def both() -> list[Receipt | BaseException]:
        bell, failed, kept = Bell(), Future[Receipt](), Future[Receipt]()
        waiting = [asyncio.ensure_future(bell.wait(one)) for one in (failed, kept)]
        await asyncio.sleep(0)
        failed.set_exception(OSError("no room"))
        kept.set_result(RECEIPT)
        return await asyncio.gather(*waiting, return_exceptions=True)

    refused, taken = asyncio.run(both())
    assert isinstance(refused, OSError)
    assert taken == RECEIPT
