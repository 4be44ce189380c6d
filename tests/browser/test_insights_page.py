"""The explorer in a real browser: ask, look, open the people behind a number, keep them."""

from collections.abc import Mapping
from typing import cast

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Scheme, Visitors
from tests.browser.shop import SHOP
from tests.browser.test_console_pages import every_look, heading, serious_faults, words

pytestmark = pytest.mark.service

PAGE = f"/w/{SHOP}/insights"


@every_look
def test_a_question_is_answered_and_its_people_are_opened(
    visitors: Visitors, language: str, scheme: Scheme
) -> None:
    said = words(language)["insights"]
    visit = visitors.visit(language, scheme)
    visit.enter()
    page = visit.goto(PAGE)
    heading(page, str(said["title"]))
    kinds = cast("Mapping[str, str]", said["kinds"])
    for kind in ("trend", "funnel", "retention", "lifecycle", "paths"):
        page.get_by_role("button", name=kinds[kind], exact=True).click()
        expect(page.get_by_role("table", name=kinds[kind]).get_by_role("button").first).to_be_visible()
        page.wait_for_load_state("networkidle")
    page.get_by_role("button", name=kinds["funnel"], exact=True).click()
    number = page.get_by_role("table", name=kinds["funnel"]).get_by_role("button").first
    count = number.inner_text()
    number.click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("listitem")).to_have_count(int(count))
    drawer.get_by_role("textbox").fill(f"kept-{language}-{scheme}")
    drawer.get_by_role("button", name=str(said["keep"])).click()
    expect(drawer.get_by_role("status")).to_contain_text(f"kept-{language}-{scheme}")
    assert serious_faults(page) == []
    assert visit.complaints == []
