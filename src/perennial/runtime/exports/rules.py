"""What the rows of an export say: a logged row as the call it was, and as cells."""

from collections.abc import Mapping, Sequence

from perennial.collect.events.model import MAX_ID
from perennial.kernel.errors import InvalidDocument, Problem, nearest
from perennial.kernel.ids import derive_text, profile_text
from perennial.kernel.values import Json, leaves, number_of, text_of

EVENT_COLUMNS = (
    "occurred_at",
    "name",
    "user_id",
    "anonymous_id",
    "profile_id",
    "kind",
    "source",
    "message_id",
    "received_at",
    "properties",
    "context",
)
PEOPLE_COLUMNS = ("user_id", "profile_id", "traits", "tags")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def check_columns(columns: Sequence[str], known: Sequence[str], open_to: Sequence[str]) -> None:
    """Refuse columns that an export does not have. Raises InvalidDocument.

    `open_to` are those that hold members of any name: `traits` allows `traits.city`.
    """
    problems = [
        Problem(
            path=f"$.columns[{place}]",
            code="unknown_column",
            message=f"An export has no column {name!r}.",
            hint=nearest(name, [*known, *(f"{each}.NAME" for each in open_to)]),
        )
        for place, name in enumerate(columns)
        if name not in known and not _is_member(name, open_to)
    ]
    if problems:
        raise InvalidDocument(problems)


def _is_member(name: str, open_to: Sequence[str]) -> bool:
    head, _, member = name.partition(".")
    return head in open_to and bool(member)


def call_of(row: Mapping[str, Json]) -> dict[str, Json]:
    """A row as the tracking call that makes it again.

    `row` has the columns of an export, instants as texts. Its id names its source too: the same id
    from two sources was two calls, and has to stay two where both come from one file.
    """
    kind, told, context = str(row["kind"]), _object(row["properties"]), _object(row["context"])
    call: dict[str, Json] = {
        "type": kind,
        "messageId": call_id(str(row["source"]), str(row["message_id"])),
        "timestamp": row["occurred_at"],
    }
    if row["user_id"]:
        call["userId"] = row["user_id"]
    if row["anonymous_id"]:
        call["anonymousId"] = row["anonymous_id"]
    call |= _said(kind, str(row["name"]), told)
    # An operation came to what its traits say now; done again, it would be done twice.
    if kept := {name: value for name, value in context.items() if name != "operation"}:
        call["context"] = kept
    return call


def call_id(source: str, message_id: str) -> str:
    """One id for a source and its message id; hashed where the two are too long for one."""
    both = f"{source}/{message_id}"
    return both if len(both) <= MAX_ID else derive_text("msg_", source, message_id)


def _said(kind: str, name: str, told: Mapping[str, Json]) -> dict[str, Json]:
    match kind:
        case "track":
            return {"event": name, "properties": told}
        case "identify":
            return {"traits": told}
        case "group":
            traits = {key: value for key, value in told.items() if key != "group_id"}
            return {"groupId": told.get("group_id"), "traits": traits}
        case "alias":
            return {"previousId": told.get("previous_id")}
        case "consent":
            consent = f"{told.get('channel')}/{told.get('topic')}"
            return {"consent": consent, "state": told.get("state"), "proof": told.get("proof")}
        case _:
            return {"properties": told}


def cell(row: Mapping[str, Json], column: str) -> Json:
    """What a row says in a column; of `properties.items.sku` all that stands there."""
    if column in row:
        value = row[column]
        return profile_text(value) if column == "profile_id" and isinstance(value, int) else value
    head, _, path = column.partition(".")
    found = leaves(_object(row[head]), path)
    if not found:
        return None
    return found[0] if len(found) == 1 else [text_of(one) for one in found]


def safe_text(text: str) -> str:
    """A text as no spreadsheet takes it for a formula; a number stays a number."""
    if text.startswith(_FORMULA) and number_of(text) is None:
        return f"'{text}"
    return text


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
