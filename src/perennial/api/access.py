"""Who is asking, and for which workspace: the dependencies that every route but health rests on."""

import hmac
from hashlib import sha256
from typing import Annotated, Literal

from fastapi import Depends, Header, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from perennial.api.console import Console
from perennial.api.debugger import Debugger
from perennial.api.jobs import Jobs
from perennial.api.ports import Application, Workspace
from perennial.api.problems import Forbidden, Unauthorized
from perennial.collect.imports.model import ImportResult

WORKSPACE_HEADER = "X-Perennial-Workspace"
_NOT_KEPT = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_bearer = HTTPBearer(auto_error=False, description="An API token made by `perennial init`.")


class Edge:
    """What the routes share: the application, the local token, and the jobs that run."""

    def __init__(self, application: Application, *, local_token: str | None) -> None:
        self.application = application
        self.local_token = local_token
        self.imports = Jobs[ImportResult]("import")
        self.exports = Jobs[object]("export")
        self.console = Console(application.clock)
        self.debugger = Debugger()
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


def workspace_of(
    request: Request,
    response: Response,
    edge: EdgeHere,
    credentials: Credentials,
    wanted: Annotated[str | None, Header(alias=WORKSPACE_HEADER)] = None,
) -> Workspace:
    """The workspace a token opens; the local token and a console's session open the one the header names."""
    token = credentials.credentials if credentials else ""
    if not token and not _has_session(edge, request):
        raise Unauthorized("A bearer token is missing.", hint="`perennial init --new-token` makes one.")
    # About people: no browser or proxy may keep it, nor show it again to whoever comes after a log-out.
    response.headers.update(_NOT_KEPT)
    if not token or _is_local(edge, token):
        return edge.application.workspace(wanted or "default")
    owner = edge.application.authenticate_token(token)
    if owner is None:
        raise Unauthorized(
            "This API token is not known here.", hint="`perennial init --new-token` makes one."
        )
    if wanted is not None and wanted != owner:
        raise Forbidden(
            f"This token does not belong to the workspace {wanted!r}.", hint="Leave the header out."
        )
    return edge.application.workspace(owner)


def local_only(edge: EdgeHere, credentials: Credentials) -> None:
    """Refuse whoever cannot read the data directory: such a route reads files here, or tells keys."""
    if credentials is None:
        raise Unauthorized("A bearer token is missing.", hint="Only this machine's own commands may do that.")
    if not _is_local(edge, credentials.credentials):
        raise Forbidden(
            "This is done on the server's own machine only.",
            hint="Run `perennial` there; calls from elsewhere go to /v1/batch.",
        )


def local_or_session(request: Request, edge: EdgeHere, credentials: Credentials) -> None:
    """Refuse whoever has neither the local token nor a session of the console."""
    if credentials is None:
        edge.console.require_session(request.method, request.headers, request.cookies)
        return
    local_only(edge, credentials)


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


def _has_session(edge: Edge, request: Request) -> bool:
    """Whether the console's cookie came along; then it must be good."""
    if edge.console.cookie not in request.cookies:
        return False
    edge.console.require_session(request.method, request.headers, request.cookies)
    return True


def _is_local(edge: Edge, token: str) -> bool:
    return edge.local_token is not None and hmac.compare_digest(edge.local_token.encode(), token.encode())
