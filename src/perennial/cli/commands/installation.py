"""`init`, `serve` and `demo`: making an installation, running it, showing it."""

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from perennial.cli.server_file import RunningServer, remove_server_file, write_server_file
from perennial.cli.session import Session, session_of
from perennial.kernel.ids import mint_secret
from perennial.kernel.values import Json

if TYPE_CHECKING:
    from perennial.api import Application

Host = Annotated[str, typer.Option("--host", help="The address to listen on.")]
Port = Annotated[
    int, typer.Option("--port", min=0, max=65_535, help="The port to listen on; 0 is any free one.")
]


def init_workspace(
    context: typer.Context,
    timezone: Annotated[
        str | None,
        typer.Option("--timezone", metavar="ZONE", help="Where days begin, an IANA name; UTC unless told."),
    ] = None,
    week_start: Annotated[
        str | None,
        typer.Option("--week-start", metavar="DAY", help="The day weeks begin with; monday unless told."),
    ] = None,
    renew_token: Annotated[bool, typer.Option("--new-token", help="Make another API token.")] = False,
) -> None:
    """Make a workspace and print its keys; repeat it as often as you like."""
    session = session_of(context)
    order: dict[str, Json] = {
        "workspace": session.place.workspace,
        "timezone": timezone,
        "week_start": week_start,
        "renew_token": renew_token,
    }
    with session.connection(may_create=True) as connection:
        session.show(connection.post("/api/workspaces", order))


def serve(context: typer.Context, host: Host = "127.0.0.1", port: Port = 8420) -> None:
    """Serve the API and turn the loop, until SIGTERM."""
    session = session_of(context)
    with session.open_home(replace(session.place, may_create=True)) as application:
        serve_application(session, application, host=host, port=port, offers_set_up=True)
    leave_at_once()


def serve_application(
    session: Session, application: "Application", *, host: str, port: int, offers_set_up: bool = False
) -> None:
    """Serve an open installation until told to stop, and say where in `server.json` meanwhile.

    `offers_set_up` prints a link for the first owner while there is none. Raises OwnerMissing where others
    would reach an installation that nobody owns.
    """
    import structlog

    from perennial.api import create_app
    from perennial.api.access import instance_of
    from perennial.api.app import edge_behind
    from perennial.api.console import is_loopback
    from perennial.api.server import Listen
    from perennial.api.server import serve as serve_http
    from perennial.cli.logs import log_to_standard_error

    log_to_standard_error(verbose=True)
    log = structlog.get_logger(__name__)
    home, token = session.place.home, mint_secret("local_")
    api = create_app(application, local_token=token)
    console = edge_behind(api).console
    if not is_loopback(host):
        _require_owner(application)
        served = "Members come in at `public_url`." if console.is_open else "The console is not served."
        log.warning("listening_beyond_this_machine", host=host, hint=f"Put TLS in front of it. {served}")

    def announce(address: str) -> None:
        server = RunningServer(
            address=address, token=token, pid=os.getpid(), version=_version(), instance=instance_of(token)
        )
        write_server_file(home, server)
        if is_loopback(host):
            application.serve_at(address)
        log.info("server_ready", address=address, api=f"{address}/api")
        if is_loopback(host):
            console.open_at(address)
            # For the person who started us: not an event, because logs are kept and links open doors.
            print(f"console: {console.make_link()}", file=sys.stderr, flush=True)  # noqa: T201
            if offers_set_up and not application.members.has_owner():
                link = application.members.make_set_up_link()
                print(f"first owner: {link.url}", file=sys.stderr, flush=True)  # noqa: T201

    if is_loopback(host) and port:
        application.serve_at(f"http://{host}:{port}")
    application.start()
    try:
        serve_http(api, Listen(host=host, port=port), on_ready=announce)
    finally:
        remove_server_file(home)


def _require_owner(application: "Application") -> None:
    """Whoever listens for others has somebody who answers for it."""
    from perennial.access.members import OwnerMissing

    if not application.members.has_owner():
        raise OwnerMissing(
            "Nobody owns this installation yet, so it listens to its own machine only.",
            hint="`perennial serve` on 127.0.0.1 prints a link for the first owner; afterwards any --host.",
            path="$.host",
        )


def leave_at_once() -> NoReturn:
    """End the process, successfully, without taking the interpreter apart.

    Everything is closed by now. Threads of the HTTP server may still be winding down, and one that touches
    Python while it is taken apart aborts the process (docs/decisions/0016-http-server.md).
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _version() -> str:
    from importlib.metadata import version

    return version("perennial")
