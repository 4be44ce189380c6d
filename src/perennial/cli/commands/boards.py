"""`board`: kept insights side by side, files of their numbers, and links that show them."""

from typing import Annotated

import typer

from perennial.cli.commands.definitions import File
from perennial.cli.commands.people import After, Limit, condition_in
from perennial.cli.connection import path_step
from perennial.cli.files import Out, Replaces, format_of, save_kept, written
from perennial.cli.refusals import Refusal
from perennial.cli.session import session_of
from perennial.kernel.values import Json

board = typer.Typer(no_args_is_help=True, help="Insights side by side, shared as numbers.")

BoardId = Annotated[str, typer.Argument(metavar="BOARD", help="A board's id.")]
Among = Annotated[
    str | None,
    typer.Option("--among", metavar="FILE", help="Whom all tiles are about: a condition's file."),
]
Last = Annotated[
    str | None, typer.Option("--last", metavar="SPAN", help="The period of all tiles, such as 30d or 12w.")
]


@board.command("list")
def list_boards(context: typer.Context, limit: Limit = 100, after: After = None) -> None:
    """List the boards."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/boards", limit=limit, after=after))


@board.command("show")
def show_board(context: typer.Context, board_id: BoardId) -> None:
    """Show a board's document and version."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get(f"/api/boards/{path_step(board_id)}"))


@board.command("save")
def save_board(context: typer.Context, file: File, replaces: Replaces = None) -> None:
    """Keep a board: a file `{id, name, filters, tiles}`."""
    save_kept(context, "/api/boards", file, replaces)


@board.command("run")
def run_board(
    context: typer.Context, board_id: BoardId, among: Among = None, last: Last = None, out: Out = None
) -> None:
    """Answer a board's tiles, or write all their numbers to a file."""
    session = session_of(context)
    with condition_in(among) as condition, session.connection() as connection:
        filters: dict[str, Json] = {}
        if condition is not None:
            filters["among"] = condition
        if last is not None:
            filters["range"] = {"last": last}
        asked: dict[str, Json] = {"filters": filters or None}
        path = f"/api/boards/{path_step(board_id)}"
        if out is None:
            session.show(connection.ask(f"{path}/run", asked))
            return
        session.show(written(out, connection.fetch(f"{path}/export", asked, format=format_of(out))))


@board.command("delete")
def remove_board(context: typer.Context, board_id: BoardId) -> None:
    """Take a board away; its links end with it."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.delete(f"/api/boards/{path_step(board_id)}"))


@board.command("template")
def show_template(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as ecommerce; none lists them.")] = "",
    language: Annotated[str, typer.Option("--language", metavar="LANGUAGE", help="en or zh-CN.")] = "en",
    event: Annotated[
        list[str] | None,
        typer.Option("--event", metavar="THEIRS=YOURS", help="What an event is called here."),
    ] = None,
) -> None:
    """Show a board that we ship, ready to be changed and saved."""
    session = session_of(context)
    with session.connection() as connection:
        if not name:
            session.show(connection.get("/api/boards/templates", language=language))
            return
        asked: dict[str, Json] = {"language": language, "events": _events(event or [])}
        session.show(connection.post(f"/api/boards/templates/{path_step(name)}", asked))


@board.command("share")
def share_board(
    context: typer.Context,
    board_id: BoardId,
    days: Annotated[int, typer.Option("--days", help="How long the link lasts.")] = 7,
) -> None:
    """Make a link that shows a board's numbers, and nobody's name. It is told once."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.post(f"/api/boards/{path_step(board_id)}/shares", {"days": days}))


@board.command("shares")
def list_shares(context: typer.Context, board_id: BoardId) -> None:
    """List a board's links."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get(f"/api/boards/{path_step(board_id)}/shares"))


@board.command("unshare")
def revoke_share(
    context: typer.Context,
    share_id: Annotated[str, typer.Argument(metavar="LINK", help="A link's id, `shr_…`.")],
) -> None:
    """Take a link back: from now on it shows nothing."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.delete(f"/api/shares/{path_step(share_id)}"))


def _events(told: list[str]) -> dict[str, Json]:
    names: dict[str, Json] = {}
    for one in told:
        theirs, is_told, yours = one.partition("=")
        if not (theirs and is_told and yours):
            message = f"{one!r} names no event."
            raise Refusal({"code": "bad_name", "message": message, "hint": "Such as order_paid=purchase."})
        names[theirs] = yours
    return names
