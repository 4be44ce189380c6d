"""`people search`, `show` and `events`: looking somebody up."""

import json
from typing import Annotated

import typer

from perennial.cli.commands.people import After, Condition, Limit, condition_in
from perennial.cli.commands.why import people
from perennial.cli.connection import path_step
from perennial.cli.refusals import Refusal
from perennial.cli.session import session_of
from perennial.kernel.events import RowKind
from perennial.kernel.values import Json

PersonId = Annotated[str, typer.Argument(metavar="ID", help="A user id, or a profile as prf_…")]


@people.command("search")
def find_people(
    context: typer.Context,
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="How a name, email, phone or name trait begins.")
    ] = None,
    trait: Annotated[
        str | None,
        typer.Option(
            "--trait", metavar="NAME=VALUE", help="One trait's value (JSON, or a text); `上*` begins so."
        ),
    ] = None,
    condition: Condition = None,
    limit: Limit = 100,
    after: After = None,
) -> None:
    """Find people by the beginning of a name or a trait, and by a condition besides."""
    session = session_of(context)
    with condition_in(condition) as question, session.connection() as connection:
        asked: dict[str, Json] = {
            "text": text,
            **({} if trait is None else _trait(trait)),
            "condition": question,
            "limit": limit,
            "after": after,
        }
        session.show(connection.ask("/api/people/search", asked))


@people.command("show")
def show_person(context: typer.Context, user_id: PersonId) -> None:
    """Show who somebody is: names, traits with source and time, tags, segments, what they did."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get(f"/api/people/{path_step(user_id)}"))


@people.command("events")
def person_events(  # noqa: PLR0913, PLR0917  one for each option
    context: typer.Context,
    user_id: PersonId,
    event: Annotated[str | None, typer.Option("--event", metavar="NAME", help="Of this name only.")] = None,
    kind: Annotated[
        RowKind | None, typer.Option("--kind", metavar="KIND", help="Of this kind only: track, identify …")
    ] = None,
    start: Annotated[str | None, typer.Option("--from", metavar="ISO", help="From this instant on.")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="ISO", help="Before this instant.")] = None,
    limit: Limit = 100,
    after: After = None,
) -> None:
    """List what happened to a person, newest first."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(
            connection.get(
                f"/api/people/{path_step(user_id)}/events",
                event=event,
                kind=kind,
                from_=start,
                to=end,
                limit=limit,
                after=after,
            )
        )


def _trait(written: str) -> dict[str, Json]:
    """`city=上海` is the whole value, JSON where it is some; `city=上*` how it begins."""
    name, equals, value = written.partition("=")
    if not name or not equals:
        raise Refusal({"code": "bad_value", "message": f"{written!r} names no value.", "hint": "NAME=VALUE"})
    if value.endswith("*"):
        return {"trait": name, "starts_with": value[:-1]}
    try:
        return {"trait": name, "equals": json.loads(value)}
    except ValueError:
        return {"trait": name, "equals": value}
