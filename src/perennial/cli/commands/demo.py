"""`demo`: real data, a live journey and an honest read-out; then a serving API."""

import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer

from perennial.cli.commands.installation import Host, Port, leave_at_once, serve_application
from perennial.cli.session import Session, session_of
from perennial.kernel.clock import SystemClock
from perennial.kernel.values import Json


def run_demo(
    context: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="Print the summary and stop, without serving.")
    ] = False,
    host: Host = "127.0.0.1",
    port: Port = 8420,
) -> None:
    """Load a year of real shopping, replay its last 12 weeks, say what came of it, and serve.

    The data is The Complete Journey, moved by whole weeks to end within the last 7 days. In the replay every
    household gets an address at example.invalid and a consent with proof `demo`; nobody ever received a mail.
    """
    from perennial.showcase import demo

    session = session_of(context)
    with _progress() as bar:
        summary = demo.run_demo(
            session.place.home, workspace=session.place.workspace, clock=SystemClock(), progress=bar
        )
    _show(session, summary)
    if once:
        return
    with session.open_home(session.place) as application:
        serve_application(session, application, host=host, port=port)
    leave_at_once()


def _show(session: Session, summary: Mapping[str, Json]) -> None:
    """The whole summary as JSON; for people its numbers, then each read-out in words."""
    if session.as_json:
        session.show(summary)
        return
    session.show({name: value for name, value in summary.items() if name != "read_outs"})
    for journey, read_out in _members(summary.get("read_outs")).items():
        sentences = _members(_members(read_out).get("sentence"))
        session.show({f"{journey} ({language})": text for language, text in sentences.items()})


def _members(value: Json) -> Mapping[str, Json]:
    """An object's members; none where it is something else."""
    return value if isinstance(value, Mapping) else {}


@contextmanager
def _progress() -> Generator[Callable[[str, int, int | None], None]]:
    if sys.stderr.isatty():
        from perennial.cli.progress import Bar

        with Bar() as bar:
            yield bar
        return
    yield _Log()


class _Log:
    """Says once what is being done, where standard error is no screen."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, doing: str, done: int, total: int | None) -> None:
        """Say it when it is something else than before."""
        if doing != self._last:
            self._last = doing
            print(f"{doing} …", file=sys.stderr, flush=True)  # noqa: T201  progress for people
