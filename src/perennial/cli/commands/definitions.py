"""`segment` and `template`: save, list, refresh, read."""

from typing import Annotated

import typer

from perennial.cli.commands.people import After, Limit
from perennial.cli.connection import path_step
from perennial.cli.documents import save_document
from perennial.cli.session import session_of
from perennial.kernel.values import Json

segment = typer.Typer(no_args_is_help=True, help="Questions about people that are always being answered.")
template = typer.Typer(no_args_is_help=True, help="Texts with holes, from which messages are made.")

File = Annotated[str, typer.Argument(metavar="FILE", help="YAML or JSON; `-` reads standard input.")]
Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Only these; all, without any.")]


@segment.command("create")
def create_segment(context: typer.Context, file: File) -> None:
    """Save a segment `{id, name, condition}`."""
    save_document(context, "/api/segments", file)


@segment.command("list")
def list_segments(context: typer.Context, limit: Limit = 100, after: After = None) -> None:
    """List segments."""
    list_all(context, "/api/segments", limit, after)


@segment.command("refresh")
def refresh_segments(context: typer.Context, ids: Ids = None) -> None:
    """Answer segments anew, and count the people in each."""
    refresh(context, "/api/segments/refresh", ids)


@segment.command("people")
def segment_people(
    context: typer.Context,
    segment_id: Annotated[str, typer.Argument(metavar="ID")],
    limit: Limit = 100,
    after: After = None,
) -> None:
    """List the people in a segment, by user id."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(
            connection.get(f"/api/segments/{path_step(segment_id)}/people", limit=limit, after=after)
        )


@template.command("create")
def create_template(context: typer.Context, file: File) -> None:
    """Save a template `{id, channel, subject, text, html}`."""
    save_document(context, "/api/templates", file)


@template.command("list")
def list_templates(context: typer.Context, limit: Limit = 100, after: After = None) -> None:
    """List templates."""
    list_all(context, "/api/templates", limit, after)


def list_all(context: typer.Context, path: str, limit: int, after: str | None) -> None:
    """Show a page of definitions."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get(path, limit=limit, after=after))


def refresh(context: typer.Context, path: str, ids: list[str] | None) -> None:
    """Answer definitions anew, and show how many people each has."""
    session = session_of(context)
    chosen: dict[str, Json] = {"ids": ids} if ids else {}
    with session.connection() as connection:
        session.show(connection.ask(path, chosen))
