"""Whatever one edge can do, the others can: every verb has a route, a command and a method, or a reason."""

from collections.abc import Iterator, Mapping
from typing import cast

from fastapi.routing import APIRoute
from typer.main import get_command

from perennial.api import Application, Workspace, create_app
from perennial.cli import app as command_line
from perennial.testing.installation import FakeInstallation

# operation of the API: (command, method of the library)
VERBS = {
    "init_workspace": ("init", "init"),
    "count_events": ("events count", "count_events"),
    "count_people": ("people count", "count_people"),
    "list_people": ("people list", "list_people"),
    "create_segment": ("segment create", "save_segment"),
    "list_segments": ("segment list", "list_segments"),
    "refresh_segments": ("segment refresh", "refresh_segments"),
    "segment_people": ("segment people", "segment_people"),
    "create_tag": ("tag create", "save_tag"),
    "list_tags": ("tag list", "list_tags"),
    "refresh_tags": ("tag refresh", "refresh_tags"),
    "tag_values": ("tag values", "tag_values"),
    "create_template": ("template create", "save_template"),
    "list_templates": ("template list", "list_templates"),
    "validate_journey": ("journey validate", "validate_journey"),
    "publish_journey": ("journey publish", "publish_journey"),
    "pause_journey": ("journey pause", "pause_journey"),
    "resume_journey": ("journey resume", "resume_journey"),
    "end_journey": ("journey end", "end_journey"),
    "list_journeys": ("journey list", "list_journeys"),
    "read_journey": ("journey read", "read_journey"),
    "show_journey": ("journey show", "show_journey"),
    "read_today": ("today", "read_today"),
    "doctor": ("doctor", "doctor"),
    "list_messages": ("messages list", "list_messages"),
    "list_rejects": ("rejects list", "list_rejects"),
    "start_import": ("import", "import_file"),
}
ROUTES_ALONE = {
    "read_health": "a command finds out by asking; the library is its own health",
    "read_import": "the command and the library wait for their import; over HTTP it is watched",
    "cancel_import": "the command is interrupted, the library passes `is_cancelled`",
    "record_consent": "on the command line a consent is an imported line, with its own time",
    "read_session": "a browser asks what it may open; the command line says `--workspace`",
    "end_session": "a browser logs out; the command line has no session",
    "make_console_link": "`perennial console`; a library has no browser",
}
COMMANDS_ALONE = {
    "console": "see the route make_console_link",
    "serve": "it is what answers the routes",
    "work": "it is `serve` without the routes",
    "demo": "it makes an installation to look at",
    "mailbox": "it stands in for a mail server and opens no installation",
}
METHODS_ALONE = {
    "record_consent": "see the route",
    "submit_calls": "the tracking calls under /v1",
    "wait_accepted": "every read of the command line, and `?wait=accepted`",
    "workspace": "`--workspace`, and the header of the same meaning",
    "list_workspaces": "see the route read_session",
    "authenticate_write": "who may call, not a verb",
    "authenticate_token": "who may call, not a verb",
    "start": "`serve`",
}
VALUES = {"name", "zone", "clock"}


def test_every_route_has_a_command_and_a_method_or_a_reason() -> None:
    routes = {route.name for route in create_app(FakeInstallation()).routes if isinstance(route, APIRoute)}
    api = create_app(FakeInstallation()).openapi()["paths"]
    operations = {
        verb["operationId"]
        for path, verbs in api.items()
        if path.startswith("/api/")
        for verb in verbs.values()
    }
    assert routes <= operations
    assert operations == VERBS.keys() | ROUTES_ALONE.keys()


def test_every_command_has_a_route_or_a_reason() -> None:
    assert set(_commands()) == {command for command, _ in VERBS.values()} | COMMANDS_ALONE.keys()


def test_every_method_has_a_route_or_a_reason() -> None:
    methods = {name for kind in (Application, Workspace) for name in vars(kind) if not name.startswith("_")}
    assert methods - VALUES == {method for _, method in VERBS.values()} | METHODS_ALONE.keys()


def _commands() -> Iterator[str]:
    for name, command in _inside(get_command(command_line)).items():
        inner = _inside(command)
        yield from [f"{name} {word}" for word in inner] or [name]


def _inside(command: object) -> Mapping[str, object]:
    # Typer keeps its classes of commands to itself; a group is known by having commands.
    return cast("Mapping[str, object]", getattr(command, "commands", {}))
