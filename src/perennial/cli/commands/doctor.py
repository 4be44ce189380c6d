"""`doctor`: whether everything that must always hold does hold."""

import typer

from perennial.cli.session import session_of

UNWELL = 1


def doctor(context: typer.Context) -> None:
    """Check every invariant of the workspace; exits with 1 where one does not hold."""
    session = session_of(context)
    with session.connection() as connection:
        diagnosis = connection.get("/api/doctor")
    session.show(diagnosis)
    if not diagnosis["ok"]:
        raise typer.Exit(UNWELL)
