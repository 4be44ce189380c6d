"""What the edges need of a workspace about how people come to it."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from datetime import date
from typing import Protocol

from perennial.api.answers import Answer
from perennial.collect.acquisition import Channel, Code, Cost
from perennial.collect.acquisition.costs import CostFormat
from perennial.collect.acquisition.drawing import PictureFormat
from perennial.collect.acquisition.model import ClickedBy
from perennial.collect.events.model import Receipt
from perennial.kernel.values import Json


class ChannelWork(Protocol):
    """Channels, codes, costs, and what each channel brought."""

    def list_channels(self) -> Sequence[Answer]:
        """Every channel."""
        ...

    def save_channel(self, channel: Channel) -> Answer:
        """Declare a channel, or say otherwise of it."""
        ...

    def list_codes(self) -> Sequence[Answer]:
        """Every code."""
        ...

    def save_code(self, code: Code) -> Answer:
        """Declare a code, or say otherwise of it."""
        ...

    def draw_code(self, code: str, *, address: str, form: PictureFormat, scale: int) -> bytes:
        """A code as a QR code."""
        ...

    def follow_code(
        self, code: str, *, by: ClickedBy, visitor: str, carried: str
    ) -> tuple[str, Mapping[str, Json]]:
        """Where a code leads now, and the call that says it was followed; raises NotFound."""
        ...

    def keep_click(self, call: Mapping[str, Json]) -> Future[Receipt]:
        """Hand a click in."""
        ...

    def save_cost(self, cost: Cost) -> Answer:
        """Say what a channel cost in some days."""
        ...

    def import_costs(self, text: str, form: CostFormat) -> Answer:
        """Keep the costs of a file, all or nothing."""
        ...

    def list_costs(self, *, first: date, last: date) -> Sequence[Answer]:
        """What each channel cost on each day."""
        ...

    def report_channels(self, *, first: date, last: date) -> Sequence[Answer]:
        """What each channel brought in some days, and for what."""
        ...
