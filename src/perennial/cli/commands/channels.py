"""`channels`: how people come here: channels, codes, costs, and what each channel brought."""

import base64
from pathlib import Path
from typing import Annotated

import typer

from perennial.cli.connection import path_step
from perennial.cli.session import read_text, session_of
from perennial.kernel.values import Json

channels = typer.Typer(no_args_is_help=True, help="How people come here, and what that costs.")

First = Annotated[str, typer.Option("--from", metavar="DAY", help="The first local day: 2026-03-01.")]
Last = Annotated[str, typer.Option("--to", metavar="DAY", help="The last local day, included.")]
CodeName = Annotated[str, typer.Argument(metavar="CODE", help="The code's text.")]
Campaign = Annotated[str, typer.Option("--campaign", help="The campaign.")]


@channels.command("list")
def list_channels(context: typer.Context) -> None:
    """List channels."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/channels"))


@channels.command("save")
def save_channel(  # noqa: PLR0913, PLR0917  one for each option
    context: typer.Context,
    channel: Annotated[str, typer.Argument(metavar="ID", help="Its id, as `utm_source` names it.")],
    name: Annotated[str, typer.Option("--name", help="How people call it.")],
    kind: Annotated[str, typer.Option("--kind", help="What sort of way it is: ads, store, partner.")] = "",
    unstable: Annotated[bool, typer.Option("--unstable", help="It comes and goes with campaigns.")] = False,
    owner: Annotated[str, typer.Option("--owner", help="Who answers for it.")] = "",
    description: Annotated[str, typer.Option("--description", help="What to know of it.")] = "",
    sources: Annotated[
        list[str] | None, typer.Option("--source", help="Another `utm_source` that means it; repeatable.")
    ] = None,
) -> None:
    """Declare a channel, or say otherwise of it."""
    order: dict[str, Json] = {
        "name": name,
        "kind": kind,
        "stability": "unstable" if unstable else "stable",
        "owner": owner,
        "description": description,
        "sources": list(sources or []),
    }
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.put(f"/api/channels/{path_step(channel)}", order))


@channels.command("codes")
def list_codes(context: typer.Context) -> None:
    """List codes with where they lead."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/channel-codes"))


@channels.command("code")
def save_code(  # noqa: PLR0913, PLR0917  one for each option
    context: typer.Context,
    code: CodeName,
    channel: Annotated[str, typer.Option("--channel", help="The channel that it belongs to.")],
    target: Annotated[str, typer.Option("--target", metavar="URL", help="Where it leads.")],
    campaign: Campaign = "",
    medium: Annotated[str, typer.Option("--medium", help="`utm_medium`.")] = "",
    content: Annotated[str, typer.Option("--content", help="`utm_content`.")] = "",
    valid_from: Annotated[
        str | None, typer.Option("--valid-from", metavar="INSTANT", help="It leads nowhere before.")
    ] = None,
    valid_until: Annotated[
        str | None, typer.Option("--valid-until", metavar="INSTANT", help="It leads nowhere from then on.")
    ] = None,
) -> None:
    """Declare a code, or say otherwise of it."""
    order: dict[str, Json] = {
        "channel": channel,
        "target": target,
        "campaign": campaign,
        "medium": medium,
        "content": content,
        "valid_from": valid_from,
        "valid_until": valid_until,
    }
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.put(f"/api/channel-codes/{path_step(code)}", order))


@channels.command("qr")
def draw_code(
    context: typer.Context,
    code: CodeName,
    base: Annotated[str, typer.Option("--base", metavar="URL", help="This server, as visitors reach it.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="An .svg or .png file.")],
    scale: Annotated[int, typer.Option("--scale", min=1, max=40, help="Pixels of a module.")] = 8,
) -> None:
    """Draw a code as a QR code, to be printed."""
    form = output.suffix.removeprefix(".").lower()
    if form not in ("svg", "png"):
        raise typer.BadParameter("Name a file that ends in .svg or .png.")
    session = session_of(context)
    with session.connection() as connection:
        path = f"/api/channel-codes/{path_step(code)}/qr"
        drawn = connection.get(path, base=base, format=form, scale=scale)
    output.write_bytes(base64.b64decode(str(drawn["image"])))
    session.show({"address": drawn["address"], "file": str(output)})


@channels.command("cost")
def save_cost(
    context: typer.Context,
    channel: Annotated[str, typer.Argument(metavar="ID", help="The channel.")],
    first: First,
    last: Last,
    amount: Annotated[int, typer.Option("--amount", min=0, help="In minor units: 12.50 is 1250.")],
    currency: Annotated[str, typer.Option("--currency", help="Three capitals: CNY.")],
    campaign: Campaign = "",
) -> None:
    """Say what a channel cost in some days; the same days of it are said anew."""
    order: dict[str, Json] = {
        "channel": channel,
        "from": first,
        "to": last,
        "amount": amount,
        "currency": currency,
        "campaign": campaign,
    }
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.post("/api/channel-costs", order))


@channels.command("import-costs")
def import_costs(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="CSV or JSON Lines (.jsonl); `-` is CSV from standard input.")],
) -> None:
    """Keep the costs of a file, all or nothing; the same file again changes nothing."""
    form = "jsonl" if file.endswith((".jsonl", ".ndjson")) else "csv"
    order: dict[str, Json] = {"text": read_text(file), "format": form}
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.post("/api/channel-costs/import", order))


@channels.command("costs")
def list_costs(context: typer.Context, first: First, last: Last) -> None:
    """List what each channel cost on each day."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/channel-costs", **{"from": first, "to": last}))


@channels.command("report")
def report_channels(context: typer.Context, first: First, last: Last) -> None:
    """Show what each channel brought in some days: clicks, new people, costs, and the cost of each."""
    session = session_of(context)
    with session.connection() as connection:
        session.show(connection.get("/api/channels/report", **{"from": first, "to": last}))
