"""`events` and `people`: how many, and who."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer

from perennial.cli.refusals import Refusal
from perennial.cli.session import about_file, read_text, session_of
from perennial.kernel.values import Json

LineOf = Callable[[str], int | None]

events = typer.Typer(no_args_is_help=True, help="What happened.")
people = typer.Typer(no_args_is_help=True, help="Who it was.")

Condition = Annotated[
    str | None,
    typer.Option(
        "--condition", metavar="FILE", help="A condition as JSON or YAML; `-` reads standard input."
    ),
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="ISO", help="As of this instant; now unless told.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Rows of a page.")]
After = Annotated[
    str | None, typer.Option("--after", metavar="CURSOR", help="The `next` of the page before.")
]


@events.command("count")
def count_events(
    context: typer.Context,
    event: Annotated[
        str | None, typer.Option("--event", metavar="NAME", help="Count this event only.")
    ] = None,
    start: Annotated[str | None, typer.Option("--from", metavar="ISO", help="From this instant on.")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="ISO", help="Before this instant.")] = None,
) -> None:
    """Count events in a half-open span; clients' events only, unless one of ours is named."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/events/count", event=event, from_=start, to=end))


@people.command("count")
def count_people(context: typer.Context, condition: Condition = None, as_of: AsOf = None) -> None:
    """Count the people who meet a condition; everyone, without one."""
    session = session_of(context)
    with condition_in(condition) as question, session.connection() as connection:
        session.show(connection.ask("/api/people/count", {"condition": question, "as_of": as_of}))


@people.command("list")
def list_people(
    context: typer.Context,
    condition: Condition = None,
    as_of: AsOf = None,
    limit: Limit = 100,
    after: After = None,
) -> None:
    """List the people who meet a condition, by user id."""
    session = session_of(context)
    with condition_in(condition) as question, session.connection() as connection:
        asked: dict[str, Json] = {"condition": question, "as_of": as_of, "limit": limit, "after": after}
        session.show(connection.ask("/api/people/list", asked))


@contextmanager
def condition_in(name: str | None) -> Generator[Json]:
    """The condition in a file; a refusal of it names the file and the line of each mistake."""
    if name is None:
        yield None
        return
    # YAML's reader takes a tenth of a second to load, which a command without a file need not pay.
    from perennial.kernel.documents import read_document

    text = read_text(name)
    with about_file(name):
        document = read_document(text, name=name)
        if document.value is None:
            raise Refusal({"code": "invalid_document", "message": "The file is empty.", "path": "$"})
        try:
            yield document.value
        except Refusal as refusal:
            raise Refusal(_with_lines(refusal.problem, document.line_of)) from refusal


def _with_lines(problem: Mapping[str, Json], line_of: LineOf) -> Mapping[str, Json]:
    found = problem.get("problems")
    if not isinstance(found, list):
        return problem
    return {**problem, "problems": [_with_line(one, line_of) for one in found]}


def _with_line(problem: Json, line_of: LineOf) -> Json:
    path = problem.get("path") if isinstance(problem, Mapping) else None
    if not isinstance(problem, Mapping) or not isinstance(path, str):
        return problem
    return {**problem, "line": problem.get("line") or line_of(path)}
