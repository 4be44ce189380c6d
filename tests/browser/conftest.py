"""A real server on a small shop, and a real Chromium that looks at it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright
from tests.browser.shop import SHOP
from tests.services.serving import serving

from perennial.api.console_files import BUILT

ROOT = Path(__file__).parents[2]
SECONDS = 60
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Scheme = Literal["light", "dark"]
expect.set_options(timeout=SECONDS * 1000)
"""A busy machine is no fault of a page: what is waited for comes, or the test fails after a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A serving process, its data directory and its local token."""

    process: subprocess.Popen[str]
    home: Path
    address: str
    token: str

    def link(self) -> str:
        """What `perennial console` prints."""
        made = subprocess.run(
            [sys.executable, "-m", "perennial", "--home", self.home, "console", "--json"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
        return json.loads(made.stdout)["url"]

    def get(self, path: str, workspace: str = SHOP) -> dict[str, object]:
        """The API's own answer, to compare a page with."""
        headers = {"authorization": f"Bearer {self.token}", "x-perennial-workspace": workspace}
        return httpx.get(f"{self.address}{path}", headers=headers).raise_for_status().json()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    home = tmp_path_factory.mktemp("console") / "home"
    subprocess.run(
        [sys.executable, "-m", "tests.browser.shop", home],
        cwd=ROOT,
        timeout=2 * SECONDS,
        check=True,
    )
    with serving(home, until="console: http://127.0.0.1:") as process:
        told = json.loads((home / "server.json").read_text(encoding="utf-8"))
        yield Server(process=process, home=home, address=told["address"], token=told["token"])


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("Chromium is not installed: make test-services")
    if not (BUILT / "index.html").is_file():
        pytest.skip("the console is not built: make web")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """One browser of one person, who hears every complaint of the pages it opens."""

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.context = context
        self.server = server
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page = self.open_page()

    def open_page(self) -> Page:
        """Another tab."""
        page = self.context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._note)
        return page

    def enter(self) -> Page:
        """Come in by a link."""
        self.page.goto(self.server.link())
        return self.page

    def goto(self, path: str) -> Page:
        """Open an address of the console."""
        self.page.goto(self.server.address + path)
        return self.page

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(f"{kind}: {text}")

    def _note(self, request: Request) -> None:
        self.requests.append(request.url)


class Visitors:
    """Makes visits: a fresh browser each, in a language and a colour scheme."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self._browser = browser
        self._server = server
        self._contexts: list[BrowserContext] = []

    def visit(self, language: str = "en", scheme: Scheme = "light", *, width: int = 1280) -> Visit:
        """A person with this language and colour scheme, before the console for the first time."""
        context = self._browser.new_context(
            locale={"en": "en-US"}.get(language, language),
            color_scheme=scheme,
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
        )
        self._contexts.append(context)
        return Visit(context, self._server)

    def close(self) -> None:
        """Everybody leaves."""
        for context in self._contexts:
            context.close()


@pytest.fixture
def visitors(chromium: Browser, server: Server) -> Iterator[Visitors]:
    gathered = Visitors(chromium, server)
    yield gathered
    gathered.close()
