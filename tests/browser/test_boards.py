"""Boards in a real browser: from a template, pinned to, moved, filtered, written to files, shared."""

import base64
import os
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from playwright.sync_api import FloatRect, Page, expect
from tests.browser.conftest import Scheme, Server, Visitors
from tests.browser.looks import LOOKS, find_whole, look_at
from tests.browser.shop import SHOP
from tests.browser.test_console_pages import serious_faults, words

from perennial.kernel.clock import SystemClock

pytestmark = pytest.mark.service

PAGE = f"/w/{SHOP}/boards"
SHOTS = os.environ.get("BOARD_SHOTS", "")
"""A folder that pictures of the pages are put into, for whoever wants to look."""


ACCENT = "getComputedStyle(document.documentElement).getPropertyValue('--series-1').trim()"
COLOURED = """async ([drawing, colour]) => {
  const image = new Image();
  image.src = `data:image/png;base64,${drawing}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const wanted = colour.match(/[0-9a-f]{2}/gi).map((part) => parseInt(part, 16));
  const pixels = pen.getImageData(0, 0, image.width, image.height).data;
  let found = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    if (wanted.every((part, place) => pixels[at + place] === part)) found += 1;
  }
  return found;
}"""
"""How many points of a picture have a colour."""


def said(language: str) -> Mapping[str, str]:
    return words(language)["boards"]


def save(server: Server, board: Mapping[str, object]) -> None:
    headers = {"authorization": f"Bearer {server.token}", "x-perennial-workspace": SHOP}
    httpx.post(f"{server.address}/api/boards", json=board, headers=headers).raise_for_status()


def tile(name: str, x: int, y: int, **spec: object) -> dict[str, object]:
    return {"id": name, "title": name, "spec": spec, "layout": {"x": x, "y": y, "w": 6, "h": 8}}


def shop_board(name: str) -> dict[str, object]:
    return {
        "id": name,
        "name": name,
        "filters": {"range": {"last": "12w"}},
        "tiles": [
            tile("sales", 0, 0, kind="trend", series=[{"event": "order_paid", "count": "sum(amount)"}]),
            tile("funnel", 6, 0, kind="funnel", steps=["product_viewed", "add_to_cart", "order_paid"]),
            tile("refunds", 0, 8, kind="trend", series=[{"event": "refunded", "count": "total"}]),
        ],
    }


