"""The console in a real browser: both pages, both languages, light and dark, and the way in and out."""

import json
import re
from collections.abc import Mapping
from typing import cast

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.browser.conftest import ROOT, Scheme, Server, Visitors
from tests.browser.shop import JOURNEY, PEOPLE, SHOP

pytestmark = pytest.mark.service

LANGUAGES = ("en", "zh-CN")
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
TODAY, PICTURE = f"/w/{SHOP}/today", f"/w/{SHOP}/journeys/{JOURNEY}"
HEADINGS = {
    "en": {"/": "Today", TODAY: "Today", PICTURE: "Rescue of left carts"},
    "zh-CN": {"/": "今日", TODAY: "今日", PICTURE: "Rescue of left carts"},
}
every_look = pytest.mark.parametrize(
    ("language", "scheme"), [(language, scheme) for language in LANGUAGES for scheme in SCHEMES]
)


def words(language: str) -> Mapping[str, Mapping[str, str]]:
    """What the console says in a language, by key."""
    file = ROOT / "web" / "src" / "locales" / f"{language}.json"
    return cast("Mapping[str, Mapping[str, str]]", json.loads(file.read_text(encoding="utf-8")))


def heading(page: Page, name: str) -> None:
    """Wait until a page is there and has nothing more to fetch."""
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    page.wait_for_load_state("networkidle")


def serious_faults(page: Page) -> list[str]:
    """What axe finds that keeps somebody out."""
    found = cast("list[dict[str, object]]", Axe().run(page).response["violations"])  # axe's own document
    return [
        f"{fault['id']}: {fault['help']} {cast('list[dict[str, object]]', fault['nodes'])[0]['target']}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


@every_look
@pytest.mark.parametrize("path", [TODAY, PICTURE])
def test_a_page_is_whole_in_every_look(visitors: Visitors, language: str, scheme: Scheme, path: str) -> None:
    visit = visitors.visit(language, scheme)
    visit.enter()
    page = visit.goto(path)
    heading(page, HEADINGS[language][path])
    assert page.locator("html").get_attribute("lang") == language
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert serious_faults(page) == []
    assert visit.complaints == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_today_shows_what_the_api_counts(visitors: Visitors, server: Server, language: str) -> None:
    visit = visitors.visit(language)
    visit.enter()
    page = visit.goto(TODAY)
    heading(page, HEADINGS[language][TODAY])
    told = server.get("/api/today")
    main = page.get_by_role("main")
    expect(main).to_contain_text(str(told["people"]))
    expect(main).to_contain_text(f"{told['events']:,}")
    expect(main).to_contain_text("Bought in the last week")
    expect(main).to_contain_text("add_to_cart")
    expect(main.get_by_role("link", name=re.compile("Rescue of left carts")).first).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_journey_is_drawn_with_its_counts(visitors: Visitors, server: Server, language: str) -> None:
    visit = visitors.visit(language)
    visit.enter()
    page = visit.goto(PICTURE)
    heading(page, HEADINGS[language][PICTURE])
    told = cast("Mapping[str, Mapping[str, int]]", server.get(f"/api/journeys/{JOURNEY}")["nodes"])
    for node in ("pause", "worth", "write", "call", "rest", "done"):
        drawn = page.locator(f'.react-flow__node[data-id="{node}"]')
        expect(drawn).to_be_visible()
        expect(drawn).to_contain_text(str(told[node]["entered"]))
    assert told["pause"]["entered"] == PEOPLE
    readout = cast("Mapping[str, Mapping[str, str]]", server.get(f"/api/journeys/{JOURNEY}/read"))
    expect(page.get_by_role("main")).to_contain_text(readout["sentence"][language])


def test_a_journey_is_paused_once_one_has_read_whom_that_touches_and_runs_on(
    visitors: Visitors, server: Server
) -> None:
    visit = visitors.visit()
    visit.enter()
    page = visit.goto(PICTURE)
    heading(page, HEADINGS["en"][PICTURE])
    title, asked = page.get_by_role("main").locator("header"), page.get_by_role("tooltip")
    title.get_by_role("button", name="Pause").click()
    expect(asked).to_contain_text("keep their place")
    asked.get_by_role("button", name="Pause").click()
    expect(title).to_contain_text("Paused")
    assert server.get(f"/api/journeys/{JOURNEY}")["state"] == "paused"
    title.get_by_role("button", name="Resume").click()
    asked.get_by_role("button", name="Resume").click()
    expect(title).to_contain_text("Live")
    assert server.get(f"/api/journeys/{JOURNEY}")["state"] == "live"
    assert visit.complaints == []


def test_the_frame_of_a_page_does_not_wait_for_the_numbers_of_today(visitors: Visitors) -> None:
    visit = visitors.visit()
    visit.enter()
    heading(visit.page, HEADINGS["en"]["/"])
    visit.requests.clear()
    page = visit.goto(PICTURE)
    heading(page, HEADINGS["en"][PICTURE])
    expect(page.get_by_role("navigation").get_by_role("link", name="Rescue of left carts")).to_be_visible()
    assert [url for url in visit.requests if url.endswith("/api/today")] == []


def test_messages_of_controls_count_as_withheld_on_both_pages(visitors: Visitors, server: Server) -> None:
    today = cast("list[dict[str, object]]", server.get("/api/today")["messages"])
    readout = cast("Mapping[str, int]", server.get(f"/api/journeys/{JOURNEY}/read")["messages"])
    assert {"state": "withheld", "count": readout["withheld"]} in today
    assert readout["withheld"] > 0
    visit = visitors.visit()
    visit.enter()
    for path in (TODAY, PICTURE):
        page = visit.goto(path)
        heading(page, HEADINGS["en"][path])
        expect(page.get_by_role("main")).to_contain_text("control group: recorded, not sent")


def test_a_link_leads_in_once_and_says_so_the_second_time(visitors: Visitors, server: Server) -> None:
    link = server.link()
    first, second = visitors.visit(), visitors.visit("zh-CN")
    first.page.goto(link)
    expect(first.page).to_have_url(re.compile("/w/[a-z]+/today$"))
    assert "key=" not in first.page.url
    second.page.goto(link)
    expect(second.page.get_by_text("此链接已失效")).to_be_visible()
    expect(second.page.get_by_text("perennial console").first).to_be_visible()
    assert second.context.cookies() == []


def test_without_a_session_the_page_says_how_to_get_one_and_comes_back_to_the_place(
    visitors: Visitors,
) -> None:
    visit = visitors.visit()
    page = visit.goto(PICTURE)
    expect(page.get_by_text(words("en")["session"]["endedTitle"])).to_be_visible()
    expect(page.get_by_text("perennial console", exact=True)).to_be_visible()
    visit.enter()
    heading(page, "Rescue of left carts")
    expect(page).to_have_url(re.compile(PICTURE + "$"))


def test_the_session_is_no_business_of_scripts_and_ends_when_one_logs_out(visitors: Visitors) -> None:
    visit = visitors.visit()
    page = visit.enter()
    heading(page, "Today")
    assert page.evaluate("document.cookie") == ""
    [cookie] = visit.context.cookies()
    assert (cookie.get("httpOnly"), cookie.get("sameSite"), cookie.get("path")) == (True, "Strict", "/")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text(words("en")["session"]["endedTitle"])).to_be_visible()
    assert visit.context.cookies() == []
    copy = f"{cookie.get('name')}={cookie.get('value')}"
    late = visit.context.request.get(f"{visit.server.address}/api/today", headers={"cookie": copy})
    assert (late.status, late.json()["code"]) == (401, "session_missing")


