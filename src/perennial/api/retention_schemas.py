"""What the API gives about for how long events are kept, precisely."""

from collections.abc import Mapping

from perennial.api.schemas import Instant, Shown


class OverreachShown(Shown):
    """A definition that looks further back than what it asks about is kept."""

    kind: str
    id: str
    event: str
    asks_days: float | None
    """None for ever."""
    kept_days: int


class RetentionPreview(Shown):
    """What would be removed now."""

    version: int
    cutoffs: Mapping[str, str | None]
    """Before when events of each name are past; `*` stands for those not named, nothing for never."""
    events: Mapping[str, int]
    total: int
    overreaching: list[OverreachShown]


class RemovalShown(Shown):
    """One removal of what was past."""

    number: int
    version: int
    """Of the rules."""
    started_at: Instant
    finished_at: Instant | None
    """None while it is under way, or was broken off."""
    cutoffs: Mapping[str, str | None]
    removed: Mapping[str, int]
    total: int


class Removals(Shown):
    """Removals, newest first."""

    removals: list[RemovalShown]
    next: str | None
