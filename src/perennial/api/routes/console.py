"""What the console's pages show, and the browser's session."""

from importlib.metadata import version

from fastapi import APIRouter, Depends, Request, Response

from perennial.api.access import CaughtUp, EdgeHere, SignedIn, local_only, member_here, signed_in
from perennial.api.console_files import enter, leave
from perennial.api.console_schemas import ConsoleLink, ConsoleSession, JourneyPicture, Today, WorkspaceEntry
from perennial.api.member_sessions import sign_out_here, take_cookie_back

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


@session.get("/session")
def read_session(edge: EdgeHere, request: Request, actor: SignedIn) -> ConsoleSession:
    """Who is signed in, and which workspaces they can open. Needs a session, or the local token."""
    member = member_here(request, edge)
    workspaces = [
        WorkspaceEntry(
            name=one.name,
            timezone=one.zone.name,
            is_rehearsal=one.is_rehearsal,
            permissions=sorted(actor.permissions_in(one.name)),
        )
        for one in edge.application.list_workspaces()
        if actor.permissions_in(one.name)
    ]
    return ConsoleSession(
        version=version("perennial"), member=None if member is None else member.email, workspaces=workspaces
    )


@session.delete("/session", dependencies=[Depends(signed_in)], status_code=204)
def end_session(edge: EdgeHere, request: Request) -> Response:
    """Log the browser out."""
    sign_out_here(edge, request)
    gone = leave(edge.console, request)
    take_cookie_back(edge, request, gone)
    return gone


@session.post("/links", dependencies=[Depends(local_only)])
def make_console_link(edge: EdgeHere) -> ConsoleLink:
    """An address that opens the console once, within 10 minutes. For whoever holds the local token only."""
    return ConsoleLink(url=edge.console.make_link())


@entrance.get("/enter")
def enter_console(edge: EdgeHere, request: Request) -> Response:
    """Redeem a link."""
    return enter(edge.console, request)
