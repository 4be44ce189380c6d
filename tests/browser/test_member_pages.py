"""Members in a real browser: the first owner comes by a link, leaves, and signs in again."""

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Server, Visitors
from tests.browser.test_console_pages import heading, serious_faults

pytestmark = pytest.mark.service

PASSWORD = "four words of mei"


def fill(page: Page, fields: dict[str, str], button: str) -> None:
    for name, value in fields.items():
        page.locator(f"input[name={name}]").fill(value)
    assert serious_faults(page) == []
    page.get_by_role("button", name=button).click()


def test_the_first_owner_comes_in_leaves_and_signs_in_again(visitors: Visitors, server: Server) -> None:
    headers = {"authorization": f"Bearer {server.token}"}
    link = (
        httpx.post(f"{server.address}/api/members/set-up", headers=headers).raise_for_status().json()["url"]
    )
    visit = visitors.visit("en")
    page = visit.page
    page.goto(link)
    fill(page, {"email": "mei@example.com", "password": PASSWORD}, "Enter")
    heading(page, "Today")
    (cookie,) = visit.context.cookies()
    assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Lax")
    assert visit.complaints == []

    visit.context.clear_cookies()
    visit.goto("/sign-in")
    fill(page, {"email": "mei@example.com", "password": "not the password"}, "Sign in")
    expect(page.get_by_role("alert")).to_contain_text("邮箱或密码不正确")
    fill(page, {"email": "mei@example.com", "password": PASSWORD}, "Sign in")
    heading(page, "Today")
    assert page.evaluate("document.cookie") == ""
