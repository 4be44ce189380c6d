"""Why something holds for a person, and why a journey did what it did with them."""

from typing import Annotated

from fastapi import APIRouter, Query

from perennial.api.access import CaughtUp
from perennial.api.routes.instants import instant_given
from perennial.api.why_schemas import JourneyWhy, Why, WhyAsked

router = APIRouter()


@router.post("/people/{user_id:path}/why", tags=["people"])
def why_person(workspace: CaughtUp, user_id: str, asked: WhyAsked) -> Why:
    """Each part of a condition, a segment or a tag: whether it holds for a person, and what was seen."""
    as_of = instant_given(asked.as_of, "$.as_of", workspace)
    return Why.model_validate(
        workspace.why_person(
            user_id, condition=asked.condition, segment=asked.segment, tag=asked.tag, as_of=as_of
        )
    )


@router.get("/journeys/{journey_id}/why", tags=["journeys"])
def why_journey(
    workspace: CaughtUp,
    journey_id: str,
    user: Annotated[str, Query(description="A user id, or a profile as prf_….")],
    key: Annotated[str | None, Query(description="Only the runs under this key.")] = None,
) -> JourneyWhy:
    """Why a person did not enter a journey, waits, was held, left, or got an arm; in both languages."""
    return JourneyWhy.model_validate(workspace.why_journey(journey_id, user, key=key))
