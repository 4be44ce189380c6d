"""A template's nouns: texts with holes, per language, and what becomes of them for one person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from perennial.decide.journeys.model import Channel
from perennial.kernel.ids import TemplateId
from perennial.kernel.values import Json

VARIABLES: Mapping[str, Mapping[str, str]] = {
    "person": {
        "user_id": "The customer's own id; missing while the person is anonymous.",
        "profile_id": "Our id of the person, `prf_…`.",
        "traits": "What we were told: `person.traits.city`, nested as it was sent.",
    },
    "variables": {},
    "journey": {
        "id": "The journey that sends the message.",
        "version": "Its version, as a number.",
        "enrollment": "The person's run through it.",
        "node": "The node that sends.",
    },
    "message": {
        "id": "The message's id, the same on every attempt.",
        "topic": "What the message is about, as consent counts it.",
        "unsubscribe_url": "The page to unsubscribe or choose on; added at the end where it is not shown.",
        "written_at": "When it is handed over: ISO 8601, UTC. Templates cannot ask for the present.",
    },
}
"""Everything a template may ask for, as the reference page shows it; `variables` is what a call brings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The texts of a template in one language, as Liquid."""

    subject: str
    text: str
    html: str | None = None
    mjml: str | None = None
    """Instead of HTML: MJML, which becomes HTML that every mail program shows well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What a message says: one wording for everyone, and others by locale."""

    template_id: TemplateId
    name: str
    channel: Channel
    sender: str | None
    """Whom it is from; None is the workspace's own address."""
    wording: Wording
    locales: Mapping[str, Wording] = field(default_factory=dict[str, Wording])
    url: str = ""
    """Of a webhook: where its text, which is JSON, is posted to."""
    is_tracked: bool = True
    """Whether its opens and clicks are noted."""
    utm: Mapping[str, str] = field(default_factory=dict[str, str])
    """What its links say of the campaign, without `utm_`: source, medium, campaign, content, term."""
    document: Mapping[str, Json]
    """The document it was read from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateVersion:
    """One immutable version; a message keeps the version it was queued with."""

    template: Template
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A template's texts for one person."""

    subject: str
    text: str
    html: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRendered:
    """The template says nothing for this person, and why; the message is not sent."""

    reason: Literal["missing_variable", "template_failed"]
    detail: str
