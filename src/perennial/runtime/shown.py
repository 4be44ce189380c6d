"""How the workspace shows what it has: plain documents with the names that stay (INTERFACE)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from perennial.collect.events.model import KeptReject
from perennial.compute.profiles import InvalidCursor, PeoplePage
from perennial.compute.segments import Segment, SegmentFill, Standing
from perennial.decide.journeys import JourneyStatus
from perennial.deliver.templates.model import TemplateVersion
from perennial.kernel.conditions import LANGUAGES, explain
from perennial.kernel.values import Json

Shown = Mapping[str, Json | datetime]
_MOST_DIGITS = 19


class Page(NamedTuple):
    """Some rows, and the cursor of the next page (None on the last)."""

    rows: Sequence[object]
    next: str | None


def by_id(rows: Sequence[Shown], *, limit: int, after: str | None) -> Page:
    """A page of what has ids, in their order; the cursor is the last one's id."""
    rest = [row for row in rows if after is None or str(row["id"]) > after]
    rest.sort(key=lambda row: str(row["id"]))
    page = rest[:limit]
    return Page(page, str(page[-1]["id"]) if len(rest) > limit else None)


def read_position(cursor: str) -> int:
    """The place in a log that a page ended at. Raises InvalidCursor."""
    if cursor.isascii() and cursor.isdecimal() and len(cursor) < _MOST_DIGITS:
        return int(cursor)
    raise InvalidCursor(
        "This is not a cursor that a page ended with.",
        hint="Hand back `next` of the page before, unchanged.",
        path="$.after",
    )


def segment(found: Segment, fill: SegmentFill | None, standing: Standing | None = None) -> Shown:
    """A segment's live version, how many were in it at its last refresh, and what went wrong since."""
    is_list = found.kind == "list"
    told = {} if is_list else {language: explain(found.condition, language) for language in LANGUAGES}
    return {
        "id": found.segment_id,
        "name": found.name,
        "kind": found.kind,
        "condition": found.document.get("condition"),
        "refresh": found.document.get("refresh"),
        "as_of": found.as_of,
        "sentence": told,
        "version": found.version,
        "people": None if fill is None else fill.people,
        "refreshed_at": None if fill is None else fill.refreshed_at,
        "failed_at": None if standing is None else standing.failed_at,
        "problem": None if standing is None else standing.problem,
        "drift": 0 if standing is None else standing.drift,
    }


def journey(status: JourneyStatus, name: str) -> Shown:
    """A journey, the name of its newest version, and where it stands."""
    return {
        "id": status.journey_id,
        "name": name,
        "state": status.state,
        "version": status.version,
        "published_at": status.published_at,
    }


def people(page: PeoplePage) -> Page:
    """People by user id; the profile id stands beside it."""
    rows = [{"profile_id": person.profile_id, "user_id": person.user_id} for person in page.people]
    return Page(rows, page.next)


def reject(kept: KeptReject) -> Shown:
    """A refused call and why."""
    return {
        "id": kept.reject_id,
        "source": kept.source,
        "received_at": kept.received_at,
        "path": kept.path,
        "code": kept.code,
        "message": kept.message,
        "hint": kept.hint,
        "payload": kept.payload,
        "event": kept.event,
        "user_id": kept.user_id,
        "anonymous_id": kept.anonymous_id,
        "message_id": kept.message_id,
        "events": kept.events,
        "replayed_at": kept.replayed_at,
    }


def template(saved: TemplateVersion) -> Shown:
    """A template's live version."""
    return {
        "id": saved.template.template_id,
        "channel": saved.template.channel,
        "version": saved.version,
        "created_at": saved.created_at,
    }
