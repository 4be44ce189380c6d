"""`/p.js` on a page of another origin, in a real Chromium: what happens there arrives, once."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import monotonic

import pytest
from playwright.sync_api import Browser, Page, Route
from tests.browser.conftest import SECONDS, Server

pytestmark = pytest.mark.service

_NOTHING_WAITS = "() => JSON.parse(localStorage.prn_queue || '[]').length === 0"


class _Shop(BaseHTTPRequestHandler):
    """A page that says what every page of it says."""

    document = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.document)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name in the class above
        """Say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A page with the snippet, and the workspace it sends to."""

    page: Page
    address: str
    workspace: str
    server: Server

    def visit(self, path: str = "/") -> Page:
        """Open a page."""
        self.page.goto(self.address + path)
        return self.page

    def settle(self) -> None:
        """Wait until nothing is left to send."""
        self.page.wait_for_function(_NOTHING_WAITS)

    def count(self, event: str) -> object:
        """How often something happened, by the server."""
        return self.server.get(f"/api/events/count?event={event}&wait=accepted", self.workspace)["events"]

    def rejects(self) -> object:
        """What was refused, by the server."""
        return self.server.get("/api/rejects", self.workspace)["rejects"]


@pytest.fixture
def shop(chromium: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Shop]:
    workspace = request.node.name.replace("test_", "")[:40]
    command = (sys.executable, "-m", "perennial", "--home", server.home, "--workspace", workspace)
    made = subprocess.run(
        [*command, "init", "--json"], capture_output=True, text=True, timeout=SECONDS, check=True
    )
    key = json.loads(made.stdout)["write_key"]
    early = '<script>perennial = [["track", "Early", { "名": "茶" }]]</script>'
    snippet = f'<script async src="{server.address}/p.js" data-key="{key}"></script>'
    button = '<button data-track="Bought">Buy</button><a href="#">Other</a>'
    _Shop.document = f"<!doctype html><title>Tea</title>{early}{snippet}{button}".encode()
    pages = ThreadingHTTPServer(("127.0.0.1", 0), _Shop)
    serving = Thread(target=pages.serve_forever)
    serving.start()
    context = chromium.new_context()
    try:
        page = context.new_page()
        page.set_default_timeout(20_000)
        yield Shop(
            page=page,
            address=f"http://127.0.0.1:{pages.server_port}",
            workspace=workspace,
            server=server,
        )
    finally:
        context.close()
        pages.shutdown()
        serving.join()
        pages.server_close()


def test_views_clicks_and_what_was_said_before_it_loaded_arrive(shop: Shop) -> None:
    page = shop.visit()
    page.wait_for_function("() => !Array.isArray(perennial)")
    page.click("button")
    page.click("a")
    page.evaluate("history.pushState({}, '', '/basket')")
    page.evaluate("perennial.identify('p1', { city: '上海' })")
    shop.settle()

    assert [shop.count(event) for event in ("page", "Early", "Bought", "click")] == [2, 1, 1, 0]
    assert shop.rejects() == []


def test_a_visitor_and_a_session_last_from_page_to_page(shop: Shop) -> None:
    def known() -> object:
        shop.page.wait_for_function("() => !Array.isArray(perennial)")
        shop.settle()
        return shop.page.evaluate("[localStorage.prn_visitor, JSON.parse(localStorage.prn_session).id]")

    shop.visit()
    first = known()
    shop.visit("/basket")

    assert known() == first
    assert shop.count("page") == 2
    shop.page.evaluate("perennial.reset(); perennial.track('Left')")
    assert known() != first


def test_what_could_not_be_sent_is_sent_by_a_later_page_once(shop: Shop) -> None:
    shop.page.route("**/v1/batch", lambda route: route.abort())
    shop.visit()
    shop.page.wait_for_function("() => JSON.parse(localStorage.prn_queue || '[]').length === 2")
    shop.page.unroute("**/v1/batch")
    shop.visit("/basket")
    shop.page.wait_for_function("() => !Array.isArray(perennial)")
    shop.settle()

    assert [shop.count("page"), shop.count("Early")] == [2, 2]


def test_a_server_that_is_busy_is_asked_again(shop: Shop) -> None:
    answers = iter([503, 429])

    def busy(route: Route) -> None:
        status = next(answers, None)
        if status is None:
            route.continue_()
        else:
            headers = {"retry-after": "1", "access-control-allow-origin": "*"}
            route.fulfill(status=status, headers=headers)

    shop.page.route("**/v1/batch", busy)
    shop.visit()
    shop.page.wait_for_function("() => !Array.isArray(perennial)")
    shop.settle()

    assert next(answers, None) is None
    assert [shop.count("page"), shop.count("Early")] == [1, 1]


def test_nobody_is_no_user_and_an_unknown_name_stops_nothing(shop: Shop) -> None:
    page = shop.visit()
    page.wait_for_function("() => !Array.isArray(perennial)")
    page.evaluate(
        "perennial.push(['tracc', 'Lost']); perennial.identify(null); perennial.identify(undefined)"
    )
    page.evaluate("perennial.track('Seen')")
    shop.settle()

    assert page.evaluate("localStorage.prn_user") is None
    assert (shop.count("Seen"), shop.rejects()) == (1, [])


def test_a_snippet_included_twice_sees_everything_once(shop: Shop) -> None:
    page = shop.visit()
    page.wait_for_function("() => !Array.isArray(perennial)")
    page.evaluate(
        """() => new Promise((loaded) => {
            const first = document.querySelector("script[data-key]");
            const again = document.createElement("script");
            Object.assign(again.dataset, first.dataset);
            again.onload = again.onerror = loaded;
            again.src = first.src;
            document.head.append(again);
        })"""
    )
    page.click("button")
    shop.settle()

    assert (shop.count("page"), shop.count("Bought")) == (1, 1)


def test_a_busy_page_sends_while_it_is_busy(shop: Shop) -> None:
    page = shop.visit()
    page.wait_for_function("() => !Array.isArray(perennial)")
    shop.settle()
    with page.expect_response("**/v1/batch"):
        # Never 200 ms without a call, for as long as it takes until something is sent.
        page.evaluate("window.busy = setInterval(() => perennial.track('Tick'), 50)")
    page.evaluate("clearInterval(window.busy)")
    shop.settle()

    assert shop.rejects() == []


def test_however_busy_a_page_is_it_waits_as_long_as_a_server_asks(shop: Shop) -> None:
    asked: list[float] = []

    def busy(route: Route) -> None:
        asked.append(monotonic())
        if len(asked) > 1:
            route.continue_()
            return
        headers = {
            "retry-after": "2",
            "access-control-allow-origin": "*",
            "access-control-expose-headers": "retry-after",
        }
        route.fulfill(status=429, headers=headers)

    shop.page.route("**/v1/batch", busy)
    page = shop.visit()
    page.wait_for_function("() => !Array.isArray(perennial)")
    page.evaluate("window.busy = setInterval(() => perennial.track('Tick'), 50)")
    page.wait_for_function(
        "() => JSON.parse(localStorage.prn_queue || '[]').every((c) => c.event !== 'Early')"
    )
    page.evaluate("clearInterval(window.busy)")
    shop.settle()

    assert asked[1] - asked[0] >= 2
    assert shop.rejects() == []
