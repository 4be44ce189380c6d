"""The API translates HTTP into the services that the command line and the library also call."""

from perennial.api.app import create_app
from perennial.api.ports import Application, Workspace

__all__ = ["Application", "Workspace", "create_app"]
