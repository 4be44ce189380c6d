"""What is given and shown of channels, their codes and costs."""

import base64
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from perennial.api.schemas import Given, Shown
from perennial.collect.acquisition import Channel, Code, Cost

_Text = Annotated[str, Field(max_length=200)]
_Long = Annotated[str, Field(max_length=2000)]
_MAX_COSTS_TEXT = 900_000


class ChannelOrder(Given):
    """What is said of a channel."""

    name: _Text
    kind: _Text = ""
    stability: Literal["stable", "unstable"] = "stable"
    owner: _Text = ""
    description: _Long = ""
    sources: Annotated[list[_Text], Field(max_length=100, default_factory=list[str])]
    """Values of `utm_source` that mean this channel, besides its id."""

    def channel(self, channel_id: str) -> Channel:
        """The channel of this id."""
        return Channel(
            channel_id=channel_id,
            name=self.name,
            kind=self.kind,
            stability=self.stability,
            owner=self.owner,
            description=self.description,
            sources=tuple(source.casefold() for source in self.sources),
        )


class ChannelShown(Shown):
    """A way that people come by."""

    id: str
    name: str
    kind: str
    stability: Literal["stable", "unstable"]
    owner: str
    description: str
    sources: list[str]


class ChannelList(Shown):
    """Every channel, by id."""

    channels: list[ChannelShown]


class CodeOrder(Given):
    """What is said of a code."""

    channel: _Text
    target: _Long
    campaign: _Text = ""
    medium: _Text = ""
    content: _Text = ""
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None

    def declared(self, code: str) -> Code:
        """The code of this text."""
        return Code(
            code=code,
            channel_id=self.channel,
            target=self.target,
            campaign=self.campaign,
            medium=self.medium,
            content=self.content,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )


class CodeShown(Shown):
    """A code that leads to one declared address."""

    code: str
    channel: str
    target: str
    campaign: str
    medium: str
    content: str
    leads_to: str
    valid_from: AwareDatetime | None
    valid_until: AwareDatetime | None


class CodeList(Shown):
    """Every code, by its text."""

    codes: list[CodeShown]


class QrCode(Shown):
    """A code as a picture."""

    address: str
    format: Literal["svg", "png"]
    image: str
    """Base64."""


def qr_code(address: str, form: Literal["svg", "png"], image: bytes) -> QrCode:
    """A picture as it is shown."""
    return QrCode(address=address, format=form, image=base64.b64encode(image).decode())


class CostOrder(Given):
    """What a channel cost in some days, both included."""

    channel: _Text
    first_day: date = Field(alias="from")
    last_day: date = Field(alias="to")
    amount: Annotated[int, Field(ge=0, lt=2**53)]
    """In minor units: 12.50 is 1250."""
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    campaign: _Text = ""

    def cost(self) -> Cost:
        """The cost."""
        return Cost(
            channel_id=self.channel,
            first_day=self.first_day,
            last_day=self.last_day,
            amount=self.amount,
            currency=self.currency,
            campaign=self.campaign,
        )


class CostFile(Given):
    """A file of costs, as it is written."""

    text: Annotated[str, Field(max_length=_MAX_COSTS_TEXT)]
    format: Literal["csv", "jsonl"] = "csv"


class CostsKept(Shown):
    """How many costs were said, and how many of them were not there before."""

    costs: int
    added: int


class DayCost(Shown):
    """What a channel cost on a day."""

    day: date
    channel: str
    campaign: str
    currency: str
    amount: int


class DayCosts(Shown):
    """Costs by day and channel."""

    costs: list[DayCost]


class ChannelResult(Shown):
    """What a channel brought, and for what."""

    channel: str
    """Empty: sources that no channel declares."""
    name: str
    stability: str
    clicks: int
    people_gained: int
    costs: Mapping[str, int]
    cost_per_person: Mapping[str, int]


class ChannelReport(Shown):
    """Every channel's results."""

    channels: list[ChannelResult]
