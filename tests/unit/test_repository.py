"""The habits of this repository that no linter knows, each as a test."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "perennial"
MODULES = sorted(SOURCE.rglob("*.py"))

BANNED_WORDS = frozenset(
    {"manager", "helper", "helpers", "util", "utils", "common", "misc"}
    | {"data", "info", "obj", "handle", "process", "v2"}
)
BANNED_PREFIXES = ("do_", "new_")
ALLOWED_NAMES = {
    "new_id": "the injected maker of ids",
    "handle_DATA": "aiosmtpd calls its handler by this name",
    "handle_RCPT": "as above",
    "handle_request": "httpx calls its transport by this name",
}
LONGEST_MODULE = 400
LONGEST_FUNCTION = 60
LONG_ON_PURPOSE = {("walking.py", "_count"), ("in_order.py", "in_order"), ("any_order.py", "any_order")}
"""A loop in machine code: a call, or an array handed over by one, costs more than a row (0026, 0057)."""
FORBIDDEN_IMPORTS = {
    "a stage that imports a later one": (
        "collect/planted.py",
        "import perennial.deliver\n",
        "The loop closes in the data, never in the imports",
    ),
    "a driver outside the back-ends": (
        "evaluate/planted.py",
        "import sqlalchemy\n",
        "Only back-ends import drivers",
    ),
    "a rule that reads the clock": (
        "decide/planted/rules.py",
        "import time\n",
        "Nouns and rules touch no clock, no chance and no I/O",
    ),
    "a back-end that knows another": (
        "backends/planted.py",
        "import perennial.backends.sql\n",
        "Back-ends do not know each other",
    ),
    "a kernel that parses": (
        "kernel/planted.py",
        "import pydantic\n",
        "The kernel knows no parsing library",
    ),
}


def run_lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    lint_imports = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [lint_imports, "--no-cache"],
        cwd=root,
        env={"PYTHONPATH": str(root / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copied_repository(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(SOURCE, tmp_path / "src" / "perennial", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.mutation
def test_the_import_laws_hold() -> None:
    found = run_lint_imports(ROOT)
    assert found.returncode == 0, found.stdout


@pytest.mark.mutation
@pytest.mark.parametrize("planted", FORBIDDEN_IMPORTS.values(), ids=FORBIDDEN_IMPORTS.keys())
def test_a_planted_forbidden_import_breaks_its_law(
    copied_repository: Path, planted: tuple[str, str, str]
) -> None:
    path, text, law = planted
    module = copied_repository / "src" / "perennial" / path
    module.parent.mkdir(exist_ok=True)
    (module.parent / "__init__.py").touch()
    module.write_text(text, encoding="utf-8")

    found = run_lint_imports(copied_repository)

    assert found.returncode != 0
    assert f"{law} BROKEN" in found.stdout


@pytest.mark.mutation
def test_a_package_outside_the_layers_breaks_the_law(copied_repository: Path) -> None:
    stray = copied_repository / "src" / "perennial" / "shortcuts"
    stray.mkdir()
    (stray / "__init__.py").touch()

    found = run_lint_imports(copied_repository)

    assert found.returncode != 0
    assert "perennial.shortcuts" in found.stdout


@cache
def parsed(module: Path) -> ast.Module:
    """The module's tree; nobody changes it, so every law looks at the same one."""
    return ast.parse(module.read_text(encoding="utf-8"), filename=str(module))


def where(module: Path, line: int = 1) -> str:
    return f"{module.relative_to(ROOT)}:{line}"


def defined_names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, node.lineno
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield name, node.lineno
            case _:
                pass


def is_banned(name: str) -> bool:
    if name in ALLOWED_NAMES:
        return False
    words = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])", name)
    plain = name.lstrip("_")
    return plain.startswith(BANNED_PREFIXES) or any(word.lower() in BANNED_WORDS for word in words)


@pytest.mark.parametrize(
    ("name", "banned"),
    [
        ("SegmentManager", True),
        ("load_data", True),
        ("do_send", True),
        ("_new_message", True),
        ("handler_v2", True),
        ("metadata", False),
        ("processor", False),
        ("new_id", False),
        ("download", False),
    ],
)
def test_a_banned_word_is_found_as_a_word_only(name: str, *, banned: bool) -> None:
    assert is_banned(name) is banned


def test_names_say_what_things_are() -> None:
    banned = [
        f"{where(module, line)}: {name}"
        for module in MODULES
        for name, line in [*defined_names(parsed(module)), (module.stem, 1), (module.parent.name, 1)]
        if is_banned(name)
    ]
    assert banned == []


