"""The documentation is whole: every page is linked, every link leads somewhere, every name is there."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import pytest
from typer.main import get_command

from perennial.api import create_app
from perennial.api.intake import TRACKING_PATHS
from perennial.cli import app as command_line
from perennial.decide.policies import REASONS as GATE_REASONS
from perennial.deliver.messages import REASONS, STATES
from perennial.kernel.events import EMITTED
from perennial.testing.installation import FakeInstallation
from perennial.wiring import Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
PAGES = sorted(DOCS.rglob("*.md"))
FRONT = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md")]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def links_of(page: Path) -> Iterator[Path]:
    """The files a page links to; code is no link, and other sites are not looked at."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in LINK.findall(text):
        if "://" not in target and not target.startswith("mailto:"):
            yield (page.parent / target).resolve()


def reference(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [*FRONT, *PAGES], ids=shown)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [target for target in links_of(page) if not target.exists()] == []


def test_every_page_is_linked_from_its_index() -> None:
    lost = [
        shown(page)
        for page in PAGES
        if page.name != "README.md" and page not in set(links_of(page.parent / "README.md"))
    ]
    assert lost == []


def test_every_folder_of_pages_is_linked_from_the_first_page() -> None:
    folders = {page.parent for page in PAGES} - {DOCS}
    assert folders == {link.parent for link in links_of(DOCS / "README.md")} - {DOCS}


def test_every_example_is_listed_and_short() -> None:
    examples = sorted((ROOT / "examples").glob("*.py"))
    assert examples == sorted(link for link in links_of(ROOT / "examples" / "README.md"))
    lengths = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in examples}
    assert {name: lines for name, lines in lengths.items() if lines >= 60} == {}


def test_the_generated_pages_say_what_the_code_says() -> None:
    found = subprocess.run(
        [sys.executable, ROOT / "tools" / "docs.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout) == (0, ""), found.stderr


def commands_of(command: object, words: str = "") -> Iterator[str]:
    # Typer keeps its classes of commands to itself; a group is known by having commands.
    inside = cast("Mapping[str, object]", getattr(command, "commands", {}))
    for name, inner in inside.items():
        yield from commands_of(inner, f"{words} {name}".strip())
    if not inside:
        yield words


def test_every_command_is_in_the_reference() -> None:
    text = reference("command-line.md")
    commands = list(commands_of(get_command(command_line)))
    assert "import run" in commands
    assert [words for words in commands if f"`perennial {words}`" not in text] == []


def test_every_route_is_in_the_reference_and_explained_by_hand() -> None:
    generated, explained = reference("routes.md"), reference("http.md")
    paths = cast("Mapping[str, Mapping[str, object]]", create_app(FakeInstallation()).openapi()["paths"])
    routes = [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]
    assert [route for route in routes if f"`{route}`" not in generated] == []
    assert [path for path in TRACKING_PATHS if path not in generated or path not in explained] == []
    nouns = {path.split("/")[2] for path in paths if path.startswith("/api/")}
    assert [noun for noun in nouns if f"/api/{noun}" not in explained] == []


def test_every_setting_event_state_and_reason_is_in_the_reference() -> None:
    expected = {
        "settings.md": Settings.__dataclass_fields__,
        "events.md": EMITTED,
        "messages.md": [*STATES, *REASONS, *GATE_REASONS],
    }
    missing = [
        (page, name)
        for page, names in expected.items()
        for name in names
        if f"`{name}`" not in reference(page)
    ]
    assert missing == []


def codes_in_the_source() -> Iterator[str]:
    """Codes as they are written: a class's own, or one given by keyword or in a document."""
    written = re.compile(r"""(?:^    code = |\bcode=|"code": )"([a-z_]+)\"""", flags=re.MULTILINE)
    for module in sorted((ROOT / "src" / "perennial").rglob("*.py")):
        yield from written.findall(module.read_text(encoding="utf-8"))


def test_every_error_code_is_in_the_reference() -> None:
    text, codes = reference("errors.md"), set(codes_in_the_source())
    assert {"invalid_document", "internal", "no_such_route"} <= codes
    assert sorted(code for code in codes if f"`{code}`" not in text) == []
