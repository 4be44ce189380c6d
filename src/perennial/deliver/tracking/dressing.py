"""A rendered message dressed for the way: tracked links, UTM, the opening picture, the way out. Pure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from html import escape, unescape
from itertools import count
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from perennial.deliver.templates import Rendered
from perennial.deliver.tracking.links import Links
from perennial.deliver.tracking.model import Clicked, Opened
from perennial.deliver.tracking.wording import WAY_OUT, language_of
from perennial.kernel.ids import MessageId

# An anchor's address, wherever it stands among the anchor's attributes; quoted, as mail programs demand.
_ANCHOR = re.compile(r"""(<a\b[^>]*?\shref\s*=\s*)(["'])(https?://.*?)\2([^>]*>)""", re.I | re.S)
_UNTRACKED = "data-untracked"
_END_OF_BODY = re.compile(r"</body\s*>", re.I)


def dressed(
    rendered: Rendered,
    links: Links,
    *,
    message_id: MessageId,
    way_out: str,
    is_tracked: bool,
    utm: Mapping[str, str],
    locale: str | None,
) -> Rendered:
    """What is handed over: every form shows the way out where there is one, and HTML is tracked.

    Anchors that say `data-untracked` lead straight to where they say.
    """
    text, html = rendered.text, rendered.html
    words = WAY_OUT[language_of(locale)]
    if way_out and way_out not in text:
        text = f"{text.rstrip()}\n\n--\n{words}: {way_out}\n"
    if html is None:
        return replace(rendered, text=text)
    if way_out and way_out not in unescape(html):
        html = _before_end(html, _footer(words, way_out))
    html = _linked(html, links, message_id, own=way_out, is_tracked=is_tracked, utm=utm)
    if is_tracked:
        picture = links.opening(Opened(message_id=message_id))
        html = _before_end(html, f'<img src="{escape(picture)}" width="1" height="1" alt="">')
    return replace(rendered, text=text, html=html)


def with_utm(url: str, utm: Mapping[str, str]) -> str:
    """An address that says which campaign it is of; what it says already stays."""
    if not utm:
        return url
    parts = urlsplit(url)
    told = parse_qsl(parts.query, keep_blank_values=True)
    known = {name for name, _ in told}
    more = [(f"utm_{name}", value) for name, value in utm.items() if f"utm_{name}" not in known]
    query = f"{parts.query}&{urlencode(more)}" if parts.query and more else parts.query or urlencode(more)
    return urlunsplit(parts._replace(query=query))


def _linked(
    html: str, links: Links, message_id: MessageId, *, own: str, is_tracked: bool, utm: Mapping[str, str]
) -> str:
    numbers = count(1)

    def link(found: re.Match[str]) -> str:
        before, quote, address, after = found.groups()
        url = unescape(address)
        if url == own or _UNTRACKED in before or _UNTRACKED in after:
            return found[0]
        url = with_utm(url, utm)
        if is_tracked:
            url = links.click(Clicked(message_id=message_id, number=next(numbers), url=url))
        return f"{before}{quote}{escape(url)}{quote}{after}"

    return _ANCHOR.sub(link, html)


def _footer(words: str, way_out: str) -> str:
    style = "margin:24px 0 0;text-align:center;font:12px/1.5 sans-serif;color:#6b7280"
    return f'<p style="{style}"><a href="{escape(way_out)}" style="color:#6b7280">{words}</a></p>'


def _before_end(html: str, more: str) -> str:
    """More at the end of what is shown."""
    ends = list(_END_OF_BODY.finditer(html))
    place = ends[-1].start() if ends else len(html)
    return f"{html[:place]}{more}{html[place:]}"
