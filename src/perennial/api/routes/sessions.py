"""Members' sessions: coming in with a password, another password, leaving everywhere."""

from fastapi import APIRouter, Depends, Request, Response

from perennial.access.members import Member, SignInRefused, TooManySignIns
from perennial.api.access import EdgeHere, address_of, member_here, signed_in
from perennial.api.console import no_session
from perennial.api.member_schemas import PasswordChange, SessionsEnded, SignIn
from perennial.api.member_sessions import give_cookie, sign_in_here, take_cookie_back, too_many
from perennial.api.problems import Unauthorized

router = APIRouter(prefix="/console", tags=["members"])


class WrongPassword(Unauthorized):
    """The address or the password is wrong."""

    code = "sign_in_refused"


@router.post("/session", status_code=204)
def sign_in(edge: EdgeHere, request: Request, order: SignIn) -> Response:
    """Begin a member's session in this browser; asked by our own page."""
    try:
        session = sign_in_here(edge, request, order.email, order.password.get_secret_value())
    except SignInRefused as error:
        raise WrongPassword(error.message, hint=error.hint) from error
    entered = Response(status_code=204, headers={"cache-control": "no-store"})
    give_cookie(edge, request, entered, session)
    return entered


@router.post("/session/password", status_code=204, dependencies=[Depends(signed_in)])
def change_password(edge: EdgeHere, request: Request, change: PasswordChange) -> Response:
    """Change one's own password; every session is over, this one too."""
    try:
        edge.application.members.change_password(
            _member(edge, request),
            change.present.get_secret_value(),
            change.wanted.get_secret_value(),
            address=address_of(request, edge),
        )
    except SignInRefused as error:
        raise WrongPassword(error.message, hint=error.hint) from error
    except TooManySignIns as error:
        raise too_many(error) from error
    gone = Response(status_code=204)
    take_cookie_back(edge, request, gone)
    return gone


@router.delete("/sessions", dependencies=[Depends(signed_in)])
def end_all_sessions(edge: EdgeHere, request: Request, response: Response) -> SessionsEnded:
    """End all of one's sessions, in every browser."""
    ended = edge.application.members.sign_out_everywhere(_member(edge, request).member_id)
    take_cookie_back(edge, request, response)
    return SessionsEnded(ended=ended)


def _member(edge: EdgeHere, request: Request) -> Member:
    member = member_here(request, edge)
    if member is None:
        raise no_session()
    return member
