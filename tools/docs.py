"""Write docs/reference from the code, or check that it says what the code says.

`python tools/docs.py` writes, `python tools/docs.py --check` compares and names what drifted.
"""

import ast
import dataclasses
import functools
import importlib
import inspect
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import cast

import perennial
from perennial.access.roles import PERMISSIONS, PERMISSIONS_OF, ROLES
from perennial.api import create_app
from perennial.api.permissions import NEEDS, UNDER_APPROVAL
from perennial.api.problems import status_of
from perennial.decide.policies import REASONS as GATE_REASONS
from perennial.deliver.messages import REASONS, STATES
from perennial.deliver.messages.model import TRANSITIONS
from perennial.kernel.errors import PerennialError
from perennial.kernel.events import EMITTED, RESERVED_NAMES, RESERVED_PREFIXES
from perennial.testing.installation import FakeInstallation
from perennial.wiring import Settings
from source_words import mistake_codes, smtp_reasons, webhook_reasons

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
HEADER = "<!-- Made by `make docs` from the code; edit the code, not this page. -->"


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [list(heads), *[[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def command_line() -> str:
    """Every command with its arguments and options, as Typer itself documents them."""
    arguments = [sys.executable, "-m", "typer", "--app", "app", "perennial.cli"]
    made = subprocess.run(
        [*arguments, "utils", "docs", "--name", "perennial"],
        cwd=ROOT,
        # Colours and the terminal's width would make the page differ from machine to machine.
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "TERM": "dumb"},
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        sys.exit(f"Typer could not document perennial.cli:app:\n{made.stderr}")
    body = made.stdout.strip().removeprefix("# `perennial`").strip()
    return f"# Command line\n\n{body}"


def import_everything() -> None:
    """Load every module, so that every subclass is known."""
    for module in pkgutil.walk_packages(perennial.__path__, "perennial."):
        if not module.name.endswith(".__main__") and ".migrations." not in module.name:
            importlib.import_module(module.name)


def families(root: type[PerennialError]) -> Iterator[type[PerennialError]]:
    for child in root.__subclasses__():
        yield child
        yield from families(child)


def status_shown(kind: type[PerennialError]) -> str:
    """The status an error is answered with; refusals of the command line itself have none."""
    if kind.__module__.startswith("perennial.cli."):
        return "–"
    return str(status_of(kind.__new__(kind)))


def errors() -> str:
    """Every error code with meaning, HTTP status and whose fault it is; then the codes of mistakes."""
    import_everything()
    shipped = {PerennialError, *families(PerennialError)}
    kinds = sorted(
        (kind for kind in shipped if kind.__module__.startswith("perennial.")),
        key=lambda kind: (kind.code, kind.__qualname__),
    )
    rows = [
        (
            f"`{kind.code}`",
            (inspect.getdoc(kind) or "").split("\n")[0],
            status_shown(kind),
            "ours" if kind.is_our_fault else "the request's",
            f"`{kind.__module__}.{kind.__qualname__}`",
        )
        for kind in kinds
    ]
    bare = [(f"`{code}`", meaning) for code, meaning in CODES_WITHOUT_A_CLASS.items()]
    mistakes = [(f"`{code}`", message) for code, message in sorted(mistake_codes().items())]
    return "\n\n".join(
        (
            "# Errors",
            "A refusal is a document `{code, message, hint, path}`. The code is stable, the message is not.",
            table(("code", "meaning", "HTTP", "whose fault", "class"), rows),
            "## Codes of the edges",
            "They are made where no class is: by the HTTP server, and by the command line.",
            table(("code", "meaning"), bare),
            "## Codes of mistakes",
            "What is wrong inside a document (`problems`), a rejected call or a row of an import. "
            "`…` stands for what was written.",
            table(("code", "message, where it is first used"), mistakes),
        )
    )


CODES_WITHOUT_A_CLASS: Mapping[str, str] = {
    "file_exists": "A file would be written over that is there. Command line only.",
    "examples_failed": "Examples of a journey came out otherwise than they say. Command line only.",
    "cancelled": "The import was stopped; run the same command again and it goes on. Command line only.",
    "internal": "Something went wrong on our side; the log says what. HTTP 500.",
    "invalid": "A parameter or body is not what the route takes. HTTP 422, one of `problems`.",
    "method_not_allowed": "The route does not know this method. HTTP 405.",
    "missing": "A parameter is not there. HTTP 422, one of `problems`.",
    "no_such_route": "There is no such route. HTTP 404.",
}


def attribute_docstrings(kind: type) -> dict[str, str]:
    """The string below each field of a class, by the field's name."""
    body = ast.parse(inspect.cleandoc(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101 - the source of a class is a class; narrows the type
    found: dict[str, str] = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str() as text)),
            ):
                found[name] = inspect.cleandoc(text)
            case _:
                pass
    return found


def shown_default(field: "dataclasses.Field[object]") -> str:
    value = field.default if field.default is not dataclasses.MISSING else None
    if field.default_factory is not dataclasses.MISSING:
        value = field.default_factory()
    match value:
        case timedelta():
            hours = value // timedelta(hours=1)
            return f"`{hours // 24}d`" if hours % 24 == 0 else f"`{hours}h`"
        case "" | None:
            return "–"
        case _:
            return f"`{value!r}`"


def settings() -> str:
    """Every setting with its default and its meaning; a field without a meaning stops the page."""
    meanings = attribute_docstrings(Settings)
    fields = cast("tuple[dataclasses.Field[object], ...]", dataclasses.fields(Settings))  # Field[Any]
    silent = [field.name for field in fields if field.name not in meanings]
    if silent:
        sys.exit(f"perennial.wiring.Settings: say in a docstring below the field what these mean: {silent}")
    rows = [(f"`{field.name}`", shown_default(field), meanings[field.name]) for field in fields]
    return (
        f"# Settings\n\n{inspect.getdoc(Settings) or ''}\n\n"
        + table(("setting", "default", "meaning"), rows)
        + "\n\nThe environment has three names: `PERENNIAL_HOME` is the data directory where `--home` is not "
        "given, `PERENNIAL_EVENTS` and `PERENNIAL_STATE` stand between the command line and the file."
    )


def events() -> str:
    """The events Perennial writes itself, and the names no client may use."""
    rows = [(f"`{name}`", meaning) for name, meaning in EMITTED.items()]
    prefixes = ", ".join(f"`{prefix}*`" for prefix in RESERVED_PREFIXES)
    names = ", ".join(f"`{name}`" for name in RESERVED_NAMES)
    return (
        "# Events that Perennial writes\n\n"
        "They stand in the same log as everything else, with `origin` = `perennial`, "
        "so every number can be recounted from it.\n\n"
        + table(("event", "meaning"), rows)
        + f"\n\n## Reserved names\n\nIntake rejects these from clients: {prefixes}, {names}."
    )


def messages() -> str:
    """The states of a message, the steps between them, and every reason it can carry."""
    states = [(f"`{state}`", meaning) for state, meaning in STATES.items()]
    steps = [(f"`{state}`", trigger, f"`{end}`") for (state, trigger), end in TRANSITIONS.items()]
    reasons = [(f"`{reason}`", meaning) for reason, meaning in [*GATE_REASONS.items(), *REASONS.items()]]
    words = sorted(smtp_reasons() - {"refused_…"})
    answers = sorted(webhook_reasons() - {"answered_…"})
    return "\n\n".join(
        (
            "# Messages",
            "What to do about each reason: [send e-mail](../how-to/send-e-mail.md).",
            "## States",
            table(("state", "meaning"), states),
            "## Steps",
            table(("from", "by", "to"), steps),
            "A message begins as `queued`, `held` or `dropped`, as the gate says.",
            "## Reasons of the gate, the template and the outbox",
            table(("reason", "meaning"), reasons),
            "## Reasons of the mail server's line",
            ", ".join(f"`{word}`" for word in words) + ", and `refused_NNN` with the server's own number.",
            "## Reasons of webhooks",
            ", ".join(f"`{word}`" for word in answers)
            + ", and `answered_NNN` with the receiver's own number.",
        )
    )


def routes() -> str:
    """Every route with its operation and its parameters, from the OpenAPI document."""
    paths = create_app(FakeInstallation()).openapi()["paths"]
    rows = [
        (
            f"`{method.upper()} {path}`",
            f"`{operation['operationId']}`",
            ", ".join(f"`{parameter['name']}`" for parameter in operation.get("parameters", ())),
            str(operation.get("description", "")).split("\n")[0],
        )
        for path, methods in paths.items()
        for method, operation in methods.items()
    ]
    return (
        "# Routes\n\nHow they are asked and answered: [HTTP](http.md). The precise shapes are in "
        "`/api/openapi.json` of a running server.\n\n"
        + table(("route", "operation", "parameters", "meaning"), rows)
    )


def permissions() -> str:
    """What each role and each scope may, and what each operation needs."""
    roles = [
        [f"`{one}`", *("●" if one in PERMISSIONS_OF[role] else "" for role in ROLES)] for one in PERMISSIONS
    ]
    kinds = ("anybody", "signed in", "machine", *PERMISSIONS)
    needs = [
        [f"`{kind}`", ", ".join(f"`{one}`" for one in sorted(NEEDS) if NEEDS[one] == kind)] for kind in kinds
    ]
    return (
        "# Permissions\n\nA role is a set of permissions in a workspace, or in all of them. The scopes of an"
        " API token are permissions too, all but `members` and `owner`.\n\n"
        + table(["permission", *(f"`{role}`" for role in ROLES)], roles)
        + "\n\n## What each operation needs\n\nOperations are called as in the OpenAPI document. `anybody`"
        " needs nothing, `signed in` a session, `machine` the local token of the server's own machine.\n\n"
        + table(["needs", "operations"], [row for row in needs if row[1]])
        + "\n\n## What can need a second person\n\n"
        + ", ".join(f"`{one}`" for one in sorted(UNDER_APPROVAL))
        + "."
    )


def engines() -> str:
    """Which engine answers each port of the stages, found by the methods it has."""
    import_everything()
    rows = [
        (f"`{port.__module__}.{port.__name__}`", first_line(port), ", ".join(implementers(port)) or "–")
        for port in sorted(ports(), key=lambda port: (port.__module__, port.__name__))
    ]
    return (
        "# Engines\n\nEvents are kept by one engine and state by another; each is named by a URL "
        "([settings](settings.md)). Any other URL is refused with `not_supported`.\n\n"
        + table(("what", "URL", "engine"), ENGINES)
        + CLICKHOUSE_ADDRESS
        + POSTGRES_ADDRESS
        + "\n\n## Ports\n\nA port is what a stage asks of an engine. An engine is listed where one of its "
        "classes has every method of the port; `–` is a port that Perennial itself meets.\n\n"
        + table(("port", "meaning", "engine"), rows)
    )


ENGINES = (
    ("events", "`chdb:///`", "ClickHouse, embedded (chDB): files in the data directory"),
    ("events", "`clickhouse://user:password@host:8123/`", "ClickHouse, a server"),
    (
        "events",
        "`clickhouse://user:password@host1:8123,host2:8123/?cluster=NAME`",
        "ClickHouse, a cluster: each person on one shard",
    ),
    ("state", "`sqlite:///`", "SQLite, files in the data directory"),
    ("state", "`postgresql://user:password@host:5432/database`", "PostgreSQL; several processes share it"),
    ("mail", "`smtp://`, `smtps://`", "any SMTP server"),
)
CLICKHOUSE_ADDRESS = """

## The address of a ClickHouse server

The same statements are asked of ClickHouse in the process, of a server and of shards, and the same contract \
tests hold on all three ([ADR 0020](../decisions/0020-server-and-shards.md) has the versions).

- The port is that of the HTTP interface; 8123 where none is said, 8443 with `secure=1`.
- `secure=1` speaks TLS; `ca=/etc/ca.pem` names the certificates to trust instead of the system's.
- User and password are percent-encoded: `p@ss` is `p%40ss`. Neither is ever shown.
- A path, as in `clickhouse://host/shop`, stands before the names of all databases: `shop.ws_default`. \
Give each installation that shares a server one of its own.
- `cluster=NAME` names a cluster of the servers' own `remote_servers`, and the address the HTTP interface of \
every shard, in any order. A shard has one replica and the weight 1."""
POSTGRES_ADDRESS = """

## The address of a PostgreSQL server

The same contract tests hold on SQLite and PostgreSQL (run with 15; 14 is the oldest that has every setting \
that is used). Text is ordered by code point on both.

- User and password are percent-encoded, and never shown. What libpq understands may follow as parameters: \
`?sslmode=verify-full&sslrootcert=/etc/ca.pem`. A connection is given up after 10 seconds (`connect_timeout`).
- The user makes schemas in the database: `perennial` for workspaces, keys and tokens, `ws_NAME` for each \
workspace.
- Bad addresses are refused with `bad_state_url`, a server that cannot be reached or says no with \
`state_unavailable`.
- How several processes share it: [run in production](../how-to/run-in-production.md), \
[ADR 0017](../decisions/0017-leases-and-fencing.md)."""
# Asked with tags and segments by name: `runtime` resolves them before an engine with the same verb is asked.
MET_BY_US = {"Verdicts"}
ENGINE_BY_MODULE = {"clickhouse": "ClickHouse", "sql": "SQLite, PostgreSQL", "smtp": "SMTP"}


def loaded_classes(prefix: str) -> Iterator[type]:
    """Every class defined in the loaded modules below a package."""
    for name, module in sorted(sys.modules.items()):
        if name.startswith(prefix):
            for kind in vars(module).values():
                if isinstance(kind, type) and kind.__module__ == name:
                    yield kind


def ports() -> Iterator[type]:
    for stage in ("collect", "compute", "decide", "deliver", "evaluate", "access"):
        for kind in loaded_classes(f"perennial.{stage}."):
            if getattr(kind, "_is_protocol", False) and kind.__module__.endswith("ports"):
                yield kind


def implementers(port: type) -> Iterator[str]:
    engines = {
        ENGINE_BY_MODULE[kind.__module__.split(".")[2]]
        for kind in loaded_classes("perennial.backends.")
        if kind.__module__.split(".")[2] in ENGINE_BY_MODULE
        and not getattr(kind, "_is_protocol", False)
        and port.__name__ not in MET_BY_US
        and meets(kind, port)
    }
    yield from sorted(engines)


def meets(kind: type, port: type) -> bool:
    """Whether a class has each member of a port."""
    return {name for name in vars(port) if not name.startswith("_")} <= members(kind)


@functools.cache
def members(kind: type) -> frozenset[str]:
    """What a class has, fields that its methods set included. Cached: each port asks each class."""
    return frozenset(dir(kind)).union(re.findall(r"self\.(\w+)(?:: [^=\n]+)? = ", inspect.getsource(kind)))


def first_line(kind: type) -> str:
    return (inspect.getdoc(kind) or "").split("\n")[0]


PAGES: dict[str, Callable[[], str]] = {
    "command-line.md": command_line,
    "engines.md": engines,
    "errors.md": errors,
    "events.md": events,
    "messages.md": messages,
    "permissions.md": permissions,
    "routes.md": routes,
    "settings.md": settings,
}


def built_pages() -> dict[Path, str]:
    """The text of each page."""
    return {REFERENCE / name: f"{HEADER}\n\n{make().strip()}\n" for name, make in PAGES.items()}


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say which of them drifted from the code."""
    pages = built_pages()
    if "--check" not in arguments:
        for path, text in pages.items():
            path.write_text(text, encoding="utf-8")
        return 0
    drifted = [
        path for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path in drifted:
        print(f"{path.relative_to(ROOT)} does not say what the code says: run `make docs`.")
    return 1 if drifted else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
