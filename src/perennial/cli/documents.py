"""Sending a document as it was written: to be saved, or to be told what is wrong with it."""

import typer

from perennial.cli.refusals import Refusal
from perennial.cli.session import about_file, read_text, session_of


def save_document(
    context: typer.Context, path: str, file: str, **parameters: str | int | bool | None
) -> None:
    """Send a file's document to a route that saves it, and show the answer; a refusal names file and line."""
    session = session_of(context)
    text = read_text(file)
    with session.connection() as connection, about_file(file):
        saved = connection.post_text(path, text, **parameters)
        # Whoever sent a document knows it; a program is told all the same.
        shown = {name: value for name, value in saved.items() if session.as_json or name != "document"}
        session.show(shown)


def validate_document(context: typer.Context, path: str, file: str, *, mistaken: str) -> None:
    """Show every mistake in a document; raises Refusal, saying what is `mistaken`, where there is one."""
    session = session_of(context)
    text = read_text(file)
    with session.connection() as connection, about_file(file):
        verdict = connection.post_text(path, text)
        session.show(verdict)
        if not verdict["ok"]:
            message = f"{mistaken} mistakes; each is listed with its place."
            raise Refusal({"code": "invalid_document", "message": message, "problems": verdict["problems"]})
