"""Which wording a person gets, and that wording filled in. Pure."""

import json
from collections.abc import Mapping

from perennial.deliver.templates.mjml import html_of
from perennial.deliver.templates.model import NotRendered, Rendered, Template, Wording
from perennial.deliver.templates.sandbox import render_source
from perennial.kernel.values import Json


def wording_for(template: Template, locale: str | None) -> Wording:
    """The wording of a person's language: their locale, else its bare language, else everyone's.

    `zh-TW` takes `zh-TW`, then `zh`, never `zh-CN`; a bare `zh` takes the first of its regions.
    """
    if not locale:
        return template.wording
    asked = _tag(locale)
    known = {_tag(tag): wording for tag, wording in sorted(template.locales.items(), reverse=True)}
    for tag in (asked, asked.partition("-")[0]):
        if tag in known:
            return known[tag]
    regions = [tag for tag in sorted(known) if tag.startswith(f"{asked}-")]
    return known[regions[0]] if regions else template.wording


def render(
    template: Template, variables: Mapping[str, Json], *, locale: str | None = None
) -> Rendered | NotRendered:
    """A template's texts for one person, or why it says nothing for them. Values in HTML are escaped."""
    wording = wording_for(template, locale)
    subject = render_source(wording.subject, variables, is_html=False)
    if isinstance(subject, NotRendered):
        return subject
    text = render_source(wording.text, variables, is_html=False)
    if isinstance(text, NotRendered):
        return text
    if template.url and (mistake := _no_json(text)):
        return NotRendered(reason="template_failed", detail=mistake)
    markup = wording.mjml or wording.html
    if markup is None:
        return Rendered(subject=subject.strip(), text=text)
    html = render_source(markup, variables, is_html=True)
    if wording.mjml is not None and isinstance(html, str):
        html = html_of(html)
    if isinstance(html, NotRendered):
        return html
    return Rendered(subject=subject.strip(), text=text, html=html)


def _no_json(text: str) -> str:
    """Why a text is no JSON; empty where it is."""
    try:
        json.loads(text)
    except ValueError as error:
        return f"the body is no JSON: {error}"
    return ""


def _tag(locale: str) -> str:
    """A language tag as it is compared: `zh_CN.UTF-8` and `zh-cn` are the same."""
    return locale.partition(".")[0].replace("_", "-").lower()
