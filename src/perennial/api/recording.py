"""Every change through the interface stands in the audit log: who, from where, before and after.

The entry is written before the operation runs, and what became of it before it is answered.
"""

import json
from collections.abc import Generator, Mapping
from hashlib import sha256
from typing import Annotated, cast

from fastapi import Depends, Request

from perennial.access.approvals import Change
from perennial.access.audit import Acted, person_mark
from perennial.access.audit.model import DONE
from perennial.access.roles import Actor
from perennial.api.access import (
    ActorHere,
    Credentials,
    Edge,
    EdgeHere,
    WorkspaceHere,
    actor_of,
    address_of,
    operation_of,
)
from perennial.api.permissions import NEEDS, UNDER_APPROVAL, Need
from perennial.api.present import Asked, present_of
from perennial.api.uploads import is_upload
from perennial.kernel.errors import PerennialError
from perennial.kernel.values import Json

_READING: frozenset[Need] = frozenset(("anybody", "look", "people:read", "audit"))
_QUESTIONS = frozenset(("suggest_mapping",))
"""Asked by POST, and changes nothing."""
_VERDICTS = frozenset(("approve_change", "reject_change"))
"""Whoever may look may come to them; who may decide is asked there. They change something."""
_ABOUT_PERSONS: frozenset[Need] = frozenset(("people:write", "people:erase", "send"))
"""What is sent with these names people or tells of them: it is not kept."""
_HIDDEN = frozenset(("load_segment", "replay_rejects", "export_people", "change_password", "invite_member"))
_PERSONAL = ("user_id", "profile", "value")
"""Names in paths that are persons'."""


async def body_of(request: Request) -> str:
    """What was sent with a change, to be kept with it; files are not."""
    if request.method in ("GET", "HEAD") or is_upload(request.url.path):
        return ""
    return (await request.body()).decode("utf-8", "replace")


SentHere = Annotated[str, Depends(body_of)]


def recorded(
    request: Request, edge: EdgeHere, workspace: WorkspaceHere, actor: ActorHere, sent: SentHere
) -> Generator[None]:
    """Record a change in a workspace, around its operation."""
    if not _is_change(request):
        yield
        return
    yield from _record(edge, request, actor, workspace.name, sent)


def recorded_outside(
    request: Request, edge: EdgeHere, credentials: Credentials, sent: SentHere
) -> Generator[None]:
    """Record a change of the installation or of one's own session, around its operation."""
    if not _is_change(request):
        yield
        return
    yield from _record(edge, request, actor_of(request, edge, credentials), "", sent)


def record_entering(edge: Edge, request: Request, operation: str, member_id: str, outcome: str) -> None:
    """Record that a member came in, or that somebody tried to as them."""
    acted = Acted(
        workspace="",
        actor_kind="member",
        actor_id=member_id,
        address=address_of(request, edge),
        operation=operation,
        target=member_id,
    )
    edge.application.audit.end_entry(edge.application.audit.begin_entry(acted), outcome, after=None)


def _is_change(request: Request) -> bool:
    operation = operation_of(request)
    return (
        request.method not in ("GET", "HEAD")
        and (NEEDS.get(operation) not in _READING or operation in _VERDICTS)
        and operation not in _QUESTIONS
    )


def _record(edge: Edge, request: Request, actor: Actor, workspace: str, sent: str) -> Generator[None]:
    audit, operation = edge.application.audit, operation_of(request)
    path = {name: str(value) for name, value in request.path_params.items()}
    body = None if _tells_of_people(operation) else _read(sent)
    asked = Asked(edge.application, workspace=workspace, path=path, body=body)
    entry = audit.begin_entry(
        Acted(
            workspace=workspace,
            actor_kind=actor.kind,
            actor_id=actor.id,
            address=address_of(request, edge),
            operation=operation,
            target=_target(edge, workspace, path),
            before=present_of(operation, asked),
        )
    )
    try:
        _require_approval(edge, request, actor, asked, sent)
        yield
    except PerennialError as error:
        audit.end_entry(entry, error.code, after=body)
        raise
    except Exception:
        audit.end_entry(entry, "failed", after=body)
        raise
    present = present_of(operation, asked)
    audit.end_entry(entry, DONE, after=body if present is None else present)


def _require_approval(edge: Edge, request: Request, actor: Actor, asked: Asked, sent: str) -> None:
    """Raise ApprovalAsked where a second person has to say yes to exactly this first."""
    operation = operation_of(request)
    if operation not in UNDER_APPROVAL:
        return
    whole = "\n".join((request.method, request.url.path, request.url.query, sent))
    change = Change(
        workspace=asked.workspace,
        operation=operation,
        target=_target(edge, asked.workspace, asked.path),
        sent=sent,
        digest=sha256(whole.encode()).hexdigest(),
    )
    edge.application.approvals.require_approval(change, by=actor)


def _tells_of_people(operation: str) -> bool:
    return NEEDS.get(operation) in _ABOUT_PERSONS or operation in _HIDDEN


def _read(sent: str) -> Json | None:
    """What was sent: as a document where it is JSON, else as it was written."""
    if not sent:
        return None
    try:
        return cast("Json", json.loads(sent))  # whatever JSON may be
    except ValueError:
        return sent


def _target(edge: Edge, workspace: str, path: Mapping[str, str]) -> str:
    """What a change is about, without telling who: a person's mark and a member's id tell nobody's name."""
    steps: list[str] = []
    for name, value in path.items():
        if name == "email":
            member = edge.application.members.find_by_email(value)
            steps.append("nobody" if member is None else member.member_id)
        elif name in _PERSONAL:
            seed = next((one.seed for one in edge.application.list_workspaces() if one.name == workspace), "")
            steps.append(person_mark(value, key=seed))
        else:
            steps.append(value)
    return "/".join(steps)
