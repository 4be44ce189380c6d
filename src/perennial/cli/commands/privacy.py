"""What `people` says of those who leave: export, erase, receipts."""

from typing import Annotated

import typer

from perennial.cli.commands.people import After, Limit, people
from perennial.cli.connection import path_step
from perennial.cli.session import session_of

UserId = Annotated[str, typer.Argument(metavar="ID", help="A user id, or a profile as prf_…")]


@people.command("export")
def export_person(context: typer.Context, user_id: UserId, after: After = None) -> None:
    """Show everything kept of a person; `next` is the cursor of older events."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get(f"/api/people/{path_step(user_id)}/export", after=after))


@people.command("consents")
def list_consents(context: typer.Context, user_id: UserId, limit: Limit = 100, after: After = None) -> None:
    """List everything a person granted and withdrew, newest first, with its proof."""
    session = session_of(context)
    path = f"/api/people/{path_step(user_id)}/consents"
    with session.connection() as connection:
        session.show(connection.get(path, limit=limit, after=after))


@people.command("erase")
def erase_person(
    context: typer.Context,
    user_id: UserId,
    reason: Annotated[str, typer.Option("--reason", help="Kept in the receipt: name nobody.")] = "",
    by: Annotated[str, typer.Option("--by", help="Who does it; kept in the receipt.")] = "",
    allow_return: Annotated[
        bool, typer.Option("--allow-return", help="Take calls with their ids again afterwards.")
    ] = False,
) -> None:
    """Erase a person for good, and show the receipt."""
    session = session_of(context)
    order = {"reason": reason, "by": by, "allow_return": allow_return}
    with session.connection() as connection:
        session.show(connection.post(f"/api/people/{path_step(user_id)}/erase", order))


@people.command("erasures")
def list_erasures(context: typer.Context, limit: Limit = 100, after: After = None) -> None:
    """List erasures and their receipts."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/erasures", limit=limit, after=after))


@people.command("erasure")
def show_erasure(
    context: typer.Context, erasure_id: Annotated[str, typer.Argument(metavar="ERASURE", help="era_…")]
) -> None:
    """Show how far an erasure is, or its receipt."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get(f"/api/erasures/{path_step(erasure_id)}"))
