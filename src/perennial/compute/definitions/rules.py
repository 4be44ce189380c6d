"""What every definition's document begins with, and when a document is a new version. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from perennial.kernel.conditions.problems import Problems
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a definition is called: its id, and a name for people."""

    id: str
    name: str


def read_head(document: Mapping[str, Json], problems: Problems) -> Head:
    """The id and name of a document; mistakes go to `problems`. Without a name the id is the name."""
    found = document.get("id")
    if not isinstance(found, str) or not _ID.fullmatch(found):
        missing = "id" not in document
        message = "The id is missing." if missing else f"{found!r} is no id."
        hint = "An id is 1 to 64 letters, digits, '_' or '-', such as \"high_value\"."
        problems.add("$.id", "missing_key" if missing else "bad_id", message, hint)
        found = "?"
    name = problems.name(document["name"], "$.name", what="The name") if "name" in document else found
    return Head(id=found, name=name or found)


def collect(error: InvalidDocument, problems: Problems) -> None:
    """Add the mistakes of one part to those of the whole document."""
    problems.found.extend(error.problems)
