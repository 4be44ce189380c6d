"""`audit`: who changed what."""

from typing import Annotated

import typer

from perennial.cli.commands.people import After, Limit
from perennial.cli.session import session_of

audit = typer.Typer(no_args_is_help=True, help="Who changed what, when and from where.")


@audit.command("list")
def list_entries(  # noqa: PLR0913, PLR0917  one for each option
    context: typer.Context,
    by: Annotated[
        str | None, typer.Option("--by", metavar="WHO", help="Only by this member or token.")
    ] = None,
    operation: Annotated[
        str | None, typer.Option("--operation", metavar="NAME", help="Only this operation.")
    ] = None,
    target: Annotated[str | None, typer.Option("--target", metavar="ID", help="Only about this.")] = None,
    start: Annotated[str | None, typer.Option("--from", metavar="ISO", help="Since then.")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="ISO", help="Before then.")] = None,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="In every workspace, and of the installation.")
    ] = False,
    limit: Limit = 100,
    after: After = None,
) -> None:
    """List changes, newest first, with what was there before and after."""
    session = session_of(context)
    with session.connection() as connection:
        page = connection.get(
            "/api/audit",
            by=by,
            operation=operation,
            target=target,
            from_=start,
            to=end,
            everywhere="true" if everywhere else None,
            limit=limit,
            after=after,
        )
        session.show(page)
