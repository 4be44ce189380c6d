"""`work`: the part of a server that nobody talks to."""

import signal
import threading
from dataclasses import replace

import typer

from perennial.cli.session import session_of


def work(context: typer.Context) -> None:
    """Turn the loop without HTTP, until SIGTERM: beside `serve`, on stores that several processes share.

    It takes its part of the work by itself, and whatever another process leaves when it ends. SIGTERM
    ends the turns that are under way, gives back the rest, and exits 0.
    """
    import structlog

    from perennial.cli.logs import log_to_standard_error

    session = session_of(context)
    told_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: told_to_stop.set())
    with session.open_home(replace(session.place, may_create=True)) as application:
        log_to_standard_error(verbose=True)
        log = structlog.get_logger(__name__)
        application.start()
        log.info("work_ready", home=str(session.place.home))
        told_to_stop.wait()
        log.info("work_stopping")
