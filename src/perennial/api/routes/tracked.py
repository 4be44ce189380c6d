"""`/l`, `/o` and `/u`: a message's links, its picture and its way out. No token but the signed one in them.

GET never unsubscribes: scanners follow every link of a mail. A POST does, as mail programs send it
(RFC 8058) or as the page's own form does.
"""

import base64
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from contextlib import suppress

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from perennial.api.access import Edge
from perennial.api.choices_page import HEADERS, choices_page, confirmation_page, gone_page
from perennial.api.routes.redirects import DEFAULT
from perennial.api.tracked_ports import TrackedMessages
from perennial.deliver.tracking import Clicked, Look, Opened
from perennial.deliver.tracking.wording import language_of
from perennial.kernel.errors import NotFound, PerennialError

_log = structlog.get_logger(__name__)

_PICTURE = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_NOT_KEPT = {"cache-control": "no-store, no-transform", "referrer-policy": "no-referrer"}
_MAX_CHOICES = 200
_NOTED_WITHIN = 2.0
"""Seconds: then whoever looked goes on, and the look is noted when it can be."""
_AT_ONCE = 8


class Tracked:
    """Answers those who got messages."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._notes = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="look")

    def routes(self) -> list[Route]:
        """What is answered here; each also with the name of a workspace that is not the default one."""
        looks, both = ["GET", "HEAD"], ["GET", "HEAD", "POST"]
        return [
            Route(f"/{kind}{place}/{{token}}", answer, methods=methods, include_in_schema=False)
            for place in ("", "/{workspace}")
            for kind, answer, methods in (
                ("l", self.follow, looks),
                ("o", self.picture, looks),
                ("u", self.choices, both),
                ("y", self.confirmation, both),
            )
        ]

    def follow(self, request: Request) -> Response:
        """Send whoever follows a link on to where the message said; anything else leads nowhere."""
        try:
            found = self._workspace(request).read_link(request.path_params["token"])
        except NotFound:
            return _gone(request)
        self._note(request, found)
        return RedirectResponse(found.url, status_code=302, headers=_NOT_KEPT)

    def picture(self, request: Request) -> Response:
        """The picture of one dot; that it was asked for is noted where it is one of ours."""
        with suppress(NotFound):  # whoever looks sees the same dot, and learns nothing
            self._note(request, self._workspace(request).read_picture(request.path_params["token"]))
        return Response(_PICTURE, media_type="image/gif", headers=_NOT_KEPT)

    async def choices(self, request: Request) -> Response:
        """The page of choices; and with POST what was chosen on it, or by one click in a mail program."""
        token = request.path_params["token"]
        try:
            workspace = await run_in_threadpool(self._workspace, request)
            if request.method == "POST":
                return await self._chosen(request, workspace, token)
            locale = _locale(request)
            shown = await run_in_threadpool(workspace.show_choices, token, locale=locale)
        except NotFound:
            return _gone(request)
        return HTMLResponse(choices_page(shown), headers=HEADERS)

    def confirmation(self, request: Request) -> Response:
        """The page that asks for a consent; with POST it is granted."""
        token = request.path_params["token"]
        try:
            workspace = self._workspace(request)
            if request.method == "POST":
                workspace.confirm(token)
            asked = workspace.show_confirmation(token, locale=_locale(request))
        except NotFound:
            return _gone(request)
        return HTMLResponse(confirmation_page(asked, is_saved=request.method == "POST"), headers=HEADERS)

    async def _chosen(self, request: Request, workspace: TrackedMessages, token: str) -> Response:
        form = await request.form(max_fields=_MAX_CHOICES, max_files=0)
        if form.get("List-Unsubscribe") == "One-Click":
            await run_in_threadpool(workspace.unsubscribe, token)
            return PlainTextResponse("unsubscribed\n", headers=HEADERS)
        locale = _locale(request)
        shown = await run_in_threadpool(workspace.show_choices, token, locale=locale)
        if form.get("do") == "none":
            granted = set[tuple[str, str]]()
            await run_in_threadpool(workspace.unsubscribe_all, token)
        else:
            told = {str(one) for one in form.getlist("topic")}
            ways = [(one.channel, one.topic) for one in shown.topics]
            granted = {way for way in ways if "/".join(way) in told}
            await run_in_threadpool(workspace.choose, token, granted)
        page = choices_page(shown, granted=granted, is_saved=True)
        return HTMLResponse(page, headers=HEADERS)

    def _note(self, request: Request, found: Clicked | Opened) -> None:
        """Keep a look. Whoever looked is not to be stopped by our troubles."""
        look = Look(
            method=request.method,
            headers={name.lower(): value for name, value in request.headers.items()},
            at=self._edge.application.clock.now(),
        )
        try:
            self._notes.submit(self._workspace(request).note_look, found, look).result(timeout=_NOTED_WITHIN)
        except (PerennialError, OSError, NotInTime) as error:
            _log.warning("look_not_kept", reason=type(error).__name__)

    def _workspace(self, request: Request) -> TrackedMessages:
        return self._edge.application.workspace(request.path_params.get("workspace", DEFAULT))


def _gone(request: Request) -> Response:
    return HTMLResponse(gone_page(language_of(_locale(request))), status_code=404, headers=HEADERS)


def _locale(request: Request) -> str | None:
    """The language a browser asks for first; a person's own is known better."""
    return request.headers.get("accept-language", "").split(",")[0].strip() or None
