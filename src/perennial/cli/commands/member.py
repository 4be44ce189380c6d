"""`member` and `token`: who may enter a workspace and as what; what scripts act with."""

from typing import Annotated

import typer

from perennial.access.roles import Role
from perennial.cli.commands.people import After, Limit
from perennial.cli.connection import path_step
from perennial.cli.session import session_of
from perennial.kernel.values import Json

member = typer.Typer(no_args_is_help=True, help="Who may enter, and as what.")
token = typer.Typer(no_args_is_help=True, help="What scripts act with: scopes and an end.")

Email = Annotated[str, typer.Argument(metavar="ADDRESS", help="The member's e-mail address.")]
RoleOption = Annotated[Role, typer.Option("--role", help="What they may; see docs/how-to/members.md.")]
Everywhere = Annotated[bool, typer.Option("--everywhere", help="In every workspace, not in this one alone.")]


@member.command("set-up")
def make_set_up_link(context: typer.Context) -> None:
    """Print a link by which the first owner comes in, once, within a day."""
    session = session_of(context)
    with session.connection(may_create=True) as connection:
        session.show(connection.post("/api/members/set-up"))


@member.command("list")
def list_team(
    context: typer.Context, everywhere: Everywhere = False, limit: Limit = 100, after: After = None
) -> None:
    """List members with their roles."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/members", everywhere=_flag(everywhere), limit=limit, after=after))


@member.command("invite")
def invite_member(
    context: typer.Context, email: Email, role: RoleOption = "viewer", everywhere: Everywhere = False
) -> None:
    """Give somebody a role, and print a link to a password if they have none; hand it over yourself."""
    order: dict[str, Json] = {"email": email, "role": role, "everywhere": everywhere}
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.post("/api/members", order))


@member.command("role")
def change_role(
    context: typer.Context, email: Email, role: RoleOption = "viewer", everywhere: Everywhere = False
) -> None:
    """Give a member another role; it counts from their next request."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(
            connection.put(f"/api/members/{path_step(email)}/role", {"role": role, "everywhere": everywhere})
        )


@member.command("remove")
def remove_member(context: typer.Context, email: Email, everywhere: Everywhere = False) -> None:
    """Take a member's role here away; with --everywhere, or with the last role, the member."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.delete(f"/api/members/{path_step(email)}", everywhere=_flag(everywhere)))


@member.command("reset")
def reset_member(context: typer.Context, email: Email) -> None:
    """Print a link to a new password, for an hour."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.post(f"/api/members/{path_step(email)}/reset"))


@token.command("list")
def list_tokens(context: typer.Context, limit: Limit = 100, after: After = None) -> None:
    """List the tokens of the workspace, without telling them."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/tokens", limit=limit, after=after))


@token.command("create")
def create_token(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scopes: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="SCOPE", help="What it may, once for each; without any, everything."),
    ] = None,
    days: Annotated[
        int | None, typer.Option("--days", metavar="N", help="How long it lasts; without it, for good.")
    ] = None,
) -> None:
    """Make a token and print it, this once."""
    order: dict[str, Json] = {"name": name, "scopes": scopes or [], "days": days}
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.post("/api/tokens", order))


@token.command("revoke")
def revoke_token(
    context: typer.Context,
    token_id: Annotated[str, typer.Argument(metavar="TOKEN_ID", help="As `token list` shows it.")],
) -> None:
    """Let nobody in with a token any more."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.delete(f"/api/tokens/{path_step(token_id)}"))


def _flag(value: bool) -> str:
    return "true" if value else "false"
