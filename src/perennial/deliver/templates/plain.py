"""The plain text of a mail whose author wrote none: what its HTML says, with the holes left open."""

import re
from functools import lru_cache

from inscriptis import get_text
from inscriptis.model.config import ParserConfig

_LIQUID = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_MARK = re.compile(r"qzliquid(\d+)zq")
_HEAD = re.compile(r"<(head|mj-head|style|script)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_MJML = re.compile(r"<(/?)mj(?:ml|-([a-z-]+))\b([^<>]*?)(/?)>")
_LINKS = ("button", "navbar-link", "social-element")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"\[([^\[\]]*)\]\((\S*?)\)")
_EMPTY_LINES = re.compile(r"\n{3,}")
_CONFIG = ParserConfig(display_links=True)


@lru_cache(maxsize=256)
def plain_source(markup: str, *, is_mjml: bool) -> str:
    """The plain text with Liquid's holes and tags where they were; links stand behind their words."""
    holes: list[str] = []

    def mark(found: re.Match[str]) -> str:
        holes.append(found[0])
        return f"qzliquid{len(holes) - 1}zq"

    marked = _LIQUID.sub(mark, markup)
    html = _COMMENT.sub("", _HEAD.sub("", marked))
    if is_mjml:
        # Not what mrml makes of it: in the tables of that Liquid's tags would lose their place.
        html = _MJML.sub(_simple, html)
    text = _LINK.sub(_link, get_text(html, _CONFIG)) if html.strip() else ""
    lines = (" ".join(line.split()) for line in text.splitlines())
    text = _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()
    return _MARK.sub(lambda found: holes[int(found[1])], text) + "\n"


def _link(found: re.Match[str]) -> str:
    words, address = found[1].strip(), found[2]
    if not address or address == words:
        return words or address
    return f"{words}: {address}" if words else address


def _simple(found: re.Match[str]) -> str:
    """An element of MJML as the simple HTML that has its text."""
    closes, name, attributes, is_empty = found.groups()
    if name == "table":
        return f"<{closes}table>"
    if name not in _LINKS:
        return "" if is_empty else f"<{closes}div>"
    return "</a></div>" if closes else f"<div><a{attributes}>" + ("</a></div>" if is_empty else "")
