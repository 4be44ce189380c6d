"""People and segments in a real browser: somebody found, asked why, filtered; a segment built and changed."""

import json
import re
from typing import cast
from urllib.parse import quote

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Scheme, Server, Visitors
from tests.browser.looks import LOOKS, choose, find_whole, look_at
from tests.browser.shop import PEOPLE, SHOP
from tests.browser.test_console_pages import heading, serious_faults, words

pytestmark = pytest.mark.service

in_both_languages = pytest.mark.parametrize(("language", "scheme"), LOOKS)
BUYERS = "Bought in the last week"


@in_both_languages
def test_somebody_is_found_and_their_page_tells_all(
    visitors: Visitors, language: str, scheme: Scheme
) -> None:
    say = words(language)
    look = look_at(visitors, f"/w/{SHOP}/people", say["nav"]["people"], language=language, scheme=scheme)
    page = look.page
    expect(page.get_by_role("main")).to_contain_text(str(PEOPLE))
    find_whole(look)
    page.get_by_placeholder(say["people"]["search"]).fill("p9@")
    expect(page.get_by_role("link", name="p0", exact=True)).to_have_count(0)
    page.get_by_role("link", name="p9", exact=True).click()
    heading(page, "p9")
    main = page.get_by_role("main")
    expect(main).to_contain_text("p9@example.invalid")
    expect(main).to_contain_text("add_to_cart")
    find_whole(look)
    page.get_by_role("tab", name=say["person"]["messages"], exact=True).click()
    expect(page).to_have_url(re.compile("tab=messages$"))
    page.locator(".ant-table-row").first.click()
    expect(main).to_contain_text("message_")
    page.get_by_role("tab", name=say["nav"]["journeys"], exact=True).click()
    expect(main.get_by_role("heading", name="Rescue of left carts")).to_be_visible()
    find_whole(look)


@in_both_languages
def test_why_somebody_is_not_in_a_segment_is_answered(
    visitors: Visitors, server: Server, language: str, scheme: Scheme
) -> None:
    say = words(language)
    path = f"/w/{SHOP}/people/p1?tab=segments"
    look = look_at(visitors, path, "p1", language=language, scheme=scheme)
    choose(look.page, say["person"]["segment"], BUYERS)
    look.page.get_by_role("button", name=say["why"]["of"].replace("{{title}}", "buyers")).click()
    sentence = cast("dict[str, dict[str, str]]", server.get("/api/segments/buyers"))["sentence"][language]
    expect(look.page.get_by_role("dialog")).to_contain_text(sentence.rstrip(".。"))
    assert serious_faults(look.page) == []


def test_people_are_filtered_by_a_condition_that_stands_in_the_address(visitors: Visitors) -> None:
    where = quote(json.dumps({"trait": "tier", "is": "gold"}))
    look = look_at(visitors, f"/w/{SHOP}/people?where={where}", "People", language="en")
    main = look.page.get_by_role("main")
    expect(main).to_contain_text("The person has a trait tier that is “gold”.")
    expect(main).to_contain_text(f"{PEOPLE // 4} people")
    look.page.get_by_role("button", name="Save as a segment").click()
    heading(look.page, "New segment")
    expect(look.page.get_by_role("main")).to_contain_text("The person has a trait tier that is “gold”.")
    assert look.visit.complaints == []


@in_both_languages
def test_a_segment_is_built_by_hand_counted_and_saved(
    visitors: Visitors, server: Server, language: str, scheme: Scheme
) -> None:
    say = words(language)
    path = f"/w/{SHOP}/segments/new"
    look = look_at(visitors, path, say["segments"]["create"], language=language, scheme=scheme)
    page, main = look.page, look.page.get_by_role("main")
    page.get_by_label(say["segments"]["name"], exact=True).fill(f"Viewers {language}")
    page.get_by_role("button", name=say["condition"]["add"]).click()
    page.get_by_role("menuitem", name=cast("dict[str, str]", say["condition"]["form"])["did"]).click()
    event = page.get_by_role("combobox", name=say["condition"]["event"], exact=True)
    event.fill("product_viewed")
    event.press("Escape")
    expect(main).to_contain_text(re.compile(f"{PEOPLE}.*product_viewed", re.DOTALL))
    find_whole(look)
    page.get_by_role("button", name=say["action"]["undo"]).click()
    page.get_by_role("button", name=say["action"]["redo"]).click()
    page.get_by_text(cast("dict[str, str]", say["segments"]["viewOf"])["text"], exact=True).click()
    text = page.get_by_role("textbox", name=say["segments"]["document"])
    expect(text).to_have_value(re.compile("product_viewed"))
    text.fill(text.input_value().replace("30d", "3d"))
    page.get_by_text(cast("dict[str, str]", say["segments"]["viewOf"])["picture"], exact=True).click()
    expect(page.get_by_role("spinbutton", name=say["condition"]["when"])).to_have_value("3")
    page.get_by_role("button", name=say["segments"]["saveNew"]).click()
    heading(page, f"Viewers {language}")
    saved = f"viewers_{language.lower()}"
    assert server.get(f"/api/segments/{saved}")["condition"] == {
        "all": [{"did": "product_viewed", "within": "3d"}]
    }
    find_whole(look)


