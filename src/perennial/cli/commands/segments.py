"""What `segment` and `people` say beyond saving segments: lists, previews, comparisons, who was in them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from perennial.cli.commands.definitions import segment
from perennial.cli.commands.people import After, AsOf, Limit, condition_in, people
from perennial.cli.connection import path_step
from perennial.cli.refusals import FileMissing, Refusal
from perennial.cli.session import about_file, session_of
from perennial.kernel.values import Json

SegmentId = Annotated[str, typer.Argument(metavar="ID", help="A segment.")]
SegmentIds = Annotated[list[str], typer.Argument(metavar="ID...", help="Segments.")]
UserId = Annotated[str, typer.Argument(metavar="ID", help="A user id, or a profile as prf_…")]
Size = Annotated[int, typer.Option("--size", min=1, max=1_000, help="People of the sample.")]
Create = Annotated[bool, typer.Option("--create", help="Make people of unknown user ids.")]
MODES = ("replace", "add", "remove")
OPERATIONS = ("union", "intersect", "except")


@segment.command("show")
def show_segment(context: typer.Context, segment_id: SegmentId) -> None:
    """Show a segment, how many are in it, and how it stands."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get(f"/api/segments/{path_step(segment_id)}"))


@segment.command("preview")
def preview_segment(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A condition, or a segment's document.")],
    as_of: AsOf = None,
    size: Size = 10,
) -> None:
    """Count the people who would be in a segment, and show some of them; nothing is saved."""
    session = session_of(context)
    with condition_in(file) as document, session.connection() as connection:
        is_whole = isinstance(document, Mapping) and "condition" in document
        condition = document["condition"] if isinstance(document, Mapping) and is_whole else document
        asked: dict[str, Json] = {"condition": condition, "as_of": as_of, "size": size}
        session.show(connection.ask("/api/segments/preview", asked))


@segment.command("combine")
def combine_segments(
    context: typer.Context,
    operation: Annotated[str, typer.Argument(metavar="OPERATION", help=", ".join(OPERATIONS))],
    ids: SegmentIds,
    size: Size = 10,
) -> None:
    """Count who is in any, in all, or in the first only of some segments."""
    session = session_of(context)
    asked: dict[str, Json] = {"operation": one_of(operation, OPERATIONS), "segments": [*ids], "size": size}
    with session.connection() as connection:
        session.show(connection.ask("/api/segments/combine", asked))


@segment.command("overlap")
def overlap_segments(context: typer.Context, ids: SegmentIds) -> None:
    """Count the people that each two of some segments share."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.ask("/api/segments/overlap", {"segments": [*ids]}))


@segment.command("freeze")
def freeze_segment(
    context: typer.Context,
    segment_id: SegmentId,
    as_id: Annotated[str, typer.Option("--as", metavar="NEW_ID", help="What the frozen one is called.")],
    name: Annotated[str | None, typer.Option("--name", help="Its name; the id unless told.")] = None,
    as_of: AsOf = None,
) -> None:
    """Keep who is in a segment at a moment as a segment of its own."""
    session = session_of(context)
    asked: dict[str, Json] = {"as_id": as_id, "name": name, "as_of": as_of}
    with session.connection() as connection:
        session.show(connection.ask(f"/api/segments/{path_step(segment_id)}/freeze", asked))


@segment.command("load")
def load_segment(
    context: typer.Context,
    segment_id: SegmentId,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, JSON Lines, or an id on each line.")],
    mode: Annotated[
        str, typer.Option("--mode", help="Of who is on it already: replace, add or remove.")
    ] = "replace",
    create: Create = False,
) -> None:
    """Bring a list to what a file names."""
    if not file.exists():
        raise FileMissing(f"{file}: no such file.", path=str(file))
    order: dict[str, Json] = {"file": str(file.resolve()), "mode": one_of(mode, MODES), "create": create}
    session = session_of(context)
    with session.connection() as connection, about_file(str(file)):
        session.show(connection.post(f"/api/segments/{path_step(segment_id)}/load", order))


@segment.command("change")
def change_members(
    context: typer.Context,
    segment_id: SegmentId,
    add: Annotated[list[str] | None, typer.Option("--add", metavar="ID", help="Put on the list.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", metavar="ID", help="Take off it.")] = None,
    create: Create = False,
) -> None:
    """Put people on a list and take others off."""
    session = session_of(context)
    order: dict[str, Json] = {"add": [*(add or ())], "remove": [*(remove or ())], "create": create}
    with session.connection() as connection:
        session.show(connection.post(f"/api/segments/{path_step(segment_id)}/members", order))


@segment.command("members")
def list_members(
    context: typer.Context, segment_id: SegmentId, limit: Limit = 100, after: After = None
) -> None:
    """List who is in a segment and since when, by profile id."""
    session = session_of(context)
    path = f"/api/segments/{path_step(segment_id)}/members"
    with session.connection() as connection:
        session.show(connection.get(path, limit=limit, after=after))


@segment.command("sample")
def sample_segment(context: typer.Context, segment_id: SegmentId, size: Size = 10) -> None:
    """Show some people of a segment, the same whenever asked."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get(f"/api/segments/{path_step(segment_id)}/sample", size=size))


@segment.command("sizes")
def segment_sizes(
    context: typer.Context,
    segment_id: SegmentId,
    start: Annotated[str | None, typer.Option("--from", metavar="ISO", help="From this instant on.")] = None,
) -> None:
    """Show how many were in a segment, hour by hour."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get(f"/api/segments/{path_step(segment_id)}/sizes", from_=start))


@people.command("segments")
def person_segments(context: typer.Context, user_id: UserId) -> None:
    """List the segments a person is in, and since when."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get(f"/api/people/{path_step(user_id)}/segments"))


@people.command("segment-history")
def person_segment_history(
    context: typer.Context,
    user_id: UserId,
    of: Annotated[str | None, typer.Option("--segment", metavar="ID", help="Only this one.")] = None,
    limit: Limit = 100,
    after: After = None,
) -> None:
    """List when a person entered and left segments, and why, newest first."""
    session = session_of(context)
    path = f"/api/people/{path_step(user_id)}/segments/history"
    with session.connection() as connection:
        session.show(connection.get(path, segment=of, limit=limit, after=after))


def one_of(word: str, known: tuple[str, ...]) -> str:
    """A word of an option that takes few; refused where it is none of them."""
    if word not in known:
        message = f"{word!r} is none of {', '.join(known)}."
        raise Refusal({"code": "bad_value", "message": message, "path": word})
    return word
