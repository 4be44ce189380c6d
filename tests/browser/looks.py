"""What every page of the console is asked in every look: whole, readable by all, without a complaint."""

from dataclasses import dataclass

from playwright.sync_api import Page, expect
from tests.browser.conftest import Scheme, Visit, Visitors
from tests.browser.test_console_pages import heading, serious_faults

LOOKS: tuple[tuple[str, Scheme], ...] = (("en", "light"), ("zh-CN", "dark"))
"""Both languages and both schemes, each once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A page that is open, in a language."""

    visit: Visit
    page: Page
    language: str


def look_at(visitors: Visitors, path: str, title: str, *, language: str, scheme: Scheme = "light") -> Look:
    """Open a page and wait until it is whole."""
    visit = visitors.visit(language, scheme)
    visit.enter()
    page = visit.goto(path)
    if path.endswith("/live"):  # it never stops fetching
        expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    else:
        heading(page, title)
    return Look(visit=visit, page=page, language=language)


def find_whole(look: Look) -> None:
    """It fits the window, shuts nobody out, and the browser has nothing to complain of."""
    page = look.page
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "wider than the window"
    faults = [*serious_faults(page), *look.visit.complaints]
    assert not faults, faults


def choose(page: Page, label: str, option: str) -> None:
    """Choose from a drop-down list by its label."""
    page.get_by_role("combobox", name=label, exact=True).last.click()
    shown = page.locator(".ant-select-dropdown:visible .ant-select-item-option")
    shown.get_by_text(option, exact=True).click()
    expect(page.locator(".ant-select-dropdown:visible")).to_have_count(0)
