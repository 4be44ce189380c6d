"""Who it was that opened a message or followed a link. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from perennial.collect.cleaning.forms import is_crawler
from perennial.deliver.tracking.model import SeenBy

TOO_SOON = timedelta(seconds=5)
"""Nobody reads a mail and follows a link so soon after it left; gateways that try every link do."""

_MAX_AGENT = 500
# Mail privacy proxies fetch every picture when the mail arrives, whoever reads it: Apple's says just this.
_PRIVACY_PROXY = re.compile(r"Mozilla/5\.0")
# These fetch pictures for whoever opens the mail, when they do.
_SHOWING = re.compile(r"GoogleImageProxy|YahooMailProxy")
# Gateways that name themselves, and that no list of crawlers knows.
_GATEWAYS = re.compile(r"barracuda|proofpoint|mimecast|trendmicro|fireeye|safelinks", re.IGNORECASE)
_AHEAD = ("purpose", "sec-purpose", "x-purpose", "x-moz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A request for a link or a picture, as far as it tells who asks."""

    method: str
    headers: Mapping[str, str]
    """By lower-case name."""
    at: datetime


def seen_by(look: Look, *, sent_at: datetime | None) -> SeenBy:
    """Whether a person looked, a scanner that tries links, or a program that fetches ahead."""
    if any(word in look.headers.get(name, "").lower() for name in _AHEAD for word in ("prefetch", "preview")):
        return "prefetch"
    agent = look.headers.get("user-agent", "")[:_MAX_AGENT]
    if _PRIVACY_PROXY.fullmatch(agent):
        return "prefetch"
    if look.method == "HEAD" or not agent or _GATEWAYS.search(agent):
        return "scanner"
    if is_crawler(agent) and not _SHOWING.search(agent):
        return "scanner"
    return "scanner" if sent_at is not None and look.at - sent_at < TOO_SOON else "person"
