"""Channels of an installation without engines: canned answers, and what was asked."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from datetime import date

from perennial.collect.acquisition import Channel, Code, Cost
from perennial.collect.acquisition.model import ClickedBy
from perennial.collect.events.model import Receipt
from perennial.kernel.errors import NotFound
from perennial.kernel.values import Json

Row = Mapping[str, object]


class ChannelAnswers:
    """The channels of a workspace that remembers what it was told."""

    def _note(self, method: str, given: object) -> None:
        """Remember a question."""
        raise NotImplementedError

    def list_channels(self) -> Sequence[Row]:
        """None."""
        self._note("list_channels", None)
        return []

    def save_channel(self, channel: Channel) -> Row:
        """It is kept."""
        self._note("save_channel", channel)
        names = ("name", "kind", "stability", "owner", "description", "sources")
        return {"id": channel.channel_id, **{name: getattr(channel, name) for name in names}}

    def list_codes(self) -> Sequence[Row]:
        """None."""
        self._note("list_codes", None)
        return []

    def save_code(self, code: Code) -> Row:
        """It is kept."""
        self._note("save_code", code)
        names = ("code", "target", "campaign", "medium", "content", "valid_from", "valid_until")
        said = {name: getattr(code, name) for name in names}
        return {**said, "channel": code.channel_id, "leads_to": code.target}

    def draw_code(self, code: str, *, address: str, form: str, scale: int) -> bytes:
        """A picture of nothing."""
        self._note("draw_code", (code, address, form, scale))
        return b"<svg/>"

    def follow_code(
        self, code: str, *, by: ClickedBy, visitor: str, carried: str
    ) -> tuple[str, Mapping[str, Json]]:
        """It leads nowhere."""
        self._note("follow_code", (code, by, visitor, carried))
        raise NotFound(f"There is no code {code!r}.")

    def keep_click(self, call: Mapping[str, Json]) -> Future[Receipt]:
        """Nobody clicks."""
        raise NotImplementedError

    def save_cost(self, cost: Cost) -> Row:
        """It is kept."""
        self._note("save_cost", cost)
        return {"costs": 1, "added": 1}

    def import_costs(self, text: str, form: str) -> Row:
        """None of it is new."""
        self._note("import_costs", (text, form))
        return {"costs": 1, "added": 0}

    def list_costs(self, *, first: date, last: date) -> Sequence[Row]:
        """None."""
        self._note("list_costs", (first, last))
        return []

    def report_channels(self, *, first: date, last: date) -> Sequence[Row]:
        """Nothing came of any."""
        self._note("report_channels", (first, last))
        return []
