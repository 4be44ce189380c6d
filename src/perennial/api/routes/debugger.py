"""Looking on while clients call: server-sent events."""

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from starlette.types import Send

from perennial.api.access import EdgeHere, WorkspaceHere
from perennial.api.debugger import Wanted

router = APIRouter(prefix="/debugger", tags=["events"])
LONGEST_SECONDS = 24 * 3600
_Name = Annotated[str | None, Query(max_length=255)]


class EventStream(StreamingResponse):
    """Server-sent events, whose end on either side ends what makes them."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[str]) -> None:
        # About people: nothing between us keeps it, nor holds it back to send more at once.
        kept_nowhere = {"cache-control": "no-store", "x-accel-buffering": "no"}
        super().__init__(events, headers={**kept_nowhere, "x-content-type-options": "nosniff"})
        self._events = events

    async def stream_response(self, send: Send) -> None:
        """Send until there is no more, or nobody to send to."""
        try:
            await super().stream_response(send)
        finally:
            await self._events.aclose()


@router.get(
    "/stream",
    status_code=200,
    response_class=EventStream,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def watch_calls(
    edge: EdgeHere,
    workspace: WorkspaceHere,
    source: Annotated[_Name, Query(description="Only from this source.")] = None,
    event: Annotated[_Name, Query(description="Only with this event's name.")] = None,
    user: Annotated[_Name, Query(description="Only of this user id or device id.")] = None,
    refused: Annotated[bool, Query(description="Only what is refused.")] = False,
    seconds: Annotated[
        int | None,
        Query(ge=1, le=LONGEST_SECONDS, description="End after so long; else when the server does."),
    ] = None,
) -> EventStream:
    """Calls as they come in to this process, with their outcome: events `open`, `call`, `dropped`, `end`."""
    edge.debugger.require_room()
    wanted = Wanted(source=source, event=event, user=user, only_refused=refused)
    return EventStream(edge.debugger.stream(workspace.name, wanted, seconds=seconds))
