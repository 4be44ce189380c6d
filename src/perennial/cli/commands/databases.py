"""`database-source` and `database-export`: rows from and to other databases, on a schedule."""

from typing import Annotated

import typer

from perennial.cli.commands.definitions import File
from perennial.cli.connection import path_step
from perennial.cli.documents import save_document
from perennial.cli.session import session_of

sources = typer.Typer(no_args_is_help=True, help="Queries whose new rows are imported again and again.")
exports = typer.Typer(no_args_is_help=True, help="Tables that are kept as people are.")

Id = Annotated[str, typer.Argument(metavar="ID")]


@sources.command("create")
def save_database_source(context: typer.Context, file: File) -> None:
    """Save a database source `{id, url_secret, query, cursor, mapping, every}`."""
    save_document(context, "/api/database-sources", file)


@sources.command("list")
def list_database_sources(context: typer.Context) -> None:
    """List them, with their next run and what the last one came to."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/database-sources"))


@sources.command("run")
def run_database_source(context: typer.Context, source_id: Id) -> None:
    """Import what is new there now."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.ask(f"/api/database-sources/{path_step(source_id)}/run", {}))


@sources.command("remove")
def remove_database_source(context: typer.Context, source_id: Id) -> None:
    """Forget one; what was moved stays."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.delete(f"/api/database-sources/{path_step(source_id)}"))


@exports.command("create")
def save_database_export(context: typer.Context, file: File) -> None:
    """Save a database export `{id, url_secret, table, key, columns, ...}`."""
    save_document(context, "/api/database-exports", file)


@exports.command("list")
def list_database_exports(context: typer.Context) -> None:
    """List them, with their next run and what the last one came to."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/database-exports"))


@exports.command("run")
def run_database_export(context: typer.Context, export_id: Id) -> None:
    """Bring that table up to date now."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.ask(f"/api/database-exports/{path_step(export_id)}/run", {}))


@exports.command("remove")
def remove_database_export(context: typer.Context, export_id: Id) -> None:
    """Forget one; what was moved stays."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.delete(f"/api/database-exports/{path_step(export_id)}"))
