"""How many mails are handed over at once."""

from perennial.backends.smtp.provider import FEWEST, MOMENT_SECONDS, MOST, Pace


def test_a_quick_server_gets_more_at_once_up_to_a_bound() -> None:
    pace = Pace()
    seen = [pace.batch]
    for _ in range(6):
        pace.took(pace.batch, MOMENT_SECONDS / 10)
        seen.append(pace.batch)
    assert seen == sorted(seen)
    assert (seen[0], seen[1], seen[-1]) == (FEWEST, 2 * FEWEST, MOST)


def test_a_server_that_turns_slow_gets_fewer_so_that_a_crash_leaves_few_unknown() -> None:
    pace = Pace()
    for _ in range(6):
        pace.took(pace.batch, 0.0)
    for _ in range(6):
        pace.took(pace.batch, 2 * MOMENT_SECONDS)
    assert pace.batch == FEWEST


def test_a_few_mails_say_nothing_about_many() -> None:
    pace = Pace()
    pace.took(1, 0.0)
    assert pace.batch == FEWEST
