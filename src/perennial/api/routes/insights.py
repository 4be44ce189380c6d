"""Insights: run one, see who is behind a number, keep them as a segment."""

from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import JsonValue

from perennial.api.access import CaughtUp
from perennial.api.insight_schemas import (
    InsightPeople,
    InsightPeopleAsked,
    InsightResult,
    InsightSegment,
    InsightSegmentAsked,
)

router = APIRouter()


@router.post("/insights/run", tags=["insights"])
def run_insight(
    workspace: CaughtUp,
    spec: Annotated[JsonValue, Body(description="The insight's specification.")],
) -> InsightResult:
    """Answer an insight: every number with the cell that names its people."""
    return InsightResult.model_validate(workspace.run_insight(spec))


@router.post("/insights/people", tags=["insights"])
def insight_people(workspace: CaughtUp, asked: InsightPeopleAsked) -> InsightPeople:
    """Who makes up one of an insight's numbers, and with how much."""
    return InsightPeople.model_validate(
        workspace.insight_people(asked.spec, asked.cell, limit=asked.limit, after=asked.after)
    )


@router.post("/insights/segment", tags=["insights"])
def save_insight_people(workspace: CaughtUp, asked: InsightSegmentAsked) -> InsightSegment:
    """Keep who makes up a number as a list; the same id again brings the list to it."""
    return InsightSegment.model_validate(
        workspace.save_insight_people(asked.spec, asked.cell, segment_id=asked.segment_id, name=asked.name)
    )
