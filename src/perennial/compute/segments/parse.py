"""From a segment's document to a draft, or to the list of everything that is wrong with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from perennial.compute.definitions.rules import collect, read_head
from perennial.compute.segments.model import KINDS, Kind, Schedule, SegmentDraft
from perennial.compute.segments.schedule import parse_schedule
from perennial.kernel.conditions import Condition, Constant, Vocabulary, parse_condition
from perennial.kernel.conditions.problems import Problems, check_size
from perennial.kernel.errors import InvalidDocument, nearest
from perennial.kernel.ids import SegmentId
from perennial.kernel.values import Json, instant_of
from perennial.kernel.windows import EARLIEST, LATEST, Zone

SEGMENT_KEYS = ("id", "name", "kind", "condition", "refresh", "as_of")
_OF_KIND: Final[Mapping[Kind, tuple[str, ...]]] = {
    "live": ("condition",),
    "scheduled": ("condition", "refresh"),
    "frozen": ("condition", "as_of"),
    "list": (),
}
_HEAD = ("id", "name", "kind")


def parse_segment(document: Json, *, known: Vocabulary | None = None) -> SegmentDraft:
    """The segment a document `{id, name, kind, condition, …}` defines.

    Raises InvalidDocument with every mistake.
    """
    check_size(document, "$")
    problems = Problems()
    found = problems.mapping(document, "$", what="A segment")
    if found is None:
        problems.raise_all()
    problems.unknown_keys(found, SEGMENT_KEYS, "$")
    head = read_head(found, problems)
    kind = _kind(found, problems)
    _misplaced(found, kind, problems)
    draft = SegmentDraft(
        segment_id=SegmentId(head.id),
        name=head.name,
        condition=_condition(found, kind, problems, known),
        document=found,
        kind=kind,
        schedule=_schedule(found, kind, problems),
        as_of=_as_of(found, kind, problems),
    )
    if problems.found:
        problems.raise_all()
    return draft


def _kind(found: Mapping[str, Json], problems: Problems) -> Kind:
    written = found.get("kind", "live")
    for kind in KINDS:
        if written == kind:
            return kind
    message = f"{written!r} is no kind of segment."
    problems.add("$.kind", "bad_value", message, nearest(str(written), KINDS))
    return "live"


def _misplaced(found: Mapping[str, Json], kind: Kind, problems: Problems) -> None:
    for key in SEGMENT_KEYS:
        if key in found and key not in (*_HEAD, *_OF_KIND[kind]):
            hint = "Leave it out, or write another `kind`."
            problems.add(f"$.{key}", "misplaced", f"A segment of the kind {kind!r} has no {key!r}.", hint)


def _condition(
    found: Mapping[str, Json], kind: Kind, problems: Problems, known: Vocabulary | None
) -> Condition:
    nobody = Constant(value=False)
    if kind == "list":
        return nobody
    if "condition" not in found:
        problems.add("$", "missing_key", "The condition is missing.", 'Add "condition": {…}.')
        return nobody
    try:
        return parse_condition(found["condition"], path="$.condition", known=known)
    except InvalidDocument as error:
        collect(error, problems)
        return nobody


def _schedule(found: Mapping[str, Json], kind: Kind, problems: Problems) -> Schedule | None:
    if kind != "scheduled":
        return None
    if "refresh" not in found:
        hint = 'Add "refresh": {"every": "6h"} or {"daily": "07:30"}.'
        problems.add("$", "missing_key", "The schedule is missing.", hint)
        return None
    return parse_schedule(found["refresh"], "$.refresh", problems)


def _as_of(found: Mapping[str, Json], kind: Kind, problems: Problems) -> datetime | None:
    if kind != "frozen" or "as_of" not in found:
        return None
    written = found["as_of"]
    # With its offset, so that the document says the same in every workspace.
    instant = instant_of(written, Zone()) if isinstance(written, str) and _has_offset(written) else None
    if instant is None or not EARLIEST <= instant <= LATEST:
        hint = "Write the moment with its offset: 2026-01-03T05:00:00Z."
        problems.add("$.as_of", "bad_instant", f"{written!r} is no moment to keep.", hint)
        return None
    return instant


def _has_offset(written: str) -> bool:
    return written[-1:] in {"Z", "z"} or "+" in written[10:] or "-" in written[10:]
