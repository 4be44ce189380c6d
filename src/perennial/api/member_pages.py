"""The pages by which members come in: signing in, and the one-time links. No script runs on them."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from perennial.access.audit.model import DONE
from perennial.access.members import Purpose
from perennial.api.access import EdgeHere
from perennial.api.console_files import HEADERS
from perennial.api.member_sessions import give_cookie, sign_in_here
from perennial.api.problems import TooLarge, Unreadable, status_of
from perennial.api.recording import record_entering
from perennial.kernel.errors import PerennialError

entrance = APIRouter(include_in_schema=False)

_MOST_FORM_BYTES = 16 * 1024
# A referrer of our own pages only: with none at all, browsers would hide the Origin of our own forms too.
_HEADERS = {**HEADERS, "cache-control": "no-store"}


async def form_of(request: Request) -> Mapping[str, str]:
    """The fields of a form, each once. Raises TooLarge, Unreadable."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_FORM_BYTES:
            raise TooLarge(f"A form has at most {_MOST_FORM_BYTES} bytes.")
    try:
        return {name: values[-1] for name, values in parse_qs(body.decode(), max_num_fields=20).items()}
    except ValueError as error:
        raise Unreadable("The form cannot be read.") from error


Form = Annotated[Mapping[str, str], Depends(form_of)]


@entrance.get("/sign-in")
def show_sign_in(edge: EdgeHere, request: Request) -> Response:
    """Ask for address and password."""
    _require_ours(edge, request)
    return _page(_SIGN_IN)


@entrance.post("/sign-in")
def sign_in_by_form(edge: EdgeHere, request: Request, form: Form) -> Response:
    """Begin a session, and on to the console."""

    def enter() -> Response:
        session = sign_in_here(edge, request, form.get("email", ""), form.get("password", ""))
        return _onward(edge, request, session)

    return _trying(enter, _SIGN_IN)


@entrance.get("/set-up")
def show_set_up(edge: EdgeHere, request: Request, key: str = "") -> Response:
    """Ask for the first owner's address and password."""
    return _show(edge, request, key)


@entrance.get("/join")
def show_join(edge: EdgeHere, request: Request, key: str = "") -> Response:
    """Ask who was invited for a password."""
    return _show(edge, request, key)


@entrance.get("/reset")
def show_reset(edge: EdgeHere, request: Request, key: str = "") -> Response:
    """Ask for another password."""
    return _show(edge, request, key)


@entrance.post("/set-up")
@entrance.post("/join")
@entrance.post("/reset")
def redeem_by_form(edge: EdgeHere, request: Request, form: Form) -> Response:
    """Set the password, once, and begin a session with it."""
    key, password = form.get("key", ""), form.get("password", "")

    def enter() -> Response:
        edge.console.require_open()
        edge.console.require_own(request.method, request.headers)
        member = edge.application.members.redeem_link(key, password, email=form.get("email", ""))
        record_entering(edge, request, "redeem_link", member.member_id, DONE)
        return _onward(edge, request, sign_in_here(edge, request, member.email, password))

    return _trying(enter, _password_form("set-up" if "email" in form else "join", key))


def _show(edge: EdgeHere, request: Request, key: str) -> Response:
    _require_ours(edge, request)

    def ask() -> Response:
        # Looking does not use it up: what shows previews of links must not spend them.
        return _page(_password_form(edge.application.members.read_link(key).purpose, key))

    return _trying(ask, "")


def _require_ours(edge: EdgeHere, request: Request) -> None:
    edge.console.require_open()
    edge.console.require_own_host(request.headers)


def _trying(attempt: Callable[[], Response], form: str) -> Response:
    """What an attempt answers, or the form again with what was wrong."""
    try:
        return attempt()
    except PerennialError as error:
        english, chinese = _WORDS.get(error.code, (error.message, error.message))
        said = f'<p role="alert"><strong>{escape(english)}</strong> {escape(error.hint)}'
        said += f'<br><span lang="zh-CN">{escape(chinese)}</span></p>'
        return _page(said + form, 401 if error.code == "sign_in_refused" else status_of(error))


def _onward(edge: EdgeHere, request: Request, session: str) -> Response:
    onward = RedirectResponse("/", status_code=303, headers=_HEADERS)
    give_cookie(edge, request, onward, session)
    return onward


def _password_form(purpose: Purpose, key: str) -> str:
    title, chinese = _TITLES[purpose]
    email = _EMAIL if purpose == "set-up" else ""
    return (
        f'<h1>{title} <span lang="zh-CN">{chinese}</span></h1><form method="post" action="/{purpose}">{email}'
        f'<label>Password <span lang="zh-CN">密码（至少 12 个字符）</span><input type="password"'
        f' name="password" autocomplete="new-password" minlength="12" maxlength="256" required></label>'
        f'<input type="hidden" name="key" value="{escape(key)}">'
        f'<button>Enter <span lang="zh-CN">进入</span></button></form>'
        f"<p>At least 12 characters; four words are good.</p>"
    )


def _page(body: str, status: int = 200) -> Response:
    return HTMLResponse(_FRAME.format(body=body), status_code=status, headers=_HEADERS)


_TITLES: Mapping[Purpose, tuple[str, str]] = {
    "set-up": ("Become the owner", "创建所有者账户"),
    "join": ("Choose a password", "设置密码"),
    "reset": ("Choose another password", "重设密码"),
}
_WORDS: Mapping[str, tuple[str, str]] = {
    "sign_in_refused": ("The address or the password is wrong.", "邮箱或密码不正确。"),
    "too_many_sign_ins": ("Too many attempts; wait a little.", "尝试次数过多，请稍后再试。"),
    "link_used": ("This link was used, or has expired.", "此链接已使用或已过期，请索取新的链接。"),
    "invalid_document": ("This address or password will not do.", "邮箱或密码不符合要求。"),
}
_EMAIL = (
    '<label>E-mail <span lang="zh-CN">邮箱</span>'
    '<input type="email" name="email" autocomplete="username" maxlength="254" required></label>'
)
_SIGN_IN = (
    f'<h1>Sign in <span lang="zh-CN">登录</span></h1><form method="post" action="/sign-in">{_EMAIL}'
    '<label>Password <span lang="zh-CN">密码</span><input type="password" name="password"'
    ' autocomplete="current-password" maxlength="256" required></label>'
    '<button>Sign in <span lang="zh-CN">登录</span></button></form>'
)
_FRAME = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,"><title>Perennial 长青</title>
<style>body{{font:16px/1.6 system-ui,"PingFang SC","Noto Sans SC",sans-serif;max-width:24rem;margin:12vh auto;
padding:0 1rem}}h1{{font-size:1.25rem}}label{{display:block;margin:1rem 0}}
input:not([type=hidden]){{display:block;width:100%;box-sizing:border-box;font:inherit;padding:.5rem}}
button{{font:inherit;padding:.5rem 1.5rem}}</style>
<main>{body}</main></html>
"""
