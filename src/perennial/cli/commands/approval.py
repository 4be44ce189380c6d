"""`approval`: changes that wait for a second person, and which ones have to."""

from typing import Annotated

import typer

from perennial.cli.commands.people import After, Limit
from perennial.cli.connection import path_step
from perennial.cli.session import session_of
from perennial.kernel.values import Json

approval = typer.Typer(no_args_is_help=True, help="Changes that need a second person.")

ApprovalId = Annotated[str, typer.Argument(metavar="APPROVAL_ID", help="As `approval list` shows it.")]


@approval.command("list")
def list_approvals(context: typer.Context, limit: Limit = 100, after: After = None) -> None:
    """List what was asked for within the last seven days, newest first."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/approvals", limit=limit, after=after))


@approval.command("approve")
def approve_change(context: typer.Context, approval_id: ApprovalId) -> None:
    """Say yes to what somebody wants; they do the same again, and then it is done."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.post(f"/api/approvals/{path_step(approval_id)}/approve"))


@approval.command("reject")
def reject_change(context: typer.Context, approval_id: ApprovalId) -> None:
    """Say no to what somebody wants."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.post(f"/api/approvals/{path_step(approval_id)}/reject"))


@approval.command("rules")
def show_approval_rules(context: typer.Context) -> None:
    """Show which operations need a second person, and which could."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/approval-rules"))


@approval.command("require")
def set_approval_rules(
    context: typer.Context,
    operations: Annotated[
        list[str] | None, typer.Argument(metavar="[OPERATION]...", help="All that do; none: nothing does.")
    ] = None,
) -> None:
    """Say which operations need a second person from now on."""
    wanted: dict[str, Json] = {"operations": operations or []}
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.put("/api/approval-rules", wanted))
