"""How people may be reached: the gate's policy, and what it would say of an audience."""

from fastapi import APIRouter

from perennial.api.access import CaughtUp, WorkspaceHere
from perennial.api.policy_schemas import ForecastAsked, GateForecast, PolicyShown
from perennial.api.routes.documents import DOCUMENT_BODY, DocumentText
from perennial.api.routes.instants import instant_given
from perennial.api.schema_schemas import DocumentCheck, PublishedDocument
from perennial.api.schemas import ProblemEntry

router = APIRouter()


@router.post("/policy/validate", tags=["policy"], openapi_extra=DOCUMENT_BODY)
def validate_policy(workspace: WorkspaceHere, text: DocumentText) -> DocumentCheck:
    """Whether a policy could be published, and everything that is wrong with it."""
    found = [ProblemEntry.model_validate(problem) for problem in workspace.validate_policy(text)]
    return DocumentCheck(ok=not found, problems=found)


@router.post("/policy", tags=["policy"], openapi_extra=DOCUMENT_BODY)
def publish_policy(workspace: WorkspaceHere, text: DocumentText) -> PublishedDocument:
    """Make a policy the live one; the same document again is the same version."""
    return PublishedDocument.model_validate(workspace.publish_policy(text))


@router.get("/policy", tags=["policy"])
def show_policy(workspace: WorkspaceHere) -> PolicyShown:
    """What the gate goes by, complete."""
    return PolicyShown.model_validate(workspace.show_policy())


@router.post("/policy/forecast", tags=["policy"])
def forecast_policy(workspace: CaughtUp, asked: ForecastAsked) -> GateForecast:
    """How many of the people who meet a condition the gate would let through, hold or drop, and why."""
    at = instant_given(asked.at, "$.at", workspace)
    return GateForecast.model_validate(
        workspace.forecast_policy(asked.condition, channel=asked.channel, topic=asked.topic, at=at)
    )
