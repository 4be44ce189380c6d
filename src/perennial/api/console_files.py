"""The console's files and the pages before it: what a browser gets outside `/api` and `/v1`."""

import mimetypes
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from perennial.api.console import SESSION_LASTS, Console, ForeignRequest

BUILT = Path(str(files("perennial"))) / "console" / "static"
"""Where `make web` builds the console; the wheel carries it."""

HEADERS: Mapping[str, str] = {
    # Ant Design writes its styles into the page; scripts come from our own files only.
    "content-security-policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none';"
        " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_KEPT = {"cache-control": "public, max-age=31536000, immutable"}
_ASKED_AGAIN = {"cache-control": "no-cache"}
_NOT_KEPT = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
_INDEX = "index.html"
_HASHED = "assets/"
_ROOTS = ("api", "v1", "enter", "c", "sign-in", "set-up", "join", "reset")
"""First steps of paths that never lead into the console."""


class ConsoleFiles:
    """The ASGI application for every path that no route knows."""

    def __init__(self, console: Console, folder: Path = BUILT) -> None:
        self._console = console
        self._folder = folder
        self._files = _listing(folder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request with a file, the console's page, or a refusal."""
        request = Request(scope, receive)
        await self._answer(request)(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        path = request.url.path.removeprefix("/")
        root = path.partition("/")[0]
        if request.method not in ("GET", "HEAD") or root in _ROOTS:
            raise HTTPException(404)
        self._console.require_open()
        self._console.require_own_host(request.headers)
        if "." not in path.rpartition("/")[2] or path == _INDEX:
            index = self._find(_INDEX)
            return _page(404, NOT_BUILT) if index is None else _file(index, _ASKED_AGAIN)
        file = self._find(path)
        if file is None:
            raise HTTPException(404)
        return _file(file, _KEPT if path.startswith(_HASHED) else _ASKED_AGAIN)

    def _find(self, path: str) -> Path | None:
        """The listed file of exactly this name: no path can lead elsewhere."""
        file = self._files.get(path)
        if file is not None and file.is_file():
            return file
        # The console was built anew, or an upgrade replaced it, under a server that runs.
        self._files = _listing(self._folder)
        return self._files.get(path)


def _listing(folder: Path) -> Mapping[str, Path]:
    return {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}


def enter(console: Console, request: Request) -> Response:
    """Redeem a link: a session, and on to the console; or a page that says how to get another link."""
    console.require_near()
    console.require_own_host(request.headers)
    if console.is_public(request.headers):
        raise ForeignRequest("A link opens the console on its own machine only.", hint="Sign in at /sign-in.")
    session = console.redeem(request.query_params.get("key", ""))
    if session is None:
        return _page(403, LINK_USED)
    onward = RedirectResponse("/", status_code=303, headers={**HEADERS, **_NOT_KEPT})
    onward.set_cookie(
        console.cookie, session, max_age=int(SESSION_LASTS.total_seconds()), httponly=True, samesite="strict"
    )
    return onward


def leave(console: Console, request: Request) -> Response:
    """End the session of a browser and take its cookie back."""
    console.end(request.cookies.get(console.cookie, ""))
    gone = Response(status_code=204)
    gone.delete_cookie(console.cookie, httponly=True, samesite="strict")
    return gone


def _file(file: Path, caching: Mapping[str, str]) -> Response:
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return FileResponse(file, media_type=kind, headers={**HEADERS, **caching})


def _page(status: int, body: str) -> Response:
    return HTMLResponse(_FRAME.format(body=body), status_code=status, headers={**HEADERS, **_NOT_KEPT})


_FRAME = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>Perennial 长青</title>
<style>body{{font:16px/1.6 system-ui,"PingFang SC","Noto Sans SC",sans-serif;max-width:36rem;margin:15vh auto;
padding:0 1rem}}h1{{font-size:1.25rem}}code{{font-size:1.05em}}</style>
<main>{body}</main></html>
"""
LINK_USED = """<h1>This link does not open the console any more</h1>
<p>A link works once, within ten minutes, on the server that printed it. For another one, run
<code>perennial console</code>, with the <code>--home</code> of the server.</p>
<div lang="zh-CN"><h1>此链接已失效</h1>
<p>每个链接只能使用一次，十分钟内有效，且仅限打印它的服务器。请运行 <code>perennial console</code>
（使用与服务器相同的 <code>--home</code>）获取新链接。</p></div>"""
NOT_BUILT = """<h1>The console is not built</h1>
<p>In a checkout, run <code>make web</code> (it needs Node.js 20.19 or newer) and start the server again. The
API is served as ever, at <a href="/api">/api</a>.</p>
<div lang="zh-CN"><h1>控制台尚未构建</h1>
<p>请在代码目录运行 <code>make web</code>（需要 Node.js 20.19 或更高版本），然后重启服务器。API 不受影响，见
<a href="/api">/api</a>。</p></div>"""
