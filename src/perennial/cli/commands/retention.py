"""`retention`: for how long events are kept."""

import typer

from perennial.cli.commands.definitions import File
from perennial.cli.commands.people import After, Limit
from perennial.cli.documents import save_document, validate_document
from perennial.cli.session import session_of

retention = typer.Typer(no_args_is_help=True, help="For how long events are kept.")


@retention.command("validate")
def validate_retention(context: typer.Context, file: File) -> None:
    """Say everything that is wrong with a file of rules of retention; exit 1 where anything is."""
    validate_document(context, "/api/retention/validate", file, mistaken="The file of rules of retention has")


@retention.command("publish")
def publish_retention(context: typer.Context, file: File) -> None:
    """Make rules of retention the live ones."""
    save_document(context, "/api/retention", file)


@retention.command("show")
def show_retention(context: typer.Context) -> None:
    """Show the live rules of retention."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/retention"))


@retention.command("preview")
def preview_retention(context: typer.Context) -> None:
    """Show how many events would be removed now, and which definitions look further back than that."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/retention/preview"))


@retention.command("run")
def run_retention(context: typer.Context) -> None:
    """Remove what is past now; a server does so every day."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.post("/api/retention/run"))


@retention.command("runs")
def list_removals(context: typer.Context, limit: Limit = 100, after: After = None) -> None:
    """List what was removed, newest first."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/retention/removals", limit=limit, after=after))
