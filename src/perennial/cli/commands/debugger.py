"""`debugger`: the calls of clients as they come in."""

import json
from collections.abc import Mapping
from contextlib import closing
from typing import Annotated

import typer

from perennial.cli.server_file import find_server
from perennial.cli.session import Session, session_of
from perennial.kernel.errors import Refused
from perennial.kernel.values import Json


class NoServer(Refused):
    """No server has this data directory, so no client can call."""

    code = "no_server"


def watch_calls(
    context: typer.Context,
    source: Annotated[str | None, typer.Option("--source", help="Only from this source.")] = None,
    event: Annotated[str | None, typer.Option("--event", help="Only with this event's name.")] = None,
    user: Annotated[
        str | None, typer.Option("--user", metavar="ID", help="Only of this user id or device id.")
    ] = None,
    refused: Annotated[bool, typer.Option("--refused", help="Only what is refused.")] = False,
    seconds: Annotated[
        int | None, typer.Option("--seconds", min=1, max=86_400, help="End after so long.")
    ] = None,
) -> None:
    """Watch the running server's calls as they come in, until interrupted; `--json` prints one a line."""
    session = session_of(context)
    if find_server(session.place.home) is None:
        raise NoServer(hint="Start one with `perennial serve`; the calls to that one process are shown.")
    asked = {"source": source, "event": event, "user": user, "refused": "true" if refused else None}
    with session.connection() as connection:
        try:
            with closing(connection.listen("/api/debugger/stream", **asked, seconds=seconds)) as heard:
                for name, document in heard:
                    _show(session, name, document)
        except KeyboardInterrupt:
            return


def _show(session: Session, name: str, document: Mapping[str, Json]) -> None:
    if session.as_json:
        typer.echo(json.dumps({"type": name, **document}, ensure_ascii=False))
    elif name == "call":
        typer.echo(_line(document))
    elif name == "dropped":
        typer.echo(f"({document['calls']} calls came too fast to be shown)")
    elif name == "open":
        typer.echo(f"Watching the workspace {document['workspace']}. {document['scope']}")


def _line(call: Mapping[str, Json]) -> str:
    """A call on one line: when, what became of it, from where, what, who, which, and why not."""
    who = call["user_id"] or call["anonymous_id"] or "–"
    words = [
        str(call["received_at"])[11:19],
        call["outcome"],
        call["source"],
        call["event"] or call["kind"] or "–",
    ]
    words += [who, call["message_id"] or "–"]
    if call["calls"] != 1:
        words.append(f"{call['calls']} calls")
    words += [call[name] for name in ("code", "path", "hint") if call[name]]
    return "  ".join(map(str, words))
