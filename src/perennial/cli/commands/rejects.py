"""`rejects`: calls that were refused, why, and trying them again after a fix."""

import json
from collections.abc import Sequence
from typing import Annotated, cast

import typer

from perennial.cli.commands.people import After, Limit
from perennial.cli.session import session_of
from perennial.kernel.values import Json

rejects = typer.Typer(no_args_is_help=True, help="Calls that were refused, and why.")

Code = Annotated[str | None, typer.Option("--code", help="Only refused for this reason.")]
Source = Annotated[str | None, typer.Option("--source", help="Only from this source.")]
Event = Annotated[str | None, typer.Option("--event", help="Only with this event's name.")]
Start = Annotated[
    str | None, typer.Option("--from", metavar="INSTANT", help="Received at or after this, with its offset.")
]
End = Annotated[str | None, typer.Option("--to", metavar="INSTANT", help="Received before this.")]
Search = Annotated[
    str | None, typer.Option("--search", metavar="TEXT", help="Only with this text inside, or as an id.")
]


@rejects.command("list")
def list_rejects(  # noqa: PLR0913, PLR0917  one for each option
    context: typer.Context,
    code: Code = None,
    source: Source = None,
    event: Event = None,
    start: Start = None,
    end: End = None,
    search: Search = None,
    limit: Limit = 100,
    after: After = None,
) -> None:
    """List refused calls with the place of the mistake and what would be right."""
    asked = {"code": code, "source": source, "event": event, "from": start, "to": end, "search": search}
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/rejects", **asked, limit=limit, after=after))


@rejects.command("count")
def count_rejects(
    context: typer.Context,
    code: Code = None,
    source: Source = None,
    event: Event = None,
    start: Start = None,
    end: End = None,
    search: Search = None,
) -> None:
    """Count refused calls by reason, of those that are kept."""
    asked = {"code": code, "source": source, "event": event, "from": start, "to": end, "search": search}
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/rejects/counts", **asked))


@rejects.command("show")
def show_reject(
    context: typer.Context, reject: Annotated[int, typer.Argument(metavar="ID", help="Its number.", min=1)]
) -> None:
    """Show one refused call."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.watch(f"/api/rejects/{reject}"))


@rejects.command("replay")
def replay_rejects(  # noqa: PLR0913, PLR0917  one for each option
    context: typer.Context,
    ids: Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Only these.")] = None,
    code: Code = None,
    source: Source = None,
    event: Event = None,
    start: Start = None,
    end: End = None,
    search: Search = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Change this in each: `properties.amount=12.5`."),
    ] = None,
    names: Annotated[
        list[str] | None, typer.Option("--map", metavar="OLD=NEW", help="Another name of an event.")
    ] = None,
) -> None:
    """Try refused calls again by the rules of now; each that is taken is one event, however often tried."""
    order: dict[str, Json] = {
        "ids": list(ids) if ids else None,
        "code": code,
        "source": source,
        "event": event,
        "from": start,
        "to": end,
        "search": search,
        "set": {path: _value(text) for path, text in _pairs(values or [], "--set")},
        "names": dict(_pairs(names or [], "--map")),
    }
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.post("/api/rejects/replay", order))


def _pairs(stated: Sequence[str], option: str) -> Sequence[tuple[str, str]]:
    pairs = [text.partition("=") for text in stated]
    for name, sign, _ in pairs:
        if not name or not sign:
            raise typer.BadParameter(f"Write {option} NAME=VALUE.")
    return [(name, value) for name, _, value in pairs]


def _value(text: str) -> Json:
    """JSON where it is some, else the text itself."""
    try:
        return cast("Json", json.loads(text))
    except ValueError:
        return text
