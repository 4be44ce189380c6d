"""Write docs/reference from the code, or check that it says what the code says.

`python tools/docs.py` writes, `python tools/docs.py --check` compares and names what drifted.
A page whose module is not built yet is left out and said so on standard error.
"""

import ast
import dataclasses
import importlib
import importlib.util
import inspect
import os
import pkgutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import perennial
from perennial.kernel.errors import PerennialError
from perennial.kernel.events import EMITTED, RESERVED_NAMES, RESERVED_PREFIXES

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
HEADER = "<!-- Made by `make docs` from the code; edit the code, not this page. -->"


class NotBuiltYet(Exception):
    """The module that this page is made from does not exist."""


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [list(heads), *[[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def command_line() -> str:
    """Every command with its arguments and options, as Typer itself documents them."""
    if not hasattr(importlib.import_module("perennial.cli"), "app"):
        raise NotBuiltYet("perennial.cli:app")
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


def errors() -> str:
    """Every error code with its meaning, and whose fault it is."""
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
            "ours" if kind.is_our_fault else "the request's",
            f"`{kind.__module__}.{kind.__qualname__}`",
        )
        for kind in kinds
    ]
    return (
        "# Errors\n\nA refusal is a document `{code, message, hint, path}`. "
        "The code is stable, the message is not.\n\n"
        + table(("code", "meaning", "whose fault", "class"), rows)
    )


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
    if field.default is not dataclasses.MISSING:
        return f"`{field.default!r}`"
    if field.default_factory is not dataclasses.MISSING:
        return f"`{field.default_factory()!r}`"
    return "required"


def settings() -> str:
    """Every setting with its default and its meaning; a field without a meaning stops the page."""
    if importlib.util.find_spec("perennial.wiring") is None:
        raise NotBuiltYet("perennial.wiring")
    kind: object = getattr(importlib.import_module("perennial.wiring"), "Settings", None)
    if not (isinstance(kind, type) and dataclasses.is_dataclass(kind)):
        raise NotBuiltYet("perennial.wiring.Settings")
    meanings = attribute_docstrings(kind)
    fields = dataclasses.fields(kind)
    silent = [field.name for field in fields if field.name not in meanings]
    if silent:
        sys.exit(f"perennial.wiring.Settings: say in a docstring below the field what these mean: {silent}")
    rows = [(f"`{field.name}`", shown_default(field), meanings[field.name]) for field in fields]
    return f"# Settings\n\n{inspect.getdoc(kind) or ''}\n\n" + table(("setting", "default", "meaning"), rows)


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


PAGES: dict[str, Callable[[], str]] = {
    "command-line.md": command_line,
    "errors.md": errors,
    "events.md": events,
    "settings.md": settings,
}


def built_pages() -> dict[Path, str]:
    """The text of each page that can be made today."""
    built: dict[Path, str] = {}
    for name, make in PAGES.items():
        try:
            text = make()
        except NotBuiltYet as missing:
            print(f"docs/reference/{name} is left out: {missing} is not built yet.", file=sys.stderr)
            continue
        built[REFERENCE / name] = f"{HEADER}\n\n{text.strip()}\n"
    return built


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
