"""Opening the data directory in the command's own process."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from perennial.cli.connection import Place
from perennial.kernel.errors import NotFound

if TYPE_CHECKING:
    from perennial.api import Application


class HomeMissing(NotFound):
    """There is no data directory here."""

    code = "home_missing"


@contextmanager
def open_installation(place: Place) -> Generator["Application"]:
    """The installation in this directory, locked while it is open. Raises HomeMissing where there is none."""
    if not place.may_create and not place.home.is_dir():
        raise HomeMissing(
            f"There is no data directory {place.home}.",
            hint="Check --home, or make one with `perennial init`.",
            path=str(place.home),
        )
    from perennial.cli.logs import log_to_standard_error
    from perennial.wiring import open_app

    log_to_standard_error()
    application = open_app(place.home, events=place.events, state=place.state)
    try:
        yield application
    finally:
        application.close()
