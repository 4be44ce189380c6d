"""The one place where the program is put together: settings are read, engines chosen, stages connected."""

from perennial.runtime.workspace import Workspace
from perennial.settings import Settings
from perennial.wiring.app import App, open_app
from perennial.wiring.environment import read_settings

__all__ = ["App", "Settings", "Workspace", "open_app", "read_settings"]
