"""How a consent is said as a call, and read from the log of events."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from perennial.collect.consent.model import ConsentStatement
from perennial.kernel.values import Json


def consent_call(
    user_id: str | None, *, anonymous_id: str = "", consent: str, state: str, proof: str, message_id: str
) -> Json:
    """The call that says a person granted or withdrew a consent; who has no user id goes by a device's."""
    name: dict[str, Json] = {"userId": user_id} if user_id else {"anonymousId": anonymous_id}
    return {
        "type": "consent",
        **name,
        "messageId": message_id,
        "consent": consent,
        "state": state,
        "proof": proof,
    }


def statement_of(row: Mapping[str, object]) -> ConsentStatement:
    """What a consent's row of a timeline says."""
    # A timeline's rows are typed by their columns, and a consent's properties by the rules of calls.
    said = cast("Mapping[str, str]", row["properties"])
    return ConsentStatement(
        occurred_at=cast("datetime", row["occurred_at"]),
        received_at=cast("datetime", row["received_at"]),
        channel=said["channel"],
        topic=said["topic"],
        state="granted" if said["state"] == "granted" else "withdrawn",
        proof=said["proof"],
        source=str(row["source"]),
        message_id=str(row["message_id"]),
    )
