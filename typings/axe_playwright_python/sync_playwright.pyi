from collections.abc import Mapping

from playwright.sync_api import Page

class AxeResults:
    response: Mapping[str, object]

class Axe:
    def run(self, page: Page) -> AxeResults: ...
