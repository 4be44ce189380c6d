"""`workspace`: the worlds of one installation; `perennial --workspace NAME init` makes another."""

from typing import Annotated

import typer

from perennial.cli.commands.people import After, Limit
from perennial.cli.connection import path_step
from perennial.cli.session import session_of
from perennial.kernel.values import Json

workspace = typer.Typer(no_args_is_help=True, help="Worlds that see nothing of each other.")


@workspace.command("list")
def list_workspaces(context: typer.Context, limit: Limit = 100, after: After = None) -> None:
    """List the workspaces of this installation."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/workspaces", limit=limit, after=after))


@workspace.command("show")
def show_workspace(context: typer.Context) -> None:
    """Show how this workspace counts: its time zone, the day weeks begin with, its currency."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.watch("/api/workspace"))


@workspace.command("set")
def change_workspace(
    context: typer.Context,
    title: Annotated[str | None, typer.Option("--title", help="What people call it.")] = None,
    currency: Annotated[
        str | None, typer.Option("--currency", metavar="CODE", help="What amounts are in, by ISO 4217.")
    ] = None,
) -> None:
    """Change what this workspace is called, or what its amounts are in."""
    session = session_of(context)
    told: dict[str, Json] = {"title": title, "currency": currency}
    change = {name: value for name, value in told.items() if value is not None}
    with session.connection() as connection:
        session.show(connection.patch(f"/api/workspaces/{path_step(session.place.workspace)}", change))


@workspace.command("delete")
def remove_workspace(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Its name.")],
    confirm: Annotated[str, typer.Option("--confirm", metavar="NAME", help="Its name again.")] = "",
) -> None:
    """Take a workspace away for good: its people, its events, its keys."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.delete(f"/api/workspaces/{path_step(name)}", confirm=confirm))
