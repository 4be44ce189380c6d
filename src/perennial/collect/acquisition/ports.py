"""What acquisition needs of the stores."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from perennial.collect.acquisition.model import Channel, Code, CodeClicks, Cost, KnownChannels, TouchKept
from perennial.collect.identity.ports import Traits
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import ProfileId


class Acquisition(Protocol):
    """The channels of one workspace, their codes and their costs."""

    def channels(self) -> Sequence[Channel]:
        """Every channel, by id."""
        ...

    def save_channel(self, channel: Channel) -> None:
        """Declare a channel, or say otherwise of it."""
        ...

    def codes(self) -> Sequence[Code]:
        """Every code, by its text."""
        ...

    def code(self, code: str) -> Code | None:
        """One code."""
        ...

    def save_code(self, code: Code) -> None:
        """Declare a code, or say otherwise of it."""
        ...

    def save_costs(self, costs: Sequence[Cost]) -> int:
        """Keep costs; one of the same channel, campaign, days and currency is replaced. How many are new."""
        ...

    def costs(self, *, first: date, last: date) -> Sequence[Cost]:
        """Costs of periods that have one of these days."""
        ...


class Touches(Protocol):
    """The touches that were somebody's first when they were heard."""

    def known(self) -> KnownChannels | None:
        """What touches are read by; None where no channel is declared."""
        ...

    def of(self, people: Sequence[ProfileId]) -> Mapping[ProfileId, Sequence[TouchKept]]:
        """The kept touches of those people who have some, the first one first."""
        ...

    def keep(self, touches: Sequence[TouchKept]) -> None:
        """Keep touches; one that is there is told anew of what was told first at its time."""
        ...

    def forget_told(self, people: Sequence[ProfileId]) -> None:
        """Take the traits of first touches from people, so that they are told anew."""
        ...

    def people_gained(self, *, start: datetime, end: datetime) -> Mapping[str, int]:
        """How many people's first touch was in a half-open span, by channel; empty for no declared one."""
        ...


class TouchedEmitted(Protocol):
    """Where rows for the log are handed in with the transaction that causes them."""

    def record(self, events: Sequence[EmittedEvent]) -> None:
        """Keep events; one whose message id is there already changes nothing."""
        ...


class TouchTransaction(Protocol):
    """The part of a state transaction that touches are taken to heart in."""

    @property
    def touches(self) -> Touches:
        """First touches."""
        ...

    @property
    def traits(self) -> Traits:
        """What we were told about people."""
        ...

    @property
    def emitted(self) -> TouchedEmitted:
        """Rows of ours that go to the log next."""
        ...


class ClickFacts(Protocol):
    """What the log says of clicks on codes."""

    def clicks(self, *, start: datetime, end: datetime) -> Sequence[CodeClicks]:
        """Clicks of a half-open span, by code and by whom."""
        ...