def picture(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def box_of(page: Page, name: str) -> FloatRect:
    found = page.locator(f"[data-tile={name}]").bounding_box()
    assert found is not None
    return found


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
def test_a_board_is_taken_from_a_template(visitors: Visitors, language: str, scheme: Scheme) -> None:
    told = said(language)
    title = words(language)["nav"]["boards"]
    look = look_at(visitors, PAGE, title, language=language, scheme=scheme)
    page = look.page
    page.get_by_role("button", name=told["fromTemplate"]).first.click()
    dialog = page.get_by_role("dialog")
    expect(
        dialog.get_by_role("button").filter(has_text="RFM").or_(dialog.locator("strong")).first
    ).to_be_visible()
    picture(page, f"templates-{language}")
    dialog.get_by_role("button").filter(has_text={"en": "E-commerce", "zh-CN": "电商"}[language]).click()
    dialog.get_by_role("button", name=told["take"]).click()
    expect(page.locator("[data-tile]")).to_have_count(6)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    # `sku` is no property of this shop's orders: the tile says so, and shows no number.
    expect(page.locator("[data-tile=together]")).to_contain_text("order_paid.sku")
    picture(page, f"board-{language}")
    find_whole(look)


def test_tiles_are_moved_by_pointer_and_by_keys_and_stay_where_they_were_put(
    visitors: Visitors, server: Server
) -> None:
    save(server, shop_board("moving"))
    told = said("en")
    page = look_at(visitors, f"{PAGE}/moving", "moving", language="en").page
    before = box_of(page, "sales")
    handle = page.get_by_role("button", name=told["move"].replace("{{title}}", "sales"))
    held = handle.bounding_box()
    assert held is not None
    page.mouse.move(held["x"] + 5, held["y"] + 5)
    page.mouse.down()
    page.mouse.move(held["x"] + 5 + before["width"], held["y"] + 5, steps=5)
    page.mouse.up()
    assert box_of(page, "sales")["x"] > before["x"] + before["width"] / 2
    corner = page.get_by_role("button", name=told["resize"].replace("{{title}}", "refunds"))
    height = box_of(page, "refunds")["height"]
    corner.focus()
    page.keyboard.press("ArrowDown")
    assert box_of(page, "refunds")["height"] > height
    page.get_by_role("button", name=told["save"], exact=True).click()
    expect(page.get_by_text(told["kept"])).to_be_visible()
    kept = {one["id"]: one["layout"] for one in document_of(server, "moving")["tiles"]}
    assert (kept["sales"]["x"], kept["refunds"]["h"]) == (6, 9)
    page.reload()
    expect(page.locator("[data-tile=sales] svg").first).to_be_visible()
    assert box_of(page, "sales")["x"] > before["x"] + before["width"] / 2


def document_of(server: Server, board: str) -> dict[str, Any]:
    found = server.get(f"/api/boards/{board}")["document"]
    return cast("dict[str, Any]", found)


def test_a_number_opens_its_people_and_a_tile_the_explorer(visitors: Visitors, server: Server) -> None:
    save(server, shop_board("numbers"))
    look = look_at(visitors, f"{PAGE}/numbers", "numbers", language="en")
    page = look.page
    number = (
        page.locator("[data-tile=funnel]").get_by_role("button").filter(has_text=re.compile(r"^\d+$")).first
    )
    count = int(number.inner_text())
    number.click()
    expect(page.get_by_role("dialog").get_by_role("listitem")).to_have_count(count)
    page.keyboard.press("Escape")
    page.locator("[data-tile=funnel]").get_by_role("link").click()
    expect(page.get_by_role("table")).to_be_visible()
    # The explorer asks what the board asked: the board's period is in the question.
    assert "12w" in page.url
    expect(page.get_by_role("table").get_by_role("button").first).to_have_text(str(count))


def test_what_the_explorer_shows_is_pinned(visitors: Visitors, server: Server) -> None:
    save(server, shop_board("pins"))
    look = look_at(visitors, f"/w/{SHOP}/insights", "Insights", language="en")
    page, told = look.page, said("en")
    page.get_by_role("button", name="Lifecycle", exact=True).click()
    page.get_by_role("button", name=told["pin"]).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").click()
    page.locator(".ant-select-dropdown:visible").get_by_title("pins").click()
    dialog.get_by_role("button", name=told["pin"]).click()
    dialog.get_by_role("status").get_by_role("link", name="pins").click()
    expect(page.locator("[data-tile=lifecycle]")).to_contain_text("Lifecycle")
    find_whole(look)


def test_a_question_is_kept_and_asked_again(visitors: Visitors, server: Server) -> None:
    look = look_at(visitors, f"/w/{SHOP}/insights", "Insights", language="en")
    page, told = look.page, words("en")["insights"]
    page.get_by_role("button", name="Stickiness", exact=True).click()
    page.get_by_role("button", name=told["keepQuestion"]).click()
    page.get_by_role("dialog").get_by_role("textbox").fill("How loyal")
    page.get_by_role("dialog").get_by_role("button", name=words("en")["action"]["save"]).click()
    expect(page.get_by_text(told["questionKept"])).to_be_visible()
    page.get_by_role("button", name="Trend", exact=True).click()
    page.get_by_role("combobox", name=told["keptQuestions"]).click()
    page.locator(".ant-select-dropdown:visible").get_by_title("How loyal").click()
    expect(page).to_have_url(re.compile("stickiness"))
    assert server.get("/api/insights/saved/how-loyal")["version"] == 1
    picture(page, "explorer")
    find_whole(look)


def test_filters_hold_for_all_tiles_and_are_kept_when_asked(visitors: Visitors, server: Server) -> None:
    save(server, shop_board("filters"))
    told = said("en")
    page = look_at(visitors, f"{PAGE}/filters", "filters", language="en").page
    page.get_by_role("combobox", name=told["period"]).click()
    page.locator(".ant-select-dropdown:visible").get_by_title("Last 7 days").click()
    expect(page).to_have_url(re.compile("last=7d"))
    page.get_by_role("button", name=told["keepFilters"]).click()
    page.get_by_role("button", name=told["save"], exact=True).click()
    expect(page.get_by_text(told["kept"])).to_be_visible()
    assert document_of(server, "filters")["filters"] == {"range": {"last": "7d"}}


def test_a_board_is_saved_as_a_picture_and_as_csv(visitors: Visitors, server: Server, tmp_path: Path) -> None:
    save(server, shop_board("files"))
    told = said("en")
    page = look_at(visitors, f"{PAGE}/files", "files", language="en").page
    expect(page.locator("[data-tile=sales] svg").first).to_be_visible()
    with page.expect_download() as drawn:
        page.get_by_role("button", name=told["picture"]).click()
    drawn.value.save_as(tmp_path / "board.png")
    drawing = base64.b64encode((tmp_path / "board.png").read_bytes()).decode()
    # The line of the chart is in it, in the colour of the page.
    assert page.evaluate(COLOURED, [drawing, page.evaluate(ACCENT)]) > 200
    if SHOTS:
        drawn.value.save_as(Path(SHOTS) / "exported.png")
    with page.expect_download() as written:
        page.get_by_role("button", name="CSV").click()
    written.value.save_as(tmp_path / "board.csv")
    text = (tmp_path / "board.csv").read_text(encoding="utf-8-sig")
    assert text.startswith("tile,title,kind,period,row,measure,value,incomplete,missing\n")
    assert "refunds,refunds,,,,,,,refunded" in text


@pytest.mark.parametrize(("language", "scheme"), LOOKS)
def test_a_link_opens_the_board_without_a_session(
    visitors: Visitors, server: Server, language: str, scheme: Scheme
) -> None:
    name = f"shared-{language}"
    save(server, shop_board(name))
    told = said(language)
    page = look_at(visitors, f"{PAGE}/{name}", name, language=language, scheme=scheme).page
    page.get_by_role("button", name=told["share"]).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=told["makeLink"]).click()
    address = dialog.locator("code").inner_text()
    picture(page, f"share-{language}")
    # A rehearsal's own clock stands still; links end by the world's.
    [share] = cast("list[dict[str, str]]", server.get(f"/api/boards/{name}/shares")["shares"])
    assert datetime.fromisoformat(share["expires_at"]) > SystemClock().now()
    assert serious_faults(page) == []
    stranger = visitors.visit(language, scheme)
    stranger.page.goto(address)
    seen = stranger.page
    expect(seen.get_by_role("heading", level=1, name=name)).to_be_visible()
    expect(seen.locator("[data-tile=sales] svg").first).to_be_visible()
    expect(seen.locator("[data-tile=refunds]")).to_contain_text("refunded")
    # Nothing in it can be opened, and the secret was in no address that was asked for.
    expect(seen.get_by_role("button")).to_have_count(0)
    secret = address.partition("#")[2]
    assert [one for one in stranger.requests if secret in one and not one.startswith(f"{address}")] == []
    assert serious_faults(seen) == []
    assert stranger.complaints == []
    picture(seen, f"shared-{language}")
    dialog.get_by_role("button", name=told["revoke"]).click()
    page.get_by_role("tooltip").get_by_role("button", name=told["revoke"]).click()
    expect(dialog.get_by_text(told["over"])).to_be_visible()
    later = visitors.visit(language, scheme)
    later.page.goto(address)
    expect(later.page.get_by_text(told["linkOver"])).to_be_visible()


def test_the_second_of_two_who_save_sees_both(visitors: Visitors, server: Server) -> None:
    save(server, shop_board("two"))
    told = said("en")
    page = look_at(visitors, f"{PAGE}/two", "two", language="en").page
    page.get_by_role("button", name=told["takeOff"].replace("{{title}}", "refunds")).click()
    save(server, {**shop_board("two"), "description": "Somebody else was here"})
    page.get_by_role("button", name=told["save"], exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Somebody else was here")
    dialog.get_by_role("button", name=words("en")["conflict"]["takeTheirs"]).click()
    expect(page.get_by_text("Somebody else was here")).to_be_visible()
    expect(page.locator("[data-tile=refunds]")).to_be_visible()


def test_a_board_fits_a_phone(visitors: Visitors, server: Server) -> None:
    save(server, shop_board("narrow"))
    visit = visitors.visit(width=390)
    visit.enter()
    page = visit.goto(f"{PAGE}/narrow")
    expect(page.locator("[data-tile=sales] svg").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert serious_faults(page) == []
    picture(page, "narrow")
