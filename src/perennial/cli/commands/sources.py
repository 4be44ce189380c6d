"""`source`: who writes into a workspace, with which keys, and how much."""

from typing import Annotated

import typer

from perennial.cli.commands.people import After, Limit
from perennial.cli.connection import path_step
from perennial.cli.session import session_of
from perennial.kernel.values import Json

source = typer.Typer(no_args_is_help=True, help="Who sends events: write keys and limits.")

Name = Annotated[str, typer.Argument(help="The source's name.")]
PerSecond = Annotated[
    int | None,
    typer.Option(
        "--events-per-second", metavar="N", help="What it may send on average; without it, anything."
    ),
]
Burst = Annotated[
    int | None,
    typer.Option("--burst", metavar="N", help="What it may send at once after a quiet while."),
]


@source.command("list")
def list_sources(context: typer.Context, limit: Limit = 100, after: After = None) -> None:
    """List sources with their write keys and limits."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/sources", limit=limit, after=after))


@source.command("create")
def create_source(
    context: typer.Context, name: Name, events_per_second: PerSecond = None, burst: Burst = None
) -> None:
    """Make a source with a write key of its own."""
    order: dict[str, Json] = {"name": name, "events_per_second": events_per_second, "burst": burst}
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.post("/api/sources", order))


@source.command("limit")
def limit_source(
    context: typer.Context, name: Name, events_per_second: PerSecond = None, burst: Burst = None
) -> None:
    """Say how many events a second a source may send; without a number, as many as the server can take."""
    limit: dict[str, Json] = {"events_per_second": events_per_second, "burst": burst}
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.put(f"/api/sources/{path_step(name)}/limit", limit))


@source.command("rotate")
def rotate_source(context: typer.Context, name: Name) -> None:
    """Give a source one more write key; the others let in until they are revoked."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.post(f"/api/sources/{path_step(name)}/rotate"))


@source.command("revoke")
def revoke_source(
    context: typer.Context,
    name: Name,
    key: Annotated[str | None, typer.Option("--key", metavar="WRITE_KEY", help="Only this key.")] = None,
) -> None:
    """Let nobody write as this source any more; what came from it stays."""
    session = session_of(context)
    only = {} if key is None else {"write_key": key}
    with session.connection() as connection:
        session.show(connection.delete(f"/api/sources/{path_step(name)}", **only))
