"""How much a source may send, on a clock of the test's own."""

import pytest

from perennial.access.limits import RateLimit, TokenBucket

TEN = RateLimit(events_per_second=10, burst=20)


def test_a_quiet_source_may_send_its_burst_at_once_and_then_waits() -> None:
    bucket = TokenBucket(TEN, now=0.0)

    assert bucket.take(20, now=0.0) == 0.0
    assert bucket.take(5, now=0.0) == pytest.approx(0.5)
    assert bucket.take(5, now=0.5) == 0.0


def test_what_is_refused_costs_nothing() -> None:
    bucket = TokenBucket(TEN, now=0.0)
    bucket.take(20, now=0.0)

    assert [bucket.take(10, now=0.5) > 0 for _ in range(100)] == [True] * 100
    assert bucket.take(10, now=1.0) == 0.0


def test_what_is_larger_than_a_burst_comes_through_and_is_waited_for_afterwards() -> None:
    bucket = TokenBucket(TEN, now=0.0)

    assert bucket.take(100, now=0.0) == 0.0
    assert bucket.take(1, now=0.0) == pytest.approx(8.1)
    assert bucket.take(1, now=8.2) == 0.0


def test_a_long_quiet_while_saves_up_no_more_than_a_burst() -> None:
    bucket = TokenBucket(TEN, now=0.0)

    assert bucket.take(20, now=1_000.0) == 0.0
    assert bucket.take(1, now=1_000.0) > 0


def test_over_a_minute_no_more_comes_through_than_the_limit_and_one_burst() -> None:
    bucket = TokenBucket(TEN, now=0.0)

    passed = sum(bucket.take(7, now=tick / 100) == 0.0 for tick in range(6_000)) * 7

    assert 10 * 60 <= passed <= 10 * 60 + 20


def test_another_limit_counts_from_now_on_and_what_is_owed_stays_owed() -> None:
    bucket = TokenBucket(TEN, now=0.0)
    bucket.take(40, now=0.0)

    bucket.change(RateLimit(events_per_second=100, burst=100), now=0.0)

    assert bucket.take(1, now=0.0) == pytest.approx(0.21)
