"""`console` and `today`: the way into the console, and its first page in words."""

import typer

from perennial.cli.session import session_of


def open_console(context: typer.Context) -> None:
    """Print a link that opens the running server's console, once, within 10 minutes."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.post("/api/console/links"))


def read_today(context: typer.Context) -> None:
    """Say how the workspace stands: activity by day, segments, journeys with their effect, messages."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/today"))
