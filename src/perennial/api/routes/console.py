"""What the console's pages show, and the browser's session."""

from importlib.metadata import version

from fastapi import APIRouter, Depends, Request, Response

from perennial.api.access import CaughtUp, EdgeHere, local_only, local_or_session
from perennial.api.console_files import enter, leave
from perennial.api.console_schemas import ConsoleLink, ConsoleSession, JourneyPicture, Today, WorkspaceEntry

pages = APIRouter(tags=["console"])
session = APIRouter(prefix="/console", tags=["console"])
entrance = APIRouter(include_in_schema=False)


@pages.get("/today")
def read_today(workspace: CaughtUp) -> Today:
    """How the workspace stands: activity by day, segments, journeys with their effect, messages."""
    return Today.model_validate(workspace.read_today())


@pages.get("/journeys/{journey_id}")
def show_journey(workspace: CaughtUp, journey_id: str) -> JourneyPicture:
    """A journey's document with what is counted at each node: what its picture is drawn from."""
    return JourneyPicture.model_validate(workspace.show_journey(journey_id))


@session.get("/session", dependencies=[Depends(local_or_session)])
def read_session(edge: EdgeHere) -> ConsoleSession:
    """Which workspaces the console can open. Needs the browser's session, or the local token."""
    found = edge.application.list_workspaces()
    workspaces = [
        WorkspaceEntry(name=one.name, timezone=one.zone.name, is_rehearsal=one.is_rehearsal) for one in found
    ]
    return ConsoleSession(version=version("perennial"), workspaces=workspaces)


@session.delete("/session", dependencies=[Depends(local_or_session)], status_code=204)
def end_session(edge: EdgeHere, request: Request) -> Response:
    """Log the browser out."""
    return leave(edge.console, request)


@session.post("/links", dependencies=[Depends(local_only)])
def make_console_link(edge: EdgeHere) -> ConsoleLink:
    """An address that opens the console once, within 10 minutes. For whoever holds the local token only."""
    return ConsoleLink(url=edge.console.make_link())


@entrance.get("/enter")
def enter_console(edge: EdgeHere, request: Request) -> Response:
    """Redeem a link."""
    return enter(edge.console, request)
