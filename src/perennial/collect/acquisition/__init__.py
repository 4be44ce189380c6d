"""A channel is a way that people come by: codes lead them here, touches say who came, costs for what."""

from perennial.collect.acquisition.model import (
    Channel,
    Code,
    Cost,
    KnownChannels,
    Touch,
    TouchKept,
)
from perennial.collect.acquisition.ports import Acquisition, ClickFacts, Touches
from perennial.collect.acquisition.service import note_rows, note_touches, retell

__all__ = [
    "Acquisition",
    "Channel",
    "ClickFacts",
    "Code",
    "Cost",
    "KnownChannels",
    "Touch",
    "TouchKept",
    "Touches",
    "note_rows",
    "note_touches",
    "retell",
]