def test_a_mistake_is_shown_where_it_is_and_unsaved_work_outlives_a_reload(visitors: Visitors) -> None:
    look = look_at(visitors, f"/w/{SHOP}/segments/new", "New segment", language="en")
    page = look.page
    page.get_by_label("Name", exact=True).fill("Half done")
    page.get_by_text("Text", exact=True).click()
    page.get_by_role("textbox", name="The segment’s document").fill(
        "id: half_done\nname: Half done\ncondition: {all: [{did: order_paid, times: lots}]}\n"
    )
    page.get_by_text("Picture", exact=True).click()
    expect(page.locator("[role=alert]").first).to_contain_text("lots")
    page.reload()
    heading(page, "New segment")
    expect(page.get_by_role("main")).to_contain_text("Your unsaved work is back.")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Half done")


def test_a_session_that_ends_while_one_builds_leads_back_to_the_work(visitors: Visitors) -> None:
    look = look_at(visitors, f"/w/{SHOP}/segments/new", "New segment", language="en")
    page = look.page
    page.get_by_label("Name", exact=True).fill("Kept over")
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_role("menuitem", name="First or last active").click()
    expect(page.get_by_role("main")).to_contain_text("was last seen")
    look.visit.context.clear_cookies()
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_text(words("en")["session"]["endedTitle"])).to_be_visible()
    look.visit.enter()
    heading(page, "New segment")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Kept over")
    page.get_by_role("button", name="Create", exact=True).click()
    heading(page, "Kept over")


def test_without_a_network_the_work_stays_and_is_saved_once_there_is_one(visitors: Visitors) -> None:
    look = look_at(visitors, f"/w/{SHOP}/segments/new", "New segment", language="en")
    page = look.page
    page.get_by_label("Name", exact=True).fill("Through a tunnel")
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_role("menuitem", name="First or last active").click()
    expect(page.get_by_role("main")).to_contain_text("was last seen")
    look.visit.context.set_offline(True)
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_text(words("en")["connection"]["lost"])).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Through a tunnel")
    look.visit.context.set_offline(False)
    heading(page, "Through a tunnel")


def test_what_somebody_else_saved_meanwhile_is_shown_beside_ones_own(
    visitors: Visitors, server: Server
) -> None:
    first = look_at(visitors, f"/w/{SHOP}/segments/new", "New segment", language="en")
    first.page.get_by_text("Text", exact=True).click()
    document = "id: shared\ncondition: {did: order_paid}\n"
    first.page.get_by_role("textbox", name="The segment’s document").fill(document)
    first.page.get_by_role("button", name="Create", exact=True).click()
    heading(first.page, "shared")
    edit = f"/w/{SHOP}/segments/shared/edit"
    mine = look_at(visitors, edit, "Change “shared”", language="en")
    theirs = look_at(visitors, edit, "Change “shared”", language="en")
    for look, name in ((theirs, "Theirs"), (mine, "Mine")):
        look.page.get_by_label("Name", exact=True).fill(name)
        look.page.get_by_role("button", name="Save", exact=True).click()
        if look is theirs:
            heading(look.page, "Theirs")
    dialog = mine.page.get_by_role("dialog")
    expect(dialog).to_contain_text("name: Mine")
    expect(dialog).to_contain_text("name: Theirs")
    dialog.get_by_role("button", name="Save mine over it").click()
    heading(mine.page, "Mine")
    assert server.get("/api/segments/shared")["name"] == "Mine"


@in_both_languages
def test_segments_are_listed_with_what_they_ask(visitors: Visitors, language: str, scheme: Scheme) -> None:
    title = words(language)["nav"]["segments"]
    look = look_at(visitors, f"/w/{SHOP}/segments", title, language=language, scheme=scheme)
    expect(look.page.get_by_role("main")).to_contain_text("order_paid")
    find_whole(look)
    look.page.get_by_role("main").get_by_role("link", name=BUYERS).first.click()
    heading(look.page, BUYERS)
    find_whole(look)
