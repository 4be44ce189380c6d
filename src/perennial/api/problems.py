"""How a refusal is told over HTTP: a problem document (RFC 9457), its status from one table."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import cast

import msgspec
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from perennial.collect.events import Overloaded
from perennial.kernel.errors import (
    InvalidDocument,
    NotFound,
    NotSupported,
    PerennialError,
    Problem,
    Refused,
    Unavailable,
)
from perennial.kernel.values import Json

PROBLEM_TYPE = "application/problem+json"
_log = structlog.get_logger(__name__)


class Unauthorized(PerennialError):
    """The key or token is missing or not known here."""

    code = "unauthorized"


class Forbidden(PerennialError):
    """This token may not do that."""

    code = "forbidden"


class Unreadable(PerennialError):
    """The body is not what it should be; nothing of it was stored."""

    code = "unreadable"


class RateLimited(Overloaded):
    """This source sends more than it may; nothing of this was stored. Wait, then send the same again."""

    code = "rate_limited"

    def __init__(self, wait: float, *, hint: str = "") -> None:
        super().__init__(hint=hint)
        self.wait = max(1, math.ceil(wait))
        """Whole seconds after which there is room."""


class TooLarge(PerennialError):
    """The body is larger than what is accepted; nothing of it was stored."""

    code = "too_large"


# The one table from errors to HTTP; the nearest class on the way up to PerennialError counts.
STATUS_BY_CLASS: Mapping[type[PerennialError], int] = {
    Unreadable: 400,
    TooLarge: 400,  # 413 would make some clients drop the batch silently; 400 is what Segment answers
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    Refused: 409,
    InvalidDocument: 422,
    NotSupported: 501,
    Overloaded: 429,
    Unavailable: 503,
    PerennialError: 400,
}
_CODE_BY_STATUS: Mapping[int, str] = {
    400: Unreadable.code,
    404: "no_such_route",
    405: "method_not_allowed",
}
RETRY_AFTER_SECONDS = 2
"""How long a client should wait where we could not take what it sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpProblem:
    """A refusal, ready to be written."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def status_of(error: PerennialError) -> int:
    """The HTTP status that an error is answered with."""
    nearest = next(kind for kind in type(error).__mro__ if kind in STATUS_BY_CLASS)
    if nearest is PerennialError and error.is_our_fault:
        return 500
    return STATUS_BY_CLASS[nearest]


def problem_of(error: PerennialError) -> HttpProblem:
    """An error as a problem document."""
    problems = error.problems if isinstance(error, InvalidDocument) else ()
    return write_problem(
        status_of(error),
        code=error.code,
        message=error.message,
        hint=error.hint,
        path=error.path,
        problems=problems,
        wait=error.wait if isinstance(error, RateLimited) else RETRY_AFTER_SECONDS,
    )


def write_problem(
    status: int,
    *,
    code: str,
    message: str,
    hint: str = "",
    path: str = "",
    problems: Sequence[Problem] = (),
    wait: int = RETRY_AFTER_SECONDS,
) -> HttpProblem:
    """A problem document: RFC 9457's members and ours (`code`, `message`, `hint`, `path`)."""
    document: dict[str, Json] = {
        "type": f"urn:perennial:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": message,
        "code": code,
        "message": message,
        "hint": hint,
        "path": path,
    }
    if problems:
        document["problems"] = [cast("Json", msgspec.to_builtins(problem)) for problem in problems]
    headers = {"content-type": PROBLEM_TYPE}
    if status in (429, 503):
        headers["retry-after"] = str(wait)
    if status == 429:
        headers["x-ratelimit-reset"] = str(wait)
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return HttpProblem(status=status, body=msgspec.json.encode(document), headers=headers)


def install_problem_answers(api: FastAPI) -> None:
    """Make every refusal and failure of the API a problem document."""
    api.add_exception_handler(PerennialError, _refuse)
    api.add_exception_handler(RequestValidationError, _refuse_request)
    api.add_exception_handler(HTTPException, _refuse_route)
    api.add_exception_handler(Exception, _fail)


def answer(problem: HttpProblem) -> Response:
    """A problem as a response of the framework."""
    return Response(problem.body, status_code=problem.status, headers=dict(problem.headers))


def _refuse(_request: Request, error: Exception) -> Response:
    if not isinstance(error, PerennialError):
        raise error
    if error.is_our_fault:
        _log.warning("request_failed", code=error.code, message=error.message)
    return answer(problem_of(error))


def _refuse_request(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = cast("Sequence[Mapping[str, object]]", error.errors())  # pydantic types its list as Any
    problems = [_problem_in_request(fault) for fault in found]
    unreadable = next((problem for problem in problems if problem.code == Unreadable.code), None)
    if unreadable is not None:
        return answer(problem_of(Unreadable(unreadable.message, path="$")))
    return answer(problem_of(InvalidDocument(problems)))


def _problem_in_request(fault: Mapping[str, object]) -> Problem:
    """One of the framework's faults: `("body", "limit")` is the path `$.limit`."""
    location = cast("Sequence[str | int]", fault.get("loc", ()))
    where, *steps = location or ("body",)
    path = "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    kind = str(fault.get("type", "invalid"))
    code = {"missing": "missing", "extra_forbidden": "unknown_key", "json_invalid": "unreadable"}.get(
        kind, "invalid"
    )
    message = f"In the request's {where}: {fault.get('msg', 'not valid')}."
    return Problem(path=path, code=code, message=message)


def _refuse_route(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if isinstance(error.__cause__, PerennialError):
        # The framework tells whatever goes wrong while it reads a body as its own refusal.
        return answer(problem_of(error.__cause__))
    code = _CODE_BY_STATUS.get(error.status_code, "refused")
    hint = "The routes are listed at /api." if error.status_code in (404, 405) else ""
    problem = write_problem(error.status_code, code=code, message=str(error.detail), hint=hint)
    # Of the framework's own headers: `Allow`, which goes with every 405.
    return answer(replace(problem, headers={**problem.headers, **(error.headers or {})}))


def _fail(_request: Request, error: Exception) -> Response:
    _log.error("request_crashed", error=type(error).__name__, exc_info=error)
    message = "Something went wrong on our side; the log says what."
    return answer(write_problem(500, code="internal", message=message))
