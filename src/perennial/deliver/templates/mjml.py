"""MJML as HTML that every mail program shows, by mrml; and what is wrong with it, where it stands.

Liquid is filled in first, so that loops and conditions may stand between a mail's sections; its values are
escaped, so no value can change the markup.
"""

import re
from collections.abc import Iterator

import mrml

from perennial.deliver.templates.model import NotRendered
from perennial.kernel.errors import nearest

ELEMENTS = (
    "mjml", "mj-head", "mj-body", "mj-include", "mj-attributes", "mj-all", "mj-class", "mj-breakpoint",
    "mj-font", "mj-html-attributes", "mj-html-attribute", "mj-selector", "mj-preview", "mj-style",
    "mj-title", "mj-accordion", "mj-accordion-element", "mj-accordion-title", "mj-accordion-text",
    "mj-button", "mj-carousel", "mj-carousel-image", "mj-column", "mj-divider", "mj-group", "mj-hero",
    "mj-image", "mj-navbar", "mj-navbar-link", "mj-raw", "mj-section", "mj-social", "mj-social-element",
    "mj-spacer", "mj-table", "mj-text", "mj-wrapper",
)  # fmt: skip
"""What MJML 4 knows; mrml leaves anything else out without a word, so we say it."""

_ELEMENT = re.compile(r"<(/?)(mj[a-z-]*)(?:\s[^<>]*?)?(/?)>")
_LIQUID = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", re.DOTALL)


def html_of(mjml: str) -> str | NotRendered:
    """MJML as HTML, or why it is none."""
    try:
        return mrml.to_html(mjml).content
    except OSError as failure:
        return NotRendered(reason="template_failed", detail=f"MJML: {failure}")


def mistakes_in(source: str) -> Iterator[tuple[int, int, str, str]]:
    """What is wrong with MJML that has Liquid in it: line, column, what, and what to do."""
    bare = _LIQUID.sub(_blank, source)
    found = list(_structure(bare))
    yield from found
    if not found and isinstance(failed := html_of(bare), NotRendered):
        yield 1, 1, failed.detail, "Is every element closed, and every attribute quoted?"


def _structure(source: str) -> Iterator[tuple[int, int, str, str]]:
    open_elements: list[tuple[str, int]] = []
    for element in _ELEMENT.finditer(source):
        closes, name, is_empty = element.groups()
        place = _place(source, element.start())
        if name not in ELEMENTS and not closes:
            yield *place, f"MJML has no <{name}>.", nearest(name, ELEMENTS)
        elif name == "mj-include":
            yield *place, "Other files are not read.", "Write the text here."
        if closes:
            if not open_elements or open_elements[-1][0] != name:
                yield *place, f"</{name}> closes nothing that is open here.", _hint(open_elements, source)
                return
            open_elements.pop()
        elif not is_empty:
            open_elements.append((name, element.start()))
    if open_elements:
        name, start = open_elements[-1]
        yield *_place(source, start), f"<{name}> is never closed.", f"Add </{name}>."
    elif not source.lstrip().startswith("<mjml"):
        yield 1, 1, "MJML begins with <mjml>.", "Write <mjml><mj-body>…</mj-body></mjml>."


def _hint(open_elements: list[tuple[str, int]], source: str) -> str:
    if not open_elements:
        return ""
    name, start = open_elements[-1]
    return f"<{name}> of line {_place(source, start)[0]} is still open."


def _place(source: str, index: int) -> tuple[int, int]:
    before = source[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


def _blank(found: re.Match[str]) -> str:
    """As many characters that mean nothing, so that every place stays where it is."""
    return re.sub(r"[^\n]", "x" if found[0].startswith("{{") else " ", found[0])
