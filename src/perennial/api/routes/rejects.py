"""Refused calls: looked for, counted, and tried again after a fix."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime

from perennial.api.access import CaughtUp, WorkspaceHere
from perennial.api.reject_schemas import Reject, RejectCounts, RejectReplay, Rejects, RejectsReplayed
from perennial.api.routes.paging import After, PageLimit
from perennial.collect.rejects import RejectQuery

router = APIRouter(tags=["events"])

_Text = Annotated[str | None, Query(max_length=1000)]
_Id = Annotated[int, Path(ge=1, le=2**63 - 1)]


def _asked(
    code: Annotated[_Text, Query(description="Only refused for this reason.")] = None,
    source: Annotated[_Text, Query(description="Only from this source.")] = None,
    event: Annotated[_Text, Query(description="Only with this event's name.")] = None,
    start: Annotated[
        AwareDatetime | None, Query(alias="from", description="Received at or after this.")
    ] = None,
    end: Annotated[AwareDatetime | None, Query(alias="to", description="Received before this.")] = None,
    search: Annotated[_Text, Query(description="Only with this text inside, or as an id.")] = None,
) -> RejectQuery:
    return RejectQuery(code=code, source=source, event=event, start=start, end=end, search=search)


_Asked = Annotated[RejectQuery, Depends(_asked)]


@router.get("/rejects")
def list_rejects(workspace: CaughtUp, asked: _Asked, limit: PageLimit = 100, after: After = None) -> Rejects:
    """Calls that were refused, with the place of the mistake and what would be right."""
    rows, cursor = workspace.list_rejects(query=asked, limit=limit, after=after)
    return Rejects.model_validate({"rejects": rows, "next": cursor})


@router.get("/rejects/counts")
def count_rejects(workspace: CaughtUp, asked: _Asked) -> RejectCounts:
    """How many calls were refused for each reason, of those that are kept."""
    return RejectCounts.model_validate({"counts": workspace.count_rejects(asked)})


@router.get("/rejects/{reject_id}")
def show_reject(workspace: WorkspaceHere, reject_id: _Id) -> Reject:
    """One refused call."""
    return Reject.model_validate(workspace.show_reject(reject_id))


@router.post("/rejects/replay")
def replay_rejects(workspace: WorkspaceHere, order: RejectReplay) -> RejectsReplayed:
    """Try refused calls again by the rules of now; each that is taken is one event, however often tried."""
    return RejectsReplayed.model_validate(workspace.replay_rejects(order.query(), order.mending()))
