"""A loop that has nothing to do asks nothing: until something changes, or its time has come."""

from datetime import UTC, datetime, timedelta

from perennial.kernel.clock import VirtualClock
from perennial.runtime.agenda import LONGEST_REST, Agenda, next_wake

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND, ZERO = timedelta(seconds=1), timedelta(0)


class Desk:
    """Something to do whose version, clock and stopwatch are set by hand."""

    def __init__(self) -> None:
        self.version = 1
        self.clock = VirtualClock(NOON)
        self.seconds = 0.0
        self.agenda = Agenda(lambda: self.version, self.clock.now, stopwatch=lambda: self.seconds)

    def settled(self, rest: timedelta = LONGEST_REST) -> Agenda:
        self.agenda.rest()
        self.agenda.settle(rest)
        return self.agenda


def test_the_first_look_is_always_taken() -> None:
    assert Desk().agenda.rest() == ZERO


def test_where_nothing_changed_and_nothing_is_due_nothing_is_done() -> None:
    assert Desk().settled().rest() == LONGEST_REST


def test_any_change_is_looked_at() -> None:
    desk = Desk()
    agenda = desk.settled()
    desk.version = 2
    assert agenda.rest() == ZERO


def test_what_changes_during_the_work_is_looked_at_once_more() -> None:
    desk = Desk()
    assert desk.agenda.rest() == ZERO
    desk.version = 2
    desk.agenda.settle(LONGEST_REST)
    assert desk.agenda.rest() == ZERO
    desk.agenda.settle(LONGEST_REST)
    assert desk.agenda.rest() > ZERO


def test_work_that_failed_is_taken_again() -> None:
    desk = Desk()
    assert (desk.agenda.rest(), desk.agenda.rest()) == (ZERO, ZERO)


def test_what_falls_due_is_done_in_time() -> None:
    desk = Desk()
    agenda = desk.settled(3 * SECOND)
    desk.clock.advance(2 * SECOND)
    assert agenda.rest() == SECOND
    desk.clock.advance(SECOND)
    assert agenda.rest() == ZERO


def test_a_clock_that_stands_still_or_goes_back_stops_nothing() -> None:
    desk = Desk()
    agenda = desk.settled(SECOND)
    desk.seconds = LONGEST_REST.total_seconds()
    assert agenda.rest() == ZERO


def test_the_next_thing_due_bounds_the_sleep() -> None:
    assert next_wake(None, now=NOON, at_most=SECOND) == SECOND
    assert next_wake(NOON - SECOND, now=NOON, at_most=SECOND) == ZERO
    assert next_wake(NOON + SECOND, now=NOON, at_most=3 * SECOND) == SECOND
    assert next_wake(NOON + 9 * SECOND, now=NOON, at_most=3 * SECOND) == 3 * SECOND
