"""From a webhook's document to its template: where to post, and the JSON to post, as Liquid."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from perennial.deliver.templates.model import Template, Wording
from perennial.kernel.conditions.problems import Problems
from perennial.kernel.ids import TemplateId
from perennial.kernel.values import Json

WEBHOOK_KEYS = ("id", "name", "channel", "url", "body")
MAX_URL = 2_000


def webhook_of(
    found: Mapping[str, Json], template_id: str, name: str, body: str, problems: Problems
) -> Template:
    """The template of a webhook, noting every mistake."""
    return Template(
        template_id=TemplateId(template_id),
        name=name,
        channel="webhook",
        sender=None,
        wording=Wording(subject="", text=body),
        url=_url(found.get("url"), problems),
        is_tracked=False,
        document=found,
    )


def _url(written: Json, problems: Problems) -> str:
    """Where to post to: said once, never made of what is known of people."""
    hint = "Write https://hooks.example.com/perennial."
    if not isinstance(written, str) or not written:
        problems.add("$.url", "missing_key", "Where to post to is missing.", hint)
        return "https://nowhere.invalid"
    if not _is_whole(written):
        problems.add("$.url", "bad_url", f"{written[:100]!r} is no address to post to.", hint)
    elif "@" in urlsplit(written).netloc:
        problems.add("$.url", "bad_url", "Passwords do not belong into an address.", "Requests are signed.")
    return written


def _is_whole(url: str) -> bool:
    if len(url) > MAX_URL or not url.isascii() or "{" in url or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