def test_only_the_clock_module_reads_the_clock() -> None:
    readings = {"now", "utcnow", "today"}
    found = [
        where(module, node.lineno)
        for module in MODULES
        if module != SOURCE / "kernel" / "clock.py"
        for node in ast.walk(parsed(module))
        if isinstance(node, ast.Attribute)
        and node.attr in readings
        and isinstance(node.value, ast.Name | ast.Attribute)
        and ast.unparse(node.value).split(".")[-1] in {"datetime", "date"}
    ]
    assert found == []


def test_only_the_wiring_reads_the_environment() -> None:
    found = [
        where(module, node.lineno)
        for module in MODULES
        if module != SOURCE / "wiring" / "environment.py"
        for node in ast.walk(parsed(module))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"})
        or (isinstance(node, ast.alias) and node.name in {"environ", "getenv"})
    ]
    assert found == []


def test_no_code_asks_which_engine_it_runs_on() -> None:
    found = [
        where(module, node.lineno)
        for module in MODULES
        for node in ast.walk(parsed(module))
        if isinstance(node, ast.Compare)
        and re.search(r"\b(engine|dialect(\.name)?) (==|!=|in) ", ast.unparse(node))
    ]
    assert found == []


def test_every_package_opens_with_the_sentence_that_defines_it() -> None:
    silent = [
        where(module)
        for module in MODULES
        if module.name == "__init__.py"
        and "migrations" not in module.parts
        and not (ast.get_docstring(parsed(module)) or "").split("\n")[0].endswith((".", "?", "。"))
    ]
    assert silent == []


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {module.parent for module in MODULES if "migrations" not in module.parts}
    assert [where(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_every_statement_file_names_its_statements() -> None:
    nameless = [
        where(path)
        for path in sorted(SOURCE.rglob("*.sql"))
        if not re.search(r"^-- name: \w+\n-- \S", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    ]
    assert nameless == []


def test_modules_and_functions_stay_readable() -> None:
    long_modules = [
        f"{where(module)}: {lines} lines"
        for module in MODULES
        if (lines := len(module.read_text(encoding="utf-8").splitlines())) > LONGEST_MODULE
    ]
    long_functions = [
        f"{where(module, node.lineno)}: {node.name}"
        for module in MODULES
        if "migrations" not in module.parts
        for node in ast.walk(parsed(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION
        and (module.name, node.name) not in LONG_ON_PURPOSE
    ]
    assert long_modules + long_functions == []


def test_a_todo_names_its_issue() -> None:
    found = [
        where(module, number)
        for module in MODULES
        for number, line in enumerate(module.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(r"#.*\b(TODO|FIXME|XXX)\b(?!\(issue-\d+\))", line)
    ]
    assert found == []


def test_the_locks_name_no_index() -> None:
    found = [
        line
        for lock in sorted(ROOT.glob("requirements*.lock"))
        for line in lock.read_text(encoding="utf-8").splitlines()
        if "://" in line or line.lstrip().startswith(("--index", "--extra-index", "--find-links", "-i "))
    ]
    assert found == []


def test_every_runtime_pin_is_the_development_pin() -> None:
    def pins(lock: str) -> set[str]:
        text = (ROOT / lock).read_text(encoding="utf-8")
        return {line.rstrip(" \\") for line in text.splitlines() if "==" in line and line[0].isalnum()}

    assert pins("requirements.lock") - pins("requirements-dev.lock") == set()


@pytest.mark.mutation
@pytest.mark.parametrize(("environment", "passes"), [({}, True), ({"CI": "true"}, False)], ids=["here", "CI"])
def test_a_skipped_service_test_fails_the_run_in_ci_only(
    tmp_path: Path, environment: dict[str, str], *, passes: bool
) -> None:
    for file in ("pyproject.toml", "tests/conftest.py"):
        target = tmp_path / file
        target.parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / file, target)
    shutil.copytree(ROOT / "tests" / "services", tmp_path / "tests" / "services")
    (tmp_path / "tests" / "test_server.py").write_text(
        "import pytest\n\n"
        "def test_that_runs() -> None:\n    pass\n\n"
        "@pytest.mark.service\ndef test_that_needs_a_server() -> None:\n    pytest.skip('no server')\n",
        encoding="utf-8",
    )

    found = subprocess.run(
        [sys.executable, "-m", "pytest", "tests"],
        cwd=tmp_path,
        env={"PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (found.returncode == 0) is passes, found.stdout + found.stderr
    assert "Service tests skipped: 1" in found.stdout
