"""The loop of `test_loop` with its log on a ClickHouse server, and on three shards."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from tests.scenario import test_loop as loop
from tests.services.clickhouse import within

from perennial.kernel.clock import VirtualClock
from perennial.wiring import open_app

pytestmark = pytest.mark.service

SCENARIOS: tuple[Callable[[loop.Shop], None], ...] = (
    loop.test_a_left_cart_is_written_about_a_day_later_if_it_is_worth_it,
    loop.test_paying_for_that_very_cart_ends_the_wait_and_another_cart_does_not,
    loop.test_the_first_fill_of_a_segment_starts_nobody_and_a_later_entry_does,
    loop.test_people_leave_a_segment_when_time_passes_without_an_event,
    loop.test_a_person_who_did_not_agree_gets_nothing_and_the_reason_is_kept,
    loop.test_the_history_of_two_users_that_turn_out_to_be_one_is_theirs_at_once,
)
_installations = count()


@pytest.fixture(params=["clickhouse_server", "clickhouse_cluster"])
def events_url(request: pytest.FixtureRequest) -> str:
    return within(str(request.getfixturevalue(request.param)), f"loop{next(_installations)}")


@pytest.fixture
def shop(tmp_path: Path, events_url: str) -> Iterator[loop.Shop]:
    clock = VirtualClock(loop.NOON)
    with open_app(tmp_path / "home", clock=clock, events=events_url) as app:
        app.init()
        app.workspace().save_template(loop.TEMPLATE)
        yield loop.Shop(app, clock)
        assert [check for check in app.workspace().doctor().checks if not check.ok] == []


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_the_loop_turns_the_same(scenario: Callable[[loop.Shop], None], shop: loop.Shop) -> None:
    scenario(shop)


def test_imported_history_fills_segments_and_starts_nobody(shop: loop.Shop, tmp_path: Path) -> None:
    loop.test_imported_history_fills_segments_and_starts_nobody(shop, tmp_path)


def test_opening_a_home_again_finds_everything_where_it_was(tmp_path: Path, events_url: str) -> None:
    clock = VirtualClock(loop.NOON)
    for turn in range(2):
        with open_app(tmp_path / "home", clock=clock, events=events_url) as app:
            app.init()
            shop = loop.Shop(app, clock, sent=turn)
            shop.does("li", "app_open")
            shop.turn()
            assert shop.counted("app_open") == turn + 1
