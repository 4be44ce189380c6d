"""Who is asking, and for which workspace: the dependencies that every route but health rests on."""

import hmac
from hashlib import sha256
from typing import Annotated, Literal

from fastapi import Depends, Header, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from perennial.access.members import OWN_COMPUTER, Member
from perennial.access.roles import ALL, EVERYWHERE, MACHINE, Actor
from perennial.api.console import Console, SessionMissing, is_loopback, no_session
from perennial.api.debugger import Debugger
from perennial.api.jobs import Jobs
from perennial.api.permissions import require
from perennial.api.ports import Application, Workspace
from perennial.api.problems import Forbidden, Unauthorized
from perennial.api.shared_limits import SharedLimits
from perennial.collect.imports.model import ImportResult

WORKSPACE_HEADER = "X-Perennial-Workspace"
_NOT_KEPT = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
LINK = Actor(kind="machine", id="link", allowed={EVERYWHERE: ALL})
"""Whoever came into the console by a link that this machine's own commands printed."""
_bearer = HTTPBearer(auto_error=False, description="An API token made by `perennial init`.")


class Edge:
    """What the routes share: the application, the local token, and the jobs that run."""

    def __init__(self, application: Application, *, local_token: str | None) -> None:
        self.application = application
        self.local_token = local_token
        self.imports = Jobs[ImportResult]("import")
        self.exports = Jobs[object]("export")
        self.backtests = Jobs[object]("backtest")
        self.console = Console(application.clock)
        self.console.open_publicly(application.public_url)
        self.debugger = Debugger()
        self.shares = SharedLimits(application.clock)
        self.is_stopping = False
        """Set when the server was told to stop: nothing more is taken in."""

    @property
    def instance(self) -> str:
        """Public name of this running server, by which a command knows that `server.json` is about it."""
        return instance_of(self.local_token or "")


def instance_of(local_token: str) -> str:
    """The public name of the server that holds a local token; it gives nothing of the token away."""
    return sha256(f"instance:{local_token}".encode()).hexdigest()[:16]


def edge_of(request: Request) -> Edge:
    """The edge that this request came in by."""
    edge = request.app.state.edge
    if not isinstance(edge, Edge):
        raise TypeError("the API was not made by create_app")
    return edge


EdgeHere = Annotated[Edge, Depends(edge_of)]
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def actor_of(request: Request, edge: EdgeHere, credentials: Credentials) -> Actor:
    """Whoever asks: the machine's own commands, a token, a member, or whoever came by a console's link.

    Raises Unauthorized for everybody else.
    """
    if credentials is not None:
        return _bearer_of(edge, credentials.credentials)
    member = member_here(request, edge)
    if member is not None:
        return member.acting()
    if edge.console.cookie in request.cookies:
        edge.console.require_session(request.method, request.headers, request.cookies)
        return LINK
    if edge.console.member_cookie(request.headers).name in request.cookies:
        raise SessionMissing("This session is over.", hint="Sign in again at /sign-in.")
    raise Unauthorized("A bearer token is missing.", hint="`perennial init --new-token` makes one.")


def member_here(request: Request, edge: Edge) -> Member | None:
    """Whoever is signed in, in this browser. Raises ForeignRequest where another site's page asks."""
    session = request.cookies.get(edge.console.member_cookie(request.headers).name)
    if session is None or not edge.console.is_open:
        return None
    edge.console.require_own(request.method, request.headers)
    return edge.application.members.authenticate(session)


def address_of(request: Request, edge: Edge) -> str:
    """Where a request comes from; what stands before us with the TLS says it in `X-Forwarded-For`."""
    peer = request.client.host if request.client is not None else OWN_COMPUTER
    forwarded = request.headers.get("x-forwarded-for", "")
    if forwarded and is_loopback(peer) and edge.console.is_public(request.headers):
        # The last one is what our own neighbour saw; all before it is what the caller says of itself.
        return forwarded.rpartition(",")[2].strip()
    return peer


ActorHere = Annotated[Actor, Depends(actor_of)]


def workspace_of(
    request: Request,
    response: Response,
    edge: EdgeHere,
    actor: ActorHere,
    wanted: Annotated[str | None, Header(alias=WORKSPACE_HEADER)] = None,
) -> Workspace:
    """The workspace that is asked about, if whoever asks may call this there.

    A token opens its own; everybody else says which in the header. Raises Forbidden.
    """
    # About people: no browser or proxy may keep it, nor show it again to whoever comes after a log-out.
    response.headers.update(_NOT_KEPT)
    name = _workspace_named(actor, wanted)
    require(actor, operation_of(request), name)
    return edge.application.workspace(name)


def operation_of(request: Request) -> str:
    """The name of the operation that a request came to."""
    return str(getattr(request.scope.get("route"), "name", ""))


def _workspace_named(actor: Actor, wanted: str | None) -> str:
    own = [place for place in actor.allowed if place != EVERYWHERE]
    if actor.kind == "token":
        if wanted is not None and wanted not in own:
            raise Forbidden(
                f"This token does not belong to the workspace {wanted!r}.", hint="Leave the header out."
            )
        return own[0]
    if wanted is None and EVERYWHERE not in actor.allowed and len(own) == 1:
        return own[0]
    name = wanted or "default"
    if not actor.permissions_in(name):
        # Whether there is one by this name is nobody's business who has no part in it.
        raise Forbidden(f"You have no role in the workspace {name!r}.", hint="Ask an owner or admin for one.")
    return name


def local_only(edge: EdgeHere, credentials: Credentials) -> None:
    """Refuse whoever cannot read the data directory: such a route reads files here, or tells keys."""
    if credentials is None:
        raise Unauthorized("A bearer token is missing.", hint="Only this machine's own commands may do that.")
    if not _is_local(edge, credentials.credentials):
        raise Forbidden(
            "This is done on the server's own machine only.",
            hint="Run `perennial` there; calls from elsewhere go to /v1/batch.",
        )


def signed_in(request: Request, edge: EdgeHere, credentials: Credentials) -> Actor:
    """Whoever is signed in, came by a link, or holds the local token; tokens of scripts have no session."""
    if credentials is not None:
        local_only(edge, credentials)
        return MACHINE
    if member_here(request, edge) is None and edge.console.cookie not in request.cookies:
        raise no_session()
    return actor_of(request, edge, None)


SignedIn = Annotated[Actor, Depends(signed_in)]

WorkspaceHere = Annotated[Workspace, Depends(workspace_of)]


def up_to_date_workspace(
    workspace: WorkspaceHere,
    wait: Annotated[
        Literal["accepted"] | None,
        Query(description="Answer only once everything accepted so far is visible."),
    ] = None,
) -> Workspace:
    """The workspace to read from, caught up with what it accepted where the caller asks for that."""
    if wait == "accepted":
        workspace.wait_accepted()
    return workspace


CaughtUp = Annotated[Workspace, Depends(up_to_date_workspace)]


def _bearer_of(edge: Edge, token: str) -> Actor:
    if _is_local(edge, token):
        return MACHINE
    found = edge.application.authenticate_token(token)
    if found is None:
        raise Unauthorized(
            "This API token is not known here.", hint="`perennial init --new-token` makes one."
        )
    return found


def _is_local(edge: Edge, token: str) -> bool:
    return edge.local_token is not None and hmac.compare_digest(edge.local_token.encode(), token.encode())
