"""`journey`: check, publish, pause, resume, end, read."""

from typing import Annotated

import typer

from perennial.cli.commands.definitions import File
from perennial.cli.commands.people import After, Limit, condition_in
from perennial.cli.connection import path_step
from perennial.cli.documents import save_document, validate_document
from perennial.cli.session import about_file, read_text, session_of
from perennial.decide.journeys.plans import STAY
from perennial.kernel.values import Json

journey = typer.Typer(no_args_is_help=True, help="Flowcharts that run.")

JourneyName = Annotated[str, typer.Argument(metavar="ID")]


@journey.command("validate")
def validate_journey(context: typer.Context, file: File) -> None:
    """Say everything that is wrong with a journey's file; exit 1 where anything is."""
    validate_document(context, "/api/journeys/validate", file, mistaken="The journey has")


@journey.command("publish")
def publish_journey(
    context: typer.Context,
    file: File,
    approve: Annotated[
        bool, typer.Option("--approve", help="Take what the journey asks approval for.")
    ] = False,
    plan: Annotated[
        str | None,
        typer.Option(
            "--plan",
            metavar="stay|FILE",
            help="What becomes of people in earlier versions: `stay`, or a JSON or YAML file by node.",
        ),
    ] = None,
    base_version: Annotated[
        int | None,
        typer.Option("--base-version", metavar="N", help="The version you began with; refused if older."),
    ] = None,
) -> None:
    """Publish a journey's file as its next version."""
    told = plan if plan is None or plan == STAY else read_text(plan)
    save_document(context, "/api/journeys", file, approve=approve, plan=told, base_version=base_version)


@journey.command("plan")
def plan_journey(context: typer.Context, file: File) -> None:
    """Show whom publishing a file would touch, node by node, and a plan to begin with."""
    session = session_of(context)
    text = read_text(file)
    with session.connection() as connection, about_file(file):
        session.show(connection.post_text("/api/journeys/plan", text))


@journey.command("versions")
def list_journey_versions(
    context: typer.Context,
    journey_id: JourneyName,
    version: Annotated[
        int | None, typer.Option("--version", metavar="N", help="One version, with what it changed.")
    ] = None,
    limit: Limit = 100,
    after: After = None,
) -> None:
    """List a journey's versions, the newest first, and how many people are on each."""
    session = session_of(context)
    path = f"/api/journeys/{path_step(journey_id)}/versions"
    with session.connection() as connection:
        if version is None:
            session.show(connection.get(path, limit=limit, after=after))
        else:
            session.show(connection.get(f"{path}/{version}"))


@journey.command("enter")
def enter_journey(
    context: typer.Context,
    journey_id: JourneyName,
    user_id: Annotated[str, typer.Option("--user", metavar="ID", help="A user id, or a profile as prf_…")],
    properties: Annotated[
        str | None,
        typer.Option("--properties", metavar="FILE", help="What the journey is told, as an object."),
    ] = None,
    request_id: Annotated[
        str | None, typer.Option("--request-id", help="The same again asks nothing more.")
    ] = None,
) -> None:
    """Ask that a person come into a journey whose entry is `api`."""
    session = session_of(context)
    with condition_in(properties) as told, session.connection() as connection:
        asked: dict[str, Json] = {"user_id": user_id, "properties": told or {}, "request_id": request_id}
        session.show(connection.ask(f"/api/journeys/{path_step(journey_id)}/entries", asked))


@journey.command("pause")
def pause_journey(context: typer.Context, journey_id: JourneyName) -> None:
    """Stop a journey's clockwork; everybody keeps their place."""
    _move(context, journey_id, "pause")


@journey.command("resume")
def resume_journey(context: typer.Context, journey_id: JourneyName) -> None:
    """Let a paused journey run on."""
    _move(context, journey_id, "resume")


@journey.command("end")
def end_journey(context: typer.Context, journey_id: JourneyName) -> None:
    """Stop a journey for good."""
    _move(context, journey_id, "end")


@journey.command("list")
def list_journeys(context: typer.Context, limit: Limit = 100, after: After = None) -> None:
    """List journeys and their states."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/journeys", limit=limit, after=after))


@journey.command("show")
def show_journey(context: typer.Context, journey_id: JourneyName) -> None:
    """Show a journey's document and how many came to each node, wait there, and left it by which edge."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get(f"/api/journeys/{path_step(journey_id)}"))


@journey.command("read")
def read_journey(context: typer.Context, journey_id: JourneyName) -> None:
    """Say whether a journey helped."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get(f"/api/journeys/{path_step(journey_id)}/read"))


def _move(context: typer.Context, journey_id: str, verb: str) -> None:
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.post(f"/api/journeys/{path_step(journey_id)}/{verb}"))
