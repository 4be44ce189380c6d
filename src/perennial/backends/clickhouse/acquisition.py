"""What the log says of clicks on codes of channels."""

from collections.abc import Sequence
from datetime import datetime

from perennial.backends.clickhouse.parameters import Parameter
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport
from perennial.collect.acquisition.model import CLICK_EVENT, CLICK_SOURCE, CodeClicks

_INSTANT = "DateTime64(6, 'UTC')"


class ClickHouseClickFacts:
    """`collect.acquisition.ports.ClickFacts` on a ClickHouse of any kind."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def clicks(self, *, start: datetime, end: datetime) -> Sequence[CodeClicks]:
        """Clicks of a half-open span, by code and by whom."""
        asked = {
            "event": Parameter(type="String", value=CLICK_EVENT),
            "source": Parameter(type="String", value=CLICK_SOURCE),
            "start": Parameter(type=_INSTANT, value=start),
            "end": Parameter(type=_INSTANT, value=end),
        }
        found = self._transport.query(statement("code_clicks"), asked)
        return [CodeClicks(**row) for row in found.to_pylist()]
