"""What the API takes and gives about single messages, precisely."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from perennial.api.schemas import Instant, Shown
from perennial.decide.journeys.model import Channel


class MessageOrdered(BaseModel):
    """One message to one person."""

    model_config = ConfigDict(extra="forbid")
    user_id: str = Field(min_length=1, max_length=500)
    template: str = Field(min_length=1, max_length=64)
    key: str | None = Field(default=None, max_length=200)
    """The caller's own name of it; or the header `Idempotency-Key`."""
    channel: Channel = "email"
    topic: str = Field(default="transactional", min_length=1, max_length=200)
    variables: dict[str, JsonValue] = Field(default_factory=dict)
    """What the template may show as `variables`."""
    priority: int | None = Field(default=None, ge=0, le=100)
    expires: str | None = None
    """After so long it is not sent any more, such as `1h`."""


class ConsentWanted(BaseModel):
    """What a person is asked to confirm, and by which template."""

    model_config = ConfigDict(extra="forbid")
    consent: str = Field(examples=["email/marketing"])
    template: str = Field(min_length=1, max_length=64)
    """It shows `{{ variables.confirm_url }}`."""


class MessageTaken(Shown):
    """Where an ordered message stands."""

    message_id: str
    state: str
    reason: str
    repeated: bool
    """Whether the same was asked for before, under the same key."""


class WebhookSecret(Shown):
    """What receivers verify webhooks with."""

    secret: str


class RetryAsked(BaseModel):
    """Which messages to try again."""

    model_config = ConfigDict(extra="forbid")
    messages: list[str] = Field(min_length=1, max_length=1_000)


class Retried(Shown):
    """How many messages are tried again."""

    retried: int
    others: int
    """Neither failed nor unknown, or not there."""


class MessageReported(BaseModel):
    """What a provider tells later of a message."""

    model_config = ConfigDict(extra="forbid")
    message: str
    kind: str
    status: str = ""
    words: str = ""


class ReportTaken(Shown):
    """What followed from a report."""

    message_id: str
    kind: str
    suppressed: bool
    """Whether its address gets nothing from now on."""


class PreviewWanted(BaseModel):
    """To whom a template is to speak."""

    model_config = ConfigDict(extra="forbid")
    user_id: str = Field(min_length=1, max_length=500)
    locale: str | None = Field(default=None, max_length=35)
    variables: dict[str, JsonValue] = Field(default_factory=dict)


class TryWanted(PreviewWanted):
    """To whom a template is to speak, and where that goes instead."""

    to: list[str] = Field(min_length=1, max_length=10)


class TemplatePreview(Shown):
    """What a template says to a person, or why it says nothing."""

    template: str
    version: int
    locale: str | None
    ok: bool
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    reason: str | None = None
    detail: str | None = None


class TryOutcome(Shown):
    """What became of one try."""

    to: str
    outcome: str
    reason: str


class TemplateTried(Shown):
    """What became of tries of a template."""

    template: str
    version: int
    tried: Sequence[TryOutcome]


class SuppressionShown(Shown):
    """An address that gets nothing."""

    channel: str
    address: str
    reason: str
    since: Instant


class Suppressions(Shown):
    """Addresses that get nothing, by address."""

    suppressions: Sequence[SuppressionShown]
    next: str | None


class SuppressionsImported(Shown):
    """What a file added."""

    read: int
    added: int


class SuppressionRemoved(Shown):
    """Which address gets messages again."""

    channel: str
    address: str
