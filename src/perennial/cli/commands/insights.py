"""`insight`: the numbers of a specification, and who is behind them."""

from collections.abc import Mapping
from typing import Annotated

import typer

from perennial.cli.commands.people import After, Limit, condition_in
from perennial.cli.refusals import Refusal
from perennial.cli.session import session_of
from perennial.kernel.values import Json

insight = typer.Typer(no_args_is_help=True, help="Numbers, and who is behind them.")

Spec = Annotated[
    str, typer.Argument(metavar="SPEC", help="An insight as JSON or YAML; `-` reads standard input.")
]
Cell = Annotated[
    str, typer.Option("--cell", metavar="FILE", help="The cell of a number, as the result has it.")
]


@insight.command("run")
def run_insight(context: typer.Context, spec: Spec) -> None:
    """Answer an insight: every number with the cell that names its people."""
    session = session_of(context)
    with condition_in(spec) as document, session.connection() as connection:
        session.show(connection.ask("/api/insights/run", as_object(document)))


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
