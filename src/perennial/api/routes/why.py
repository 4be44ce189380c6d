"""Why a condition, a segment or a tag holds for a person, or does not."""

from fastapi import APIRouter

from perennial.api.access import CaughtUp
from perennial.api.routes.instants import instant_given
from perennial.api.why_schemas import Why, WhyAsked

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
