"""`people why`: the verdict tree of one person."""

import sys
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from perennial.cli.commands.people import AsOf, Condition, condition_in
from perennial.cli.commands.privacy import people
from perennial.cli.commands.segments import one_of
from perennial.cli.connection import path_step
from perennial.cli.session import session_of
from perennial.kernel.values import Json

_LANGUAGES = ("en", "zh-CN")


@people.command("why")
def why_person(
    context: typer.Context,
    user_id: Annotated[str, typer.Argument(metavar="ID", help="A user id, or a profile as prf_…")],
    condition: Condition = None,
    segment: Annotated[
        str | None, typer.Option("--segment", metavar="ID", help="Why the person is in it, or is not.")
    ] = None,
    tag: Annotated[
        str | None, typer.Option("--tag", metavar="ID", help="Why the person has its value, or none.")
    ] = None,
    as_of: AsOf = None,
    language: Annotated[
        str, typer.Option("--language", metavar="TAG", help="What the lines are in: en or zh-CN.")
    ] = "en",
) -> None:
    """Say why a condition, a segment or a tag holds for a person: every part, and what was seen."""
    session = session_of(context)
    one_of(language, _LANGUAGES)
    with condition_in(condition) as question, session.connection() as connection:
        asked: dict[str, Json] = {"condition": question, "segment": segment, "tag": tag, "as_of": as_of}
        told = connection.ask(f"/api/people/{path_step(user_id)}/why", asked)
    if session.as_json:
        session.show(told)
        return
    reading = told.get("reading")
    lines = reading.get(language) if isinstance(reading, Mapping) else None
    if isinstance(lines, Sequence):
        sys.stdout.write("\n".join(str(line) for line in lines) + "\n")