def test_the_keyboard_alone_leads_to_a_journey(visitors: Visitors) -> None:
    visit = visitors.visit()
    visit.enter()
    page = visit.goto(TODAY)
    heading(page, "Today")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type("left carts")
    page.keyboard.press("Enter")
    heading(page, "Rescue of left carts")
    assert visit.complaints == []


def test_one_can_go_to_the_other_workspace_and_from_it_to_its_journey(visitors: Visitors) -> None:
    visit = visitors.visit()
    page = visit.enter()
    page.goto(page.url.replace(f"/w/{SHOP}/", "/w/default/"))
    heading(page, "Today")
    page.get_by_role("combobox", name="Workspace").click()
    page.locator(".ant-select-item-option", has_text=SHOP).click()
    expect(page).to_have_url(re.compile(TODAY + "$"))
    page.get_by_role("navigation").get_by_role("link", name="Rescue of left carts").click()
    heading(page, "Rescue of left carts")
    page.get_by_role("navigation").get_by_role("link", name="Journeys", exact=True).click()
    heading(page, "Journeys")
    page.go_back()
    heading(page, "Rescue of left carts")
    assert visit.complaints == []


def test_language_and_appearance_are_chosen_and_remembered(visitors: Visitors) -> None:
    visit = visitors.visit()
    page = visit.enter()
    heading(page, "Today")
    page.get_by_role("button", name="Language").click()
    page.get_by_role("menuitem", name="简体中文").click()
    heading(page, "今日")
    page.get_by_role("button", name="外观").click()
    page.get_by_role("menuitem", name="深色").click()
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.reload()
    heading(page, "今日")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == before
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert visit.complaints == []


@pytest.mark.parametrize("path", [TODAY, PICTURE])
def test_nothing_is_fetched_from_elsewhere(visitors: Visitors, server: Server, path: str) -> None:
    visit = visitors.visit()
    visit.enter()
    heading(visit.goto(path), HEADINGS["en"][path])
    foreign = [url for url in visit.requests if not url.startswith((server.address, "data:", "blob:"))]
    assert foreign == []


@pytest.mark.parametrize("path", ["/w/default/nowhere", "/w/nobodys/today", "/w/default/journeys/none"])
def test_an_address_that_leads_nowhere_says_so(visitors: Visitors, path: str) -> None:
    visit = visitors.visit()
    visit.enter()
    page = visit.goto(path)
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("main")).not_to_be_empty()
    assert not [said for said in visit.complaints if "Failed to load resource" not in said]


@pytest.mark.parametrize("path", [TODAY, PICTURE])
def test_a_phone_can_read_it(visitors: Visitors, path: str) -> None:
    visit = visitors.visit(width=390)
    visit.enter()
    page = visit.goto(path)
    heading(page, HEADINGS["en"][path])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
