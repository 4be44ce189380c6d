"""`messages`: what was sent or not, and why."""

from typing import Annotated

import typer

from perennial.cli.commands.people import After, Limit
from perennial.cli.session import session_of

messages = typer.Typer(no_args_is_help=True, help="What was sent, or why not.")


@messages.command("list")
def list_messages(
    context: typer.Context,
    user: Annotated[str | None, typer.Option("--user", metavar="USER_ID", help="Only this user's.")] = None,
    state: Annotated[str | None, typer.Option("--state", help="Only those in this state.")] = None,
    limit: Limit = 100,
    after: After = None,
) -> None:
    """List messages with their state and the reason for it."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/messages", user=user, state=state, limit=limit, after=after))
