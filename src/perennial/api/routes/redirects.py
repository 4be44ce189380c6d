"""`/c/CODE`: where a code leads, for whoever follows it. No token: it tells a declared address."""

from concurrent.futures import TimeoutError as NotInTime

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from perennial.api.access import Edge
from perennial.collect.acquisition.model import ClickedBy
from perennial.collect.cleaning.forms import is_crawler
from perennial.kernel.errors import Unavailable
from perennial.kernel.ids import mint_secret

_log = structlog.get_logger(__name__)

DEFAULT = "default"
_COOKIE = "perennial_visitor"
_VISITOR_LASTS = 365 * 86400
_MAX_VISITOR = 64
_DURABLE_WITHIN = 2.0
"""Seconds: then the visitor goes on, and the click is durable when it is."""
_AHEAD = ("purpose", "sec-purpose", "x-purpose", "x-moz")


def place_of_codes(workspace: str) -> str:
    """The path that codes of a workspace are followed below."""
    return "/c" if workspace == DEFAULT else f"/c/{workspace}"


class Redirects:
    """Follows codes: the click is kept as an event, and the visitor sent on."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    def routes(self) -> list[Route]:
        """What is answered here."""
        methods = ["GET", "HEAD"]
        return [
            Route("/c/{code}", self.follow, methods=methods, include_in_schema=False),
            Route("/c/{workspace}/{code}", self.follow, methods=methods, include_in_schema=False),
        ]

    def follow(self, request: Request) -> Response:
        """Send a visitor on. Raises NotFound for a code that is not declared, or not valid now."""
        workspace = self._edge.application.workspace(request.path_params.get("workspace", DEFAULT))
        visitor = request.cookies.get(_COOKIE, "")
        if not (visitor.isascii() and visitor.isalnum() and 0 < len(visitor) <= _MAX_VISITOR):
            visitor = mint_secret("")
        target, call = workspace.follow_code(
            request.path_params["code"], by=_by(request), visitor=visitor, carried=request.url.query
        )
        if request.method != "HEAD":
            try:
                workspace.keep_click(call).result(timeout=_DURABLE_WITHIN)
            except (Unavailable, NotInTime) as error:
                # Nobody was told that it is kept; whoever came is not to be stopped by our troubles.
                _log.warning("click_not_kept", workspace=workspace.name, reason=type(error).__name__)
        response = RedirectResponse(target, status_code=302)
        response.headers.update({"cache-control": "no-store", "referrer-policy": "strict-origin"})
        response.set_cookie(
            _COOKIE, visitor, max_age=_VISITOR_LASTS, path="/c", httponly=True, samesite="lax",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return response


def _by(request: Request) -> ClickedBy:
    if any("prefetch" in request.headers.get(name, "").lower() for name in _AHEAD):
        return "prefetch"
    agent = request.headers.get("user-agent", "")
    return "scanner" if not agent or is_crawler(agent[:500]) else "person"
