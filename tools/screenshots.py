"""Pictures of both pages for the README, in both languages, light and dark, from a demo's data directory.

`python tools/screenshots.py HOME` serves a home that `perennial --home HOME demo --once` has made.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, expect, sync_playwright

IMAGES = Path(__file__).parent.parent / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
PAGES = {
    "today": "/w/demo_replay/today",
    "journey": "/w/demo_replay/journeys/spending_rescue",
}
LOCALES = {"zh": "zh-CN", "en": "en-US"}
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


def command(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "perennial", "--home", str(home), *words]


def take(browser: Browser, home: Path, address: str, locale: str, scheme: Scheme) -> None:
    """Come in as somebody with this language and colour scheme, and take a picture of each page."""
    made = subprocess.run(command(home, "console", "--json"), capture_output=True, text=True, check=True)
    context = browser.new_context(
        locale=LOCALES[locale],
        color_scheme=scheme,
        viewport={"width": 1280, "height": 860},
        device_scale_factor=1.5,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(json.loads(made.stdout)["url"])
    for name, path in PAGES.items():
        page.goto(address + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=30_000)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        page.screenshot(path=IMAGES / f"{name}-{locale}-{scheme}.png", animations="disabled")
    context.close()


def main(home: Path) -> int:
    """Serve the home, take eight pictures, stop."""
    IMAGES.mkdir(exist_ok=True)
    served = subprocess.Popen(command(home, "serve", "--port", "0"), stderr=subprocess.PIPE, text=True)
    with served, sync_playwright() as driver:
        try:
            lines = served.stderr or ()
            found = next(
                match for line in lines if (match := re.search(r"console: (http://\S+)/enter", line))
            )
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            for locale in LOCALES:
                for scheme in SCHEMES:
                    take(browser, home, found[1], locale, scheme)
            browser.close()
        finally:
            served.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "perennial-home")))
