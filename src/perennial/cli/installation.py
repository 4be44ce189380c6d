"""Opening the data directory in the command's own process."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from perennial.cli.connection import Place

if TYPE_CHECKING:
    from perennial.api import Application


@contextmanager
def open_installation(place: Place) -> Generator["Application"]:
    """The installation in this directory, locked while it is open."""
    from perennial.cli.logs import log_to_standard_error
    from perennial.wiring import open_app

    log_to_standard_error()
    application = open_app(place.home, events=place.events, state=place.state)
    try:
        yield application
    finally:
        application.close()
