"""What comes in, tags, and settings in a real browser: each area's main path, in both languages."""

import re
from collections.abc import Mapping
from typing import cast

import httpx
import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Scheme, Server, Visitors
from tests.browser.looks import LOOKS, choose, find_whole, look_at
from tests.browser.shop import PEOPLE, SHOP
from tests.browser.test_console_pages import heading, words

pytestmark = pytest.mark.service

in_both_languages = pytest.mark.parametrize(("language", "scheme"), LOOKS)


def send(server: Server, call: Mapping[str, object]) -> int:
    """Send what a client would, with the shop's first write key."""
    sources = cast("list[dict[str, list[dict[str, str]]]]", server.get("/api/sources")["sources"])
    key = sources[0]["keys"][0]["write_key"]
    return httpx.post(f"{server.address}/v1/track", auth=(key, ""), json=call).status_code


@in_both_languages
@pytest.mark.parametrize(
    "area", ["tags", "sources", "live", "rejects", "catalogue", "members", "approvals", "audit", "health"]
)
def test_an_area_is_whole(visitors: Visitors, language: str, scheme: Scheme, area: str) -> None:
    title = words(language)["nav"][area]
    look = look_at(visitors, f"/w/{SHOP}/{area}", title, language=language, scheme=scheme)
    find_whole(look)


@pytest.mark.parametrize("area", ["people", "segments", "tags", "sources", "rejects", "members", "health"])
def test_a_phone_can_read_an_area(visitors: Visitors, area: str) -> None:
    visit = visitors.visit(width=390)
    visit.enter()
    page = visit.goto(f"/w/{SHOP}/{area}")
    heading(page, words("en")["nav"][area])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@in_both_languages
def test_a_call_is_seen_as_it_arrives_and_a_refused_one_is_mended(
    visitors: Visitors, server: Server, language: str, scheme: Scheme
) -> None:
    say = words(language)
    live = look_at(visitors, f"/w/{SHOP}/live", say["nav"]["live"], language=language, scheme=scheme)
    main = live.page.get_by_role("main")
    expect(main).to_contain_text(cast("dict[str, str]", say["live"]["state"])["open"])
    call = {"userId": "p1", "properties": {"amount": 12}}
    assert send(server, {**call, "event": f"seen_{language}"}) == 200
    assert send(server, {**call, "messageId": f"nameless-{language}"}) == 400
    expect(main).to_contain_text(f"seen_{language}")
    expect(main).to_contain_text("missing_event")
    find_whole(live)

    path = f"/w/{SHOP}/rejects?q=nameless-{language}"
    refused = look_at(visitors, path, say["nav"]["rejects"], language=language, scheme=scheme)
    page = refused.page
    page.get_by_text(say["rejects"]["refused"], exact=True).first.click()
    page.get_by_label(say["rejects"]["change"]).fill(f"event: mended_{language}")
    page.get_by_role("button", name=say["rejects"]["retry"], exact=True).click()
    expect(page.get_by_text(say["rejects"]["replayed"], exact=True).first).to_be_visible()
    find_whole(refused)


@in_both_languages
def test_a_source_is_made_with_code_to_copy(
    visitors: Visitors, server: Server, language: str, scheme: Scheme
) -> None:
    say, name = words(language), f"web_{language}".lower()
    title = say["nav"]["sources"]
    look = look_at(visitors, f"/w/{SHOP}/sources", title, language=language, scheme=scheme)
    page = look.page
    page.get_by_role("button", name=say["sources"]["create"]).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(say["sources"]["name"]).fill(name)
    dialog.get_by_role("button", name=say["sources"]["create"]).click()
    panel = page.locator("section").filter(has=page.get_by_role("heading", name=name, exact=True))
    expect(panel).to_contain_text(f'src="{server.address}/p.js"')
    find_whole(look)
    panel.get_by_role("button", name=say["sources"]["revoke"]).click()
    page.get_by_role("tooltip").get_by_role("button", name=say["sources"]["revoke"]).click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_have_count(0)


