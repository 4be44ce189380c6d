"""`schema`, `plan` and `cleaning`: what is sent, what should be, and what is done about the rest."""

from typing import Annotated

import typer

from perennial.cli.commands.definitions import File
from perennial.cli.commands.people import After, Limit
from perennial.cli.documents import save_document, validate_document
from perennial.cli.session import session_of
from perennial.kernel.values import Json

schema = typer.Typer(no_args_is_help=True, help="What is sent: events, properties, their types and owners.")
plan = typer.Typer(no_args_is_help=True, help="What should be sent, and what becomes of the rest.")
cleaning = typer.Typer(no_args_is_help=True, help="What is done to calls before they count.")

Days = Annotated[int, typer.Option("--days", min=1, max=3650, help="Look at so many days back.")]
Reveal = Annotated[bool, typer.Option("--reveal", help="Show values of personal properties as they are.")]
EventName = Annotated[str, typer.Argument(metavar="EVENT")]


@schema.command("events")
def list_schema_events(context: typer.Context, limit: Limit = 100, after: After = None) -> None:
    """List every event that was ever sent or described."""
    _show(context, "/api/schema/events", limit=limit, after=after)


@schema.command("properties")
def list_schema_properties(
    context: typer.Context,
    event: EventName,
    reveal: Reveal = False,
    limit: Limit = 100,
    after: After = None,
) -> None:
    """List an event's properties with their types, shares and samples."""
    _show(
        context,
        "/api/schema/properties",
        event=event,
        reveal="true" if reveal else None,
        limit=limit,
        after=after,
    )


@schema.command("describe")
def describe_schema(
    context: typer.Context,
    event: EventName,
    path: Annotated[str, typer.Argument(metavar="[PROPERTY]", help="A property's dotted path.")] = "",
    description: Annotated[str | None, typer.Option("--description", help="What it means.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Who answers for it.")] = None,
    status: Annotated[
        str | None, typer.Option("--status", help="planned, live or deprecated; empty takes it away.")
    ] = None,
    pii: Annotated[
        bool | None, typer.Option("--pii/--no-pii", help="Whether its values are personal, and masked.")
    ] = None,
) -> None:
    """Say what an event or a property is; what is not named stays as it was."""
    said: dict[str, Json] = {"description": description, "owner": owner, "status": status, "pii": pii}
    told = {key: value for key, value in said.items() if value is not None}
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.put("/api/schema/descriptions", {"event": event, "path": path, **told}))


@schema.command("drift")
def schema_drift(context: typer.Context, days: Days = 30, reveal: Reveal = False) -> None:
    """List events, properties and types that are not as planned, or not as they were."""
    _show(context, "/api/schema/drift", days=days, reveal="true" if reveal else None)


@schema.command("pii")
def suggest_pii(context: typer.Context, days: Days = 30) -> None:
    """List properties whose values look personal and that nobody flagged."""
    _show(context, "/api/schema/pii", days=days)


@plan.command("validate")
def validate_plan(context: typer.Context, file: File) -> None:
    """Say everything that is wrong with a tracking plan's file; exit 1 where anything is."""
    validate_document(context, "/api/plan/validate", file, mistaken="The tracking plan has")


@plan.command("publish")
def publish_plan(context: typer.Context, file: File) -> None:
    """Make a tracking plan the live one."""
    save_document(context, "/api/plan", file)


@plan.command("show")
def show_plan(context: typer.Context) -> None:
    """Show the live tracking plan."""
    _show(context, "/api/plan")


@plan.command("schema")
def plan_schema(context: typer.Context) -> None:
    """Show what a tracking plan may look like, as JSON Schema."""
    _show(context, "/api/plan/schema")


@plan.command("report")
def report_plan(context: typer.Context, days: Days = 30, reveal: Reveal = False) -> None:
    """Show how what was sent kept to the plan."""
    _show(context, "/api/plan/report", days=days, reveal="true" if reveal else None)


@cleaning.command("validate")
def validate_cleaning(context: typer.Context, file: File) -> None:
    """Say everything that is wrong with a file of cleaning rules; exit 1 where anything is."""
    validate_document(context, "/api/cleaning/validate", file, mistaken="The file of cleaning rules has")


@cleaning.command("publish")
def publish_cleaning(context: typer.Context, file: File) -> None:
    """Make rules of cleaning the live ones."""
    save_document(context, "/api/cleaning", file)


@cleaning.command("show")
def show_cleaning(context: typer.Context) -> None:
    """Show the live rules of cleaning."""
    _show(context, "/api/cleaning")


@cleaning.command("report")
def report_cleaning(context: typer.Context, days: Days = 30) -> None:
    """Show what each rule of cleaning did, day by day."""
    _show(context, "/api/cleaning/report", days=days)


def _show(context: typer.Context, path: str, **parameters: str | int | None) -> None:
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get(path, **parameters))
