"""`tag`: save, compare, list, refresh, read; and what `people` says of a person's tags."""

import sys
from typing import Annotated

import typer
from ruamel.yaml import YAML

from perennial.cli.commands.definitions import File, Ids, list_all, refresh
from perennial.cli.commands.people import After, AsOf, Limit, people
from perennial.cli.connection import path_step
from perennial.cli.documents import save_document
from perennial.cli.session import about_file, read_text, session_of

tag = typer.Typer(no_args_is_help=True, help="Values that are computed about people.")

TagId = Annotated[str, typer.Argument(metavar="ID")]


@tag.command("create")
def create_tag(context: typer.Context, file: File) -> None:
    """Save a tag by values, measure or RFM."""
    save_document(context, "/api/tags", file)


@tag.command("diff")
def diff_tag(
    context: typer.Context, file: File, as_of: AsOf = None, limit: Limit = 100, after: After = None
) -> None:
    """Say whose value a document would change if it were saved."""
    session = session_of(context)
    text = read_text(file)
    with session.connection() as connection, about_file(file):
        asked = {"as_of": as_of, "limit": limit, "after": after, "wait": "accepted"}
        session.show(connection.post_text("/api/tags/diff", text, **asked))


@tag.command("preset")
def show_tag_preset(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as activity; none lists them.")] = "",
    event: Annotated[
        str, typer.Option("--event", metavar="EVENT", help="What shows that they are alive to us.")
    ] = "*",
) -> None:
    """Show a document that we ship, written for one event; any event, unless told."""
    session = session_of(context)
    with session.connection() as connection:
        if not name:
            session.show(connection.get("/api/tags/presets"))
            return
        found = connection.get(f"/api/tags/presets/{path_step(name)}", event=event)
    if session.as_json:
        session.show(found)
    else:  # to be saved as a file, and changed
        YAML().dump(found["document"], sys.stdout)


@tag.command("list")
def list_tags(context: typer.Context, limit: Limit = 100, after: After = None) -> None:
    """List tags."""
    list_all(context, "/api/tags", limit, after)


@tag.command("refresh")
def refresh_tags(context: typer.Context, ids: Ids = None) -> None:
    """Compute tags anew, and count the people who have a value of each."""
    refresh(context, "/api/tags/refresh", ids)


@tag.command("values")
def tag_values(context: typer.Context, tag_id: TagId, limit: Limit = 100, after: After = None) -> None:
    """List people's values of a tag."""
    list_all(context, f"/api/tags/{path_step(tag_id)}/values", limit, after)


@tag.command("transitions")
def tag_transitions(
    context: typer.Context,
    tag_id: TagId,
    start: Annotated[str, typer.Option("--from", metavar="ISO", help="The first moment.")],
    end: Annotated[
        str | None, typer.Option("--to", metavar="ISO", help="No moment after this; now unless told.")
    ] = None,
    every: Annotated[str, typer.Option("--every", metavar="SPAN", help="From moment to moment.")] = "7d",
) -> None:
    """Say how people went from value to value over time."""
    session = session_of(context)
    path = f"/api/tags/{path_step(tag_id)}/transitions"
    with session.connection() as connection:
        session.show(connection.get(path, from_=start, to=end, every=every))


@tag.command("lineage")
def tag_lineage(context: typer.Context, tag_id: TagId) -> None:
    """Say what a tag is made of, and what rests on it."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get(f"/api/tags/{path_step(tag_id)}/lineage"))


@tag.command("dispute")
def dispute_tag(
    context: typer.Context,
    tag_id: TagId,
    user_id: Annotated[str, typer.Argument(metavar="PERSON", help="A user id, or a profile as prf_…")],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What is wrong.")] = "",
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")] = "",
) -> None:
    """Say that a person's value of a tag is wrong."""
    session = session_of(context)
    with session.connection() as connection:
        given = {"user_id": user_id, "note": note, "by": by}
        session.show(connection.ask(f"/api/tags/{path_step(tag_id)}/disputes", given))


@tag.command("disputes")
def list_disputes(context: typer.Context, tag_id: TagId, limit: Limit = 100, after: After = None) -> None:
    """List what is said to be wrong of a tag, and of how many people."""
    list_all(context, f"/api/tags/{path_step(tag_id)}/disputes", limit, after)


@people.command("tags")
def person_tags(
    context: typer.Context,
    user_id: Annotated[str, typer.Argument(metavar="ID", help="A user id, or a profile as prf_…")],
    limit: Limit = 100,
    after: After = None,
) -> None:
    """Show a person's tags, and how their values changed."""
    list_all(context, f"/api/people/{path_step(user_id)}/tags", limit, after)