@in_both_languages
def test_a_tag_is_made_from_a_preset_and_one_sees_first_who_would_change(
    visitors: Visitors, server: Server, language: str, scheme: Scheme
) -> None:
    say = words(language)
    path = f"/w/{SHOP}/tags/new"
    look = look_at(visitors, path, say["tags"]["create"], language=language, scheme=scheme)
    page, main = look.page, look.page.get_by_role("main")
    page.get_by_role("button", name="lifecycle", exact=True).click()
    expect(page.get_by_label(say["tags"]["id"], exact=True)).to_have_value("lifecycle")
    page.get_by_label(say["tags"]["id"], exact=True).fill(f"stage_{language}")
    page.get_by_label(say["tags"]["name"], exact=True).fill(f"Stage {language}")
    expect(main).to_contain_text(re.compile(rf"\b{PEOPLE}\b"))
    find_whole(look)
    page.get_by_role("button", name=say["action"]["save"], exact=True).click()
    heading(page, f"Stage {language}")
    page.get_by_role("button", name=say["tags"]["refresh"]).click()
    expect(main).to_contain_text("product_viewed")
    find_whole(look)
    tags = cast("list[dict[str, object]]", server.get("/api/tags")["tags"])
    assert f"stage_{language}" in [tag["id"] for tag in tags]


@in_both_languages
def test_somebody_is_invited_and_the_audit_log_says_so(
    visitors: Visitors, language: str, scheme: Scheme
) -> None:
    say, email = words(language), f"li.{language}@example.com".lower()
    title = say["nav"]["members"]
    look = look_at(visitors, f"/w/{SHOP}/members", title, language=language, scheme=scheme)
    page = look.page
    page.get_by_role("button", name=say["members"]["invite"]).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(say["members"]["email"]).fill(email)
    choose(page, say["members"]["roleHere"], cast("dict[str, str]", say["members"]["role"])["analyst"])
    dialog.get_by_role("button", name=say["members"]["invite"]).click()
    handed = page.get_by_role("dialog").filter(has_text=say["members"]["linkText"])
    expect(handed).to_contain_text("key=")
    page.keyboard.press("Escape")
    expect(page.get_by_role("main")).to_contain_text(email)
    find_whole(look)
    page.goto(page.url.replace("/members", "/audit"))
    heading(page, say["nav"]["audit"])
    page.get_by_text("invite_member").first.click()
    expect(page.get_by_role("main")).to_contain_text(cast("dict[str, str]", say["audit"]["side"])["after"])
    find_whole(look)


@in_both_languages
def test_somebody_is_erased_and_the_receipt_names_nobody(
    visitors: Visitors, server: Server, language: str, scheme: Scheme
) -> None:
    say, person = words(language), {"en": "p70", "zh-CN": "p71"}[language]
    path = f"/w/{SHOP}/people/{person}?tab=privacy"
    look = look_at(visitors, path, person, language=language, scheme=scheme)
    page = look.page
    page.get_by_role("button", name=say["person"]["erase"]).click()
    dialog = page.get_by_role("dialog")
    ok = dialog.get_by_role("button", name=say["person"]["erase"])
    expect(ok).to_be_disabled()
    dialog.get_by_label(say["person"]["eraseType"].replace("{{id}}", person)).fill(person)
    ok.click()
    heading(page, say["nav"]["privacy"])
    expect(page.get_by_role("main")).to_contain_text("era_")
    expect(page.get_by_role("main")).not_to_contain_text(person)
    assert [said for said in look.visit.complaints if "404" not in said] == []


def test_the_tour_has_five_steps_and_is_offered_once(visitors: Visitors) -> None:
    look = look_at(visitors, f"/w/{SHOP}/today", "Today", language="en")
    page = look.page
    page.get_by_role("button", name="Take the tour").click()
    for _ in range(4):
        page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Go anywhere")).to_be_visible()
    page.get_by_role("button", name="Finish").click()
    page.reload()
    heading(page, "Today")
    expect(page.get_by_role("button", name="Take the tour")).to_have_count(0)
    assert look.visit.complaints == []


def test_the_palette_leads_to_every_area(visitors: Visitors) -> None:
    look = look_at(visitors, f"/w/{SHOP}/today", "Today", language="en")
    for area in ("people", "segments", "tags", "sources", "privacy", "health"):
        look.page.keyboard.press("Control+k")
        look.page.get_by_placeholder(words("en")["palette"]["placeholder"]).fill(area)
        look.page.keyboard.press("Enter")
        heading(look.page, words("en")["nav"][area])
