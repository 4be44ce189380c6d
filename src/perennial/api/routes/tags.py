"""Tags: save, compare, list, refresh, read, and say where they err."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from perennial.api.access import CaughtUp, WorkspaceHere
from perennial.api.routes.documents import DOCUMENT_BODY, DocumentText
from perennial.api.routes.instants import instant_given, read_instant
from perennial.api.routes.paging import After, PageLimit
from perennial.api.schemas import RefreshChosen
from perennial.api.tag_schemas import (
    DisputeGiven,
    PersonTags,
    Tag,
    TagCounts,
    TagDiff,
    TagDispute,
    TagDisputes,
    TagLineage,
    TagPreset,
    TagPresets,
    Tags,
    TagTransitions,
    TagValues,
)
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.windows import parse_duration

router = APIRouter(tags=["tags"])

AsOf = Annotated[str | None, Query(description="As of this instant (ISO 8601); now unless told.")]


@router.post("/tags", openapi_extra=DOCUMENT_BODY)
def create_tag(workspace: WorkspaceHere, text: DocumentText) -> Tag:
    """Save a tag by values, measure or RFM; the same document again is the same version."""
    return Tag.model_validate(workspace.save_tag(text))


@router.get("/tags")
def list_tags(workspace: CaughtUp, limit: PageLimit = 100, after: After = None) -> Tags:
    """Every tag's live version."""
    rows, cursor = workspace.list_tags(limit=limit, after=after)
    return Tags.model_validate({"tags": rows, "next": cursor})


@router.post("/tags/diff", openapi_extra=DOCUMENT_BODY)
def diff_tag(
    workspace: CaughtUp,
    text: DocumentText,
    as_of: AsOf = None,
    limit: PageLimit = 100,
    after: After = None,
) -> TagDiff:
    """Exactly whose value a document would change if it were saved, and from what to what."""
    at = instant_given(as_of, "$.as_of", workspace)
    return TagDiff.model_validate(workspace.diff_tag(text, as_of=at, limit=limit, after=after))


@router.post("/tags/refresh")
def refresh_tags(workspace: CaughtUp, chosen: RefreshChosen | None = None) -> TagCounts:
    """Compute tags anew; how many people have a value of each."""
    return TagCounts(tags=workspace.refresh_tags(chosen.ids if chosen else None))


@router.get("/tags/presets")
def list_tag_presets(workspace: WorkspaceHere) -> TagPresets:
    """Which documents we ship."""
    return TagPresets(presets=list(workspace.tag_presets()))


@router.get("/tags/presets/{name}")
def show_tag_preset(
    workspace: WorkspaceHere,
    name: str,
    event: Annotated[str, Query(min_length=1, description="The event that shows they are alive to us.")],
) -> TagPreset:
    """A document that we ship, written for one event."""
    return TagPreset.model_validate({"document": workspace.tag_preset(name, event=event)})


@router.get("/tags/{tag_id}/values")
def tag_values(workspace: CaughtUp, tag_id: str, limit: PageLimit = 100, after: After = None) -> TagValues:
    """People's values of a tag by user id; the anonymous under their profile id."""
    values, cursor = workspace.tag_values(tag_id, limit=limit, after=after)
    return TagValues.model_validate({"values": values, "next": cursor})


@router.get("/tags/{tag_id}/transitions")
def tag_transitions(
    workspace: CaughtUp,
    tag_id: str,
    start: Annotated[str, Query(alias="from", description="The first moment (ISO 8601).")],
    end: Annotated[
        str | None, Query(alias="to", description="No moment after this; now, unless told.")
    ] = None,
    every: Annotated[str, Query(description="From moment to moment, such as 7d.")] = "7d",
) -> TagTransitions:
    """How people went from value to value over time: a lifecycle's transition matrix."""
    step = _step(every)
    since = read_instant(start, "$.from", workspace)
    until = instant_given(end, "$.to", workspace)
    return TagTransitions.model_validate(
        workspace.tag_transitions(tag_id, start=since, end=until, every=step)
    )


@router.get("/tags/{tag_id}/lineage")
def tag_lineage(workspace: WorkspaceHere, tag_id: str) -> TagLineage:
    """What a tag is made of, and what rests on it."""
    return TagLineage.model_validate(workspace.tag_lineage(tag_id))


@router.post("/tags/{tag_id}/disputes")
def dispute_tag(workspace: CaughtUp, tag_id: str, given: DisputeGiven) -> TagDispute:
    """Say that a person's value of a tag is wrong."""
    return TagDispute.model_validate(
        workspace.dispute_tag(tag_id, given.user_id, by=given.by, note=given.note)
    )


@router.get("/tags/{tag_id}/disputes")
def list_disputes(
    workspace: WorkspaceHere, tag_id: str, limit: PageLimit = 100, after: After = None
) -> TagDisputes:
    """What is said to be wrong of a tag, and of how many people."""
    return TagDisputes.model_validate(workspace.list_disputes(tag_id, limit=limit, after=after))


@router.get("/people/{user_id:path}/tags")
def person_tags(workspace: CaughtUp, user_id: str, limit: PageLimit = 100, after: After = None) -> PersonTags:
    """A person's tags now, and how their values changed."""
    return PersonTags.model_validate(workspace.person_tags(user_id, limit=limit, after=after))


def _step(text: str) -> timedelta:
    step = parse_duration(text)
    if step is None:
        hint = "Write a whole number and h, d or w: '1d', '7d'."
        message = f"{text!r} is no duration."
        raise InvalidDocument([Problem(path="$.every", code="bad_duration", message=message, hint=hint)])
    return step
