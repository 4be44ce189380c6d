"""How a workspace shows what it knows of what is sent: plain documents with the names that stay."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from perennial.collect.catalogue.model import (
    STATUSES,
    Description,
    Drift,
    EventEntry,
    LeafFacts,
    PropertyEntry,
    Status,
    Suggestion,
)
from perennial.collect.screening import CleaningReport, Declaration, PlanReport
from perennial.kernel.conditions.problems import Problems, named_type
from perennial.kernel.errors import nearest
from perennial.kernel.values import Json
from perennial.runtime.shown import Page, Shown

DESCRIPTION_KEYS = ("description", "owner", "status", "pii")
MAX_TEXT = 2_000


def by_key(rows: Sequence[Shown], key: str, *, limit: int, after: str | None) -> Page:
    """A page of rows in the order of one of their texts; the cursor is the last one's."""
    rest = [row for row in rows if after is None or str(row[key]) > after]
    page = rest[:limit]
    return Page(page, str(page[-1][key]) if len(rest) > limit else None)


def event(entry: EventEntry) -> Shown:
    """An event of the catalogue."""
    facts = entry.facts
    return {
        "name": entry.name,
        "kinds": list(facts.kinds) if facts else [],
        "events": facts.events if facts else 0,
        "last_7_days": facts.recent_events if facts else 0,
        "first_at": facts.first_at if facts else None,
        "last_at": facts.last_at if facts else None,
        "sources": list(facts.sources) if facts else [],
        **_said(entry.said),
    }


def property_(entry: PropertyEntry) -> Shown:
    """A property of the catalogue, with each type it was seen as."""
    leaves = entry.leaves
    return {
        "path": entry.path,
        "types": {leaf.type: leaf.events for leaf in leaves},
        "events": entry.events,
        "share": round(entry.share, 4),
        "first_at": min((leaf.first_at for leaf in leaves), default=None),
        "last_at": max((leaf.last_at for leaf in leaves), default=None),
        "samples": list(dict.fromkeys(sample for leaf in leaves for sample in leaf.samples))[:5],
        "looks_like": _looks_like(leaves),
        **_said(entry.said),
    }


def _looks_like(leaves: Sequence[LeafFacts]) -> str | None:
    counted = [(events, kind) for leaf in leaves for kind, events in leaf.looks_like]
    return max(counted)[1] if counted else None


def _said(said: Description) -> Shown:
    return {
        "description": said.description,
        "owner": said.owner,
        "status": said.status,
        "pii": said.is_pii,
    }


def description(said: Description) -> Shown:
    """What people say of an event or property, with its version."""
    return {"event": said.event, "path": said.path, "version": said.version, **_said(said)}


def read_description(before: Description, said: Mapping[str, Json]) -> Description:
    """A description with what was said anew. Raises InvalidDocument with every mistake."""
    problems = Problems()
    problems.unknown_keys(said, DESCRIPTION_KEYS, "$")
    after = replace(
        before,
        description=_text(said, "description", before.description, problems),
        owner=_text(said, "owner", before.owner, problems),
        status=_status(said.get("status"), problems) if "status" in said else before.status,
        is_pii=_flag(said.get("pii", before.is_pii), problems),
    )
    if problems.found:
        problems.raise_all()
    return after


def _text(said: Mapping[str, Json], key: str, before: str, problems: Problems) -> str:
    stated = said.get(key, before)
    if isinstance(stated, str) and len(stated) <= MAX_TEXT:
        return stated
    what = f"more than {MAX_TEXT} letters" if isinstance(stated, str) else named_type(stated)
    problems.add(f"$.{key}", "wrong_type", f"This is a text, not {what}.")
    return before


def _status(stated: Json, problems: Problems) -> Status | None:
    if stated is None:
        return None
    for status in STATUSES:
        if stated == status:
            return status
    problems.add("$.status", "unknown_word", f"{stated!r} is no status.", nearest(str(stated), STATUSES))
    return None


def _flag(stated: Json, problems: Problems) -> bool:
    if not isinstance(stated, bool):
        problems.add("$.pii", "wrong_type", f"This is true or false, not {named_type(stated)}.")
    return stated is True


def drift(found: Drift) -> Shown:
    """What is not as it was."""
    return {**asdict(found), "sources": list(found.sources)}


def suggestion(found: Suggestion) -> Shown:
    """What looks personal."""
    return asdict(found)


def declaration(declared: Declaration) -> Shown:
    """The live version of a document that a workspace has one of."""
    return {
        "version": declared.version,
        "created_at": declared.created_at,
        "document": declared.document,
    }


def plan_report(report: PlanReport) -> Mapping[str, object]:
    """How what was sent kept to the plan."""
    return {"since": report.since, "violations": [asdict(one) for one in report.violations]}


def cleaning_report(report: CleaningReport) -> Mapping[str, object]:
    """What the rules of cleaning did."""
    return {"since": report.since, "counts": [asdict(one) for one in report.counts]}
