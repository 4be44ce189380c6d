"""What the API takes and gives about people who leave."""

from typing import Literal

from pydantic import Field, JsonValue

from perennial.api.schemas import MAX_NAME, Given, Instant, ProfileText, Shown


class ErasureOrdered(Given):
    """What is said of an erasure; the receipt repeats it, so it should name nobody."""

    reason: str = Field(default="", max_length=MAX_NAME)
    by: str = Field(default="", max_length=MAX_NAME)
    allow_return: bool = False
    """Take calls with the person's ids again afterwards."""


class ErasureShown(Shown):
    """An erasure: how far it is, or its receipt. It names nobody."""

    erasure_id: str
    subject: str
    """Salted hash of the id that was asked for."""
    state: Literal["running", "done"]
    step: Literal["asked", "shut_out", "state_erased", "events_erased", "names_dropped", "done"]
    reason: str
    by: str
    allows_return: bool
    requested_at: Instant
    finished_at: Instant | None
    erased: dict[str, int]
    """Rows that went, by where they were."""
    proof: dict[str, int]
    """What was searched afterwards, and what was found there."""
    refused_since: int
    """Calls that came under the person's ids afterwards, and were dropped."""


class ErasurePage(Shown):
    """Some of the erasures, by id."""

    erasures: list[ErasureShown]
    next: str | None


class PersonName(Shown):
    """One name a person goes by."""

    kind: str
    value: str


class PersonExport(Shown):
    """Everything kept of a person."""

    profile_id: ProfileText
    names: list[PersonName]
    state: dict[str, list[dict[str, JsonValue]]]
    """Rows by table, on the first page."""
    events: list[dict[str, object]]
    next: str | None


class ConsentStatementShown(Shown):
    """One thing a person said about one topic on one channel."""

    occurred_at: Instant
    received_at: Instant
    channel: str
    topic: str
    state: Literal["granted", "withdrawn"]
    proof: str
    source: str
    """By which way it came: `api`, or the name of a source or an import."""
    message_id: str


class ConsentHistory(Shown):
    """Some of what a person said about consent, newest first: of each topic the first is what counts."""

    consents: list[ConsentStatementShown]
    next: str | None
