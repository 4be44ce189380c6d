"""The command line translates words typed in a shell into the services that HTTP and the library call."""

from perennial.cli.main import app, main

__all__ = ["app", "main"]
