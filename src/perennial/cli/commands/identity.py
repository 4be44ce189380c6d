"""`identity`, and what `people` says of who somebody is."""

from typing import Annotated

import typer

from perennial.cli.commands.definitions import File
from perennial.cli.commands.people import After, Limit, people
from perennial.cli.connection import path_step
from perennial.cli.documents import save_document, validate_document
from perennial.cli.session import session_of

identity = typer.Typer(no_args_is_help=True, help="By which keys people are known, and what may join them.")


@people.command("identity")
def show_identity(
    context: typer.Context,
    user_id: Annotated[str, typer.Argument(metavar="ID", help="A user id, or a profile as prf_…")],
) -> None:
    """Show every name of a person, each merge with its reason, and what was refused."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get(f"/api/people/{path_step(user_id)}/identity"))


@people.command("unmerge")
def unmerge_people(
    context: typer.Context,
    profile: Annotated[str, typer.Argument(metavar="PROFILE", help="The lost profile of a merge: prf_…")],
) -> None:
    """Take a wrong merge back, for good."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.ask("/api/people/unmerge", {"profile_id": profile}))


@identity.command("quarantined")
def list_quarantined(context: typer.Context, limit: Limit = 100, after: After = None) -> None:
    """List names that were seen with too many people."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/identity/quarantined", limit=limit, after=after))


@identity.command("release")
def release_quarantined(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Such as email.")],
    value: Annotated[str, typer.Argument(metavar="VALUE")],
) -> None:
    """Let a name join people again."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.post("/api/identity/release", {"kind": kind, "value": value}))


@identity.command("validate")
def validate_identity(context: typer.Context, file: File) -> None:
    """Say everything that is wrong with rules of identity; exit 1 where anything is."""
    validate_document(context, "/api/identity/validate", file, mistaken="The rules of identity have")


@identity.command("publish")
def publish_identity(context: typer.Context, file: File) -> None:
    """Make rules of identity the live ones."""
    save_document(context, "/api/identity", file)


@identity.command("show")
def show_identity_rules(context: typer.Context) -> None:
    """Show the live rules of identity."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/identity"))
