"""Boards: kept insights side by side, files of their numbers, and links that show them."""

from typing import Annotated

from fastapi import APIRouter, Body, Header, Query, Request, Response
from pydantic import JsonValue

from perennial.api.access import ActorHere, CaughtUp, EdgeHere, WorkspaceHere, address_of
from perennial.api.board_schemas import (
    BoardAnswer,
    BoardAsked,
    BoardExportAsked,
    BoardList,
    BoardTemplate,
    BoardTemplateAsked,
    BoardTemplates,
    FileFormat,
    KeptDocument,
    KeptInsight,
    KeptInsights,
    ShareAsked,
    SharedBoard,
    ShareList,
    ShareMade,
    ShareShown,
)
from perennial.api.routes.documents import DOCUMENT_BODY, DocumentText
from perennial.api.routes.paging import After, PageLimit
from perennial.api.shared_limits import LookedTooOften
from perennial.evaluate.boards import ShareUnknown
from perennial.kernel.errors import PerennialError

router = APIRouter(tags=["boards"])
shared = APIRouter(tags=["boards"])
"""What opens to whoever has a link."""

_MEDIA = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
_SHARED = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
}
Replaces = Annotated[
    int | None,
    Query(ge=0, description="The version that was opened, 0 for none; another one there is a conflict."),
]
Language = Annotated[str, Query(description="`en` or `zh-CN`.")]
Format = Annotated[FileFormat, Query(alias="format", description="What kind of file.")]


@router.post("/insights/saved", openapi_extra=DOCUMENT_BODY)
def save_insight(
    workspace: WorkspaceHere, actor: ActorHere, text: DocumentText, replaces: Replaces = None
) -> KeptDocument:
    """Keep a specification under a name: `{id, name, description, spec}`."""
    return KeptDocument.model_validate(workspace.save_insight(text, replaces=replaces, by=actor.id))


@router.get("/insights/saved")
def list_insights(workspace: WorkspaceHere, limit: PageLimit = 100, after: After = None) -> KeptInsights:
    """Every kept insight."""
    rows, cursor = workspace.list_insights(limit=limit, after=after)
    return KeptInsights.model_validate({"insights": rows, "next": cursor})


@router.get("/insights/saved/{insight_id}")
def show_insight(workspace: WorkspaceHere, insight_id: str) -> KeptInsight:
    """A kept insight, and the boards that show it."""
    return KeptInsight.model_validate(workspace.show_insight(insight_id))


@router.delete("/insights/saved/{insight_id}")
def remove_insight(workspace: WorkspaceHere, actor: ActorHere, insight_id: str) -> KeptDocument:
    """Take a kept insight away, where no board shows it."""
    return KeptDocument.model_validate(workspace.remove_insight(insight_id, by=actor.id))


@router.post("/insights/export", response_class=Response)
def export_insight(
    workspace: CaughtUp,
    spec: Annotated[JsonValue, Body(description="The insight's specification.")],
    format_: Format = "csv",
) -> Response:
    """An insight's numbers as a file."""
    return _file(workspace.export_insight(spec, format_), "insight", format_)


@router.post("/boards", openapi_extra=DOCUMENT_BODY)
def save_board(
    workspace: WorkspaceHere, actor: ActorHere, text: DocumentText, replaces: Replaces = None
) -> KeptDocument:
    """Keep a board: `{id, name, description, filters, tiles}`."""
    return KeptDocument.model_validate(workspace.save_board(text, replaces=replaces, by=actor.id))


@router.get("/boards")
def list_boards(workspace: WorkspaceHere, limit: PageLimit = 100, after: After = None) -> BoardList:
    """Every board."""
    rows, cursor = workspace.list_boards(limit=limit, after=after)
    return BoardList.model_validate({"boards": rows, "next": cursor})


@router.get("/boards/templates")
def list_board_templates(workspace: WorkspaceHere, language: Language = "en") -> BoardTemplates:
    """The boards that we ship, and which of their events never came."""
    return BoardTemplates.model_validate({"templates": workspace.list_board_templates(language=language)})


@router.post("/boards/templates/{template_id}")
def show_board_template(
    workspace: WorkspaceHere, template_id: str, asked: BoardTemplateAsked
) -> BoardTemplate:
    """A board that we ship, its events under one's own names, ready to be saved."""
    return BoardTemplate.model_validate(
        workspace.show_board_template(template_id, language=asked.language, events=asked.events)
    )


@router.get("/boards/{board_id}")
def show_board(workspace: WorkspaceHere, board_id: str) -> KeptDocument:
    """A board's document and version."""
    return KeptDocument.model_validate(workspace.show_board(board_id))


@router.delete("/boards/{board_id}")
def remove_board(workspace: WorkspaceHere, actor: ActorHere, board_id: str) -> KeptDocument:
    """Take a board away; its links end with it."""
    return KeptDocument.model_validate(workspace.remove_board(board_id, by=actor.id))


@router.post("/boards/{board_id}/run")
def run_board(workspace: CaughtUp, board_id: str, asked: BoardAsked) -> BoardAnswer:
    """Answer a board's tiles, each under the board's filters and these."""
    return BoardAnswer.model_validate(workspace.run_board(board_id, filters=asked.filters, tiles=asked.tiles))


@router.post("/boards/{board_id}/export", response_class=Response)
def export_board(
    workspace: CaughtUp, board_id: str, asked: BoardExportAsked, format_: Format = "csv"
) -> Response:
    """All numbers of a board as one file."""
    return _file(workspace.export_board(board_id, format_, filters=asked.filters), board_id, format_)


@router.post("/boards/{board_id}/shares")
def share_board(workspace: WorkspaceHere, actor: ActorHere, board_id: str, asked: ShareAsked) -> ShareMade:
    """Make a link that shows a board's numbers, and nobody's name, for so many days."""
    return ShareMade.model_validate(workspace.share_board(board_id, days=asked.days, by=actor.id))


@router.get("/boards/{board_id}/shares")
def list_shares(workspace: WorkspaceHere, board_id: str) -> ShareList:
    """A board's links, the newest first."""
    return ShareList.model_validate({"shares": workspace.list_shares(board_id)})


@router.delete("/shares/{share_id}")
def revoke_share(workspace: WorkspaceHere, share_id: str) -> ShareShown:
    """Take a link back: from now on it shows nothing."""
    return ShareShown.model_validate(workspace.revoke_share(share_id))


@shared.get("/shared/{workspace}")
def read_shared_board(
    edge: EdgeHere,
    request: Request,
    response: Response,
    workspace: str,
    token: Annotated[
        str, Header(alias="X-Perennial-Share", description="What stands behind the link's `#`.")
    ],
) -> SharedBoard:
    """What a link shows: a board's numbers, and nobody's name, at most a minute old."""
    response.headers.update(_SHARED)
    edge.shares.let_in(address_of(request, edge))
    try:
        place = edge.application.workspace(workspace)
        edge.shares.let_look(place.share_named(token))
    except (ShareUnknown, LookedTooOften):
        raise
    except PerennialError as error:
        if error.is_our_fault:
            raise
        # Whether there is a workspace by this name is nobody's business who has no link to it.
        raise ShareUnknown from error
    return SharedBoard.model_validate(place.read_shared_board(token))


def _file(content: bytes, name: str, format_: FileFormat) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="{name}.{format_}"',
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(content, media_type=_MEDIA[format_], headers=headers)
