"""A member's session in their browser: its cookie, given and taken back."""

from starlette.requests import Request
from starlette.responses import Response

from perennial.access.audit.model import DONE
from perennial.access.members import SignInRefused, TooManySignIns
from perennial.access.members.rules import SESSION_LASTS
from perennial.api.access import Edge, address_of
from perennial.api.problems import RateLimited
from perennial.api.recording import record_entering


def sign_in_here(edge: Edge, request: Request, email: str, password: str) -> str:
    """A new session's secret for whoever signs in from our own page.

    A session that the browser had is over: what somebody put there before is worth nothing afterwards.
    Raises ConsoleClosed, ForeignRequest, SignInRefused, RateLimited.
    """
    edge.console.require_open()
    edge.console.require_own(request.method, request.headers)
    members = edge.application.members
    member = members.find_by_email(email)
    outcome = DONE
    try:
        session = members.sign_in(email, password, address=address_of(request, edge))
    except (SignInRefused, TooManySignIns) as error:
        outcome = error.code
        if isinstance(error, TooManySignIns):
            raise too_many(error) from error
        raise
    finally:
        # Of whoever tries with an address that is nobody's, nothing is kept: they may have typed anything.
        if member is not None:
            record_entering(edge, request, "sign_in", member.member_id, outcome)
    sign_out_here(edge, request)
    return session


def sign_out_here(edge: Edge, request: Request) -> None:
    """Let the session of this browser be over, if it has one."""
    session = request.cookies.get(edge.console.member_cookie(request.headers).name)
    if session is not None:
        edge.application.members.sign_out(session)


def give_cookie(edge: Edge, request: Request, response: Response, session: str) -> None:
    """Keep a session in the browser: out of reach of scripts, of other sites' changes, and of plain HTTP."""
    cookie = edge.console.member_cookie(request.headers)
    response.set_cookie(
        cookie.name,
        session,
        max_age=int(SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=cookie.is_secure,
    )


def take_cookie_back(edge: Edge, request: Request, response: Response) -> None:
    """Let the browser forget its session."""
    cookie = edge.console.member_cookie(request.headers)
    response.delete_cookie(cookie.name, httponly=True, samesite="lax", secure=cookie.is_secure)


def too_many(error: TooManySignIns) -> RateLimited:
    """The refusal of whoever guesses, with the time to wait as HTTP says it."""
    return TooManyAttempts(error.wait, hint=error.hint)


class TooManyAttempts(RateLimited):
    """Too many attempts to sign in; wait, then try again."""

    code = "too_many_sign_ins"
