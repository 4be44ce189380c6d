"""`insight`: the numbers of a specification, and who is behind them."""

from collections.abc import Mapping
from typing import Annotated

import typer

from perennial.cli.commands.definitions import File
from perennial.cli.commands.people import After, Limit, condition_in
from perennial.cli.connection import path_step
from perennial.cli.files import Out, Replaces, format_of, save_kept, written
from perennial.cli.refusals import Refusal
from perennial.cli.session import session_of
from perennial.kernel.values import Json

insight = typer.Typer(no_args_is_help=True, help="Numbers, and who is behind them.")

Spec = Annotated[
    str, typer.Argument(metavar="SPEC", help="An insight as JSON or YAML; `-` reads standard input.")
]
InsightId = Annotated[str, typer.Argument(metavar="INSIGHT", help="A kept insight's id.")]
Cell = Annotated[
    str, typer.Option("--cell", metavar="FILE", help="The cell of a number, as the result has it.")
]


@insight.command("run")
def run_insight(context: typer.Context, spec: Spec, out: Out = None) -> None:
    """Answer an insight: every number with the cell that names its people; or write them to a file."""
    session = session_of(context)
    with condition_in(spec) as document, session.connection() as connection:
        asked = as_object(document)
        if out is None:
            session.show(connection.ask("/api/insights/run", asked))
            return
        content = connection.fetch("/api/insights/export", asked, format=format_of(out))
        session.show(written(out, content))


@insight.command("save")
def save_insight(context: typer.Context, file: File, replaces: Replaces = None) -> None:
    """Keep a specification under a name: a file `{id, name, spec}`."""
    save_kept(context, "/api/insights/saved", file, replaces)


@insight.command("list")
def list_insights(context: typer.Context, limit: Limit = 100, after: After = None) -> None:
    """List the insights that are kept."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/insights/saved", limit=limit, after=after))


@insight.command("show")
def show_insight(context: typer.Context, insight_id: InsightId) -> None:
    """Show a kept insight, and the boards that show it."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get(f"/api/insights/saved/{path_step(insight_id)}"))


@insight.command("delete")
def remove_insight(context: typer.Context, insight_id: InsightId) -> None:
    """Take a kept insight away, where no board shows it."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.delete(f"/api/insights/saved/{path_step(insight_id)}"))


@insight.command("people")
def insight_people(
    context: typer.Context, spec: Spec, cell: Cell, limit: Limit = 100, after: After = None
) -> None:
    """List who makes up one of an insight's numbers, and with how much."""
    session = session_of(context)
    with (
        condition_in(spec) as document,
        condition_in(cell) as named,
        session.connection() as connection,
    ):
        asked: dict[str, Json] = {"spec": document, "cell": named, "limit": limit, "after": after}
        session.show(connection.ask("/api/insights/people", asked))


@insight.command("segment")
def save_insight_people(
    context: typer.Context,
    spec: Spec,
    cell: Cell,
    segment_id: Annotated[str, typer.Option("--as", metavar="ID", help="What the list is called.")],
    name: Annotated[str | None, typer.Option("--name", help="Its name; the id unless told.")] = None,
) -> None:
    """Keep who makes up a number as a list; the same id again brings the list to it."""
    session = session_of(context)
    with (
        condition_in(spec) as document,
        condition_in(cell) as named,
        session.connection() as connection,
    ):
        asked: dict[str, Json] = {"spec": document, "cell": named, "segment_id": segment_id, "name": name}
        session.show(connection.ask("/api/insights/segment", asked))


def as_object(document: Json) -> Mapping[str, Json]:
    """A specification, which is an object."""
    if isinstance(document, Mapping):
        return document
    raise Refusal({"code": "wrong_type", "message": "An insight is an object.", "path": "$"})
