"""What a browser has to fetch before it shows a first page, and how long each area takes to be there."""

import gzip
import re

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visitors
from tests.browser.shop import SHOP
from tests.browser.test_console_pages import words

from perennial.api.console_files import BUILT

pytestmark = pytest.mark.service

MOST_BYTES = 500_000
MOST_SECONDS = 10
"""A bound for a busy test machine; what was measured on a quiet one is in benchmarks/RESULTS.md."""
_IMPORTED = re.compile(r'(?:from|import)\s*"\./([\w.-]+\.js)"')


def test_the_first_load_is_small() -> None:
    if not (BUILT / "index.html").is_file():
        pytest.skip("the console is not built: make web")
    page = (BUILT / "index.html").read_text(encoding="utf-8")
    waiting = set(re.findall(r"/assets/([\w.-]+\.js)", page))
    fetched: set[str] = set()
    while waiting:
        name = waiting.pop()
        fetched.add(name)
        code = (BUILT / "assets" / name).read_text(encoding="utf-8")
        waiting |= set(_IMPORTED.findall(code)) - fetched
    size = sum(len(gzip.compress((BUILT / "assets" / name).read_bytes())) for name in fetched)
    assert 0 < size <= MOST_BYTES


@pytest.mark.parametrize("area", ["today", "people", "segments", "tags", "sources", "catalogue", "health"])
def test_an_area_is_there_soon(visitors: Visitors, area: str) -> None:
    visit = visitors.visit()
    visit.enter()
    page = visit.goto(f"/w/{SHOP}/{area}")
    expect(page.get_by_role("heading", level=1, name=words("en")["nav"][area])).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    seconds = float(page.evaluate("performance.now()")) / 1000
    assert seconds < MOST_SECONDS, f"{area}: {seconds:.2f} s"
