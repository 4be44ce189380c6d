"""Whoever time alone moves into a condition or out of it is among those who are asked again."""

from collections.abc import Iterator
from datetime import timedelta
from math import ceil

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.property.crowds import PHASES, crowds
from tests.property.questioned_logs import LARGE, Log, logs
from tests.property.strategies import SPANS

from perennial.compute.segments.crossing import Passage, crossed
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.windows import MICROSECOND
from perennial.testing import PersonHistory, evaluate

DAY = timedelta(days=1)
PAUSES = (MICROSECOND, timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), DAY)
AGES = (*SPANS, *(number * DAY for number in (0.25, 0.5, 1, 2, 3, 5, 7, 10, 12, 30)))
EXAMPLES = max(50, ceil(settings().max_examples / 4))


@settings(max_examples=EXAMPLES, suppress_health_check=LARGE, deadline=None)
@given(log=logs(), pause=st.sampled_from(PAUSES))
def test_whoever_time_moves_is_asked_again(log: Log, pause: timedelta) -> None:
    check_moved(log, pause)


@settings(max_examples=max(8, EXAMPLES // 8), phases=PHASES, suppress_health_check=LARGE, deadline=None)
@given(log=crowds(), pause=st.sampled_from(PAUSES))
def test_whoever_time_moves_past_a_wait_is_asked_again(log: Log, pause: timedelta) -> None:
    check_moved(log, pause)


def check_moved(log: Log, pause: timedelta) -> None:
    for passed in passages(log, pause):
        was, now = (Moment(as_of=each, zone=passed.zone) for each in (passed.since, passed.until))
        for condition, asked in zip(log.conditions, crossed(log.conditions, passed), strict=True):
            for person in log.united:
                if asked is None or happens_meanwhile(person, passed):
                    continue
                if evaluate(condition, person, was) != evaluate(condition, person, now):
                    assert evaluate(asked, person, now), (condition, asked, person, passed)


def passages(log: Log, pause: timedelta) -> Iterator[Passage]:
    """Times that pass while a border of a likely width passes somebody's event, or a day begins."""
    zone = log.moment.zone
    events = [event for person in log.people for event in person.events][:6]
    moments = {log.moment.as_of}
    moments |= {event.occurred_at + age + MICROSECOND for event in events for age in AGES}
    for moment in sorted(moments):
        yield Passage(since=moment - pause, until=moment, zone=zone)


def happens_meanwhile(person: PersonHistory, passed: Passage) -> bool:
    """They are touched, and asked again for that."""
    return any(passed.since < event.occurred_at <= passed.until for event in person.events)
