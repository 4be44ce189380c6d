"""Looking somebody up: find them, see who they are and what they did."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from perennial.api.access import CaughtUp
from perennial.api.people_schemas import FoundPeople, PersonEvents, PersonShown, SearchAsked
from perennial.api.routes.instants import instant_given
from perennial.api.routes.paging import After, PageLimit
from perennial.kernel.events import RowKind

router = APIRouter()
whole = APIRouter()
"""To be included after every other route of a person: an id may have slashes."""


def _span(
    start: Annotated[str | None, Query(alias="from", description="From this instant on (ISO 8601).")] = None,
    end: Annotated[str | None, Query(alias="to", description="Before this instant (ISO 8601).")] = None,
) -> tuple[str | None, str | None]:
    return start, end


Span = Annotated[tuple[str | None, str | None], Depends(_span)]


@router.post("/people/search", tags=["people"])
def find_people(workspace: CaughtUp, asked: SearchAsked) -> FoundPeople:
    """People by how a name or a trait of theirs begins, each once, in the order of what was found."""
    rows, cursor = workspace.find_people(
        asked.text,
        trait=asked.trait,
        starts_with=asked.starts_with,
        equals=asked.equals,
        condition=asked.condition,
        limit=asked.limit,
        after=asked.after,
    )
    return FoundPeople.model_validate({"people": rows, "next": cursor})


@router.get("/people/{user_id:path}/events", tags=["people"])
def person_events(
    workspace: CaughtUp,
    user_id: str,
    span: Span,
    event: Annotated[str | None, Query(description="Of this name only.")] = None,
    kind: Annotated[RowKind | None, Query(description="Of this kind only: track, identify …")] = None,
    limit: PageLimit = 100,
    after: After = None,
) -> PersonEvents:
    """What happened to a person, newest first: their events, what they told, and what we did."""
    since, until = instant_given(span[0], "$.from", workspace), instant_given(span[1], "$.to", workspace)
    rows, cursor = workspace.person_events(
        user_id, event=event, kind=kind, start=since, end=until, limit=limit, after=after
    )
    return PersonEvents.model_validate({"events": rows, "next": cursor})


@whole.get("/people/{user_id:path}", tags=["people"])
def show_person(workspace: CaughtUp, user_id: str) -> PersonShown:
    """Who somebody is: names, traits with their source and time, tags, segments, and what they did."""
    return PersonShown.model_validate(workspace.show_person(user_id))
