"""`policy`: how often, when and whether at all people are reached."""

from typing import Annotated

import typer

from perennial.cli.commands.definitions import File
from perennial.cli.commands.people import Condition, condition_in
from perennial.cli.documents import save_document, validate_document
from perennial.cli.session import session_of
from perennial.kernel.values import Json

policy = typer.Typer(no_args_is_help=True, help="How often, when and whether at all people are reached.")


@policy.command("validate")
def validate_policy(context: typer.Context, file: File) -> None:
    """Say everything that is wrong with a file of a policy; exit 1 where anything is."""
    validate_document(context, "/api/policy/validate", file, mistaken="The policy's file has")


@policy.command("publish")
def publish_policy(context: typer.Context, file: File) -> None:
    """Make a policy the live one."""
    save_document(context, "/api/policy", file)


@policy.command("show")
def show_policy(context: typer.Context) -> None:
    """Show what the gate goes by."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/policy"))


@policy.command("forecast")
def forecast_policy(
    context: typer.Context,
    condition: Condition = None,
    segment: Annotated[
        str | None, typer.Option("--segment", metavar="ID", help="The members of a segment.")
    ] = None,
    channel: Annotated[str, typer.Option("--channel", metavar="NAME", help="Over which channel.")] = "email",
    topic: Annotated[str, typer.Option("--topic", metavar="TOPIC", help="Of which topic.")] = "marketing",
    at: Annotated[
        str | None, typer.Option("--at", metavar="ISO", help="Were it at this instant; now unless told.")
    ] = None,
) -> None:
    """Say how many people a message would reach now, later or not at all, and why."""
    session = session_of(context)
    with condition_in(condition) as question, session.connection() as connection:
        parts: list[Json] = [one for one in (question, segment and {"segment": segment}) if one]
        asked: dict[str, Json] = {"channel": channel, "topic": topic, "at": at}
        if parts:
            asked["condition"] = parts[0] if len(parts) == 1 else {"all": parts}
        session.show(connection.ask("/api/policy/forecast", asked))
