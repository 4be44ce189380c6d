"""Results for people: words and tables."""

import json
from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from perennial.kernel.values import Json

_WIDTH_OF_A_FILE = 200
"""Where the output is no terminal, lines may be as long as this before they fold."""


def print_tables(document: Mapping[str, Json]) -> None:
    """Print a result: rows as a table, an object as its members, everything else as one line each."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_WIDTH_OF_A_FILE)
    for name, value in document.items():
        if value is not None:
            _print_part(console, name, value)


def _print_part(console: Console, name: str, value: Json) -> None:
    title = f"[bold]{escape(name)}[/bold]"
    rows = _rows(value)
    if rows is None:
        console.print(f"{title}: {escape(_cell(value))}", soft_wrap=True)
    elif not rows:
        console.print(f"{title}: none")
    elif isinstance(value, Mapping) and not any(isinstance(one, Mapping) for one in value.values()):
        console.print(title)
        for key, one in value.items():
            console.print(f"  {escape(key)}: {escape(_cell(one))}", soft_wrap=True)
    else:
        console.print(title)
        console.print(_table(rows))


def _rows(value: Json) -> list[Mapping[str, Json]] | None:
    """The rows a value is shown as; None where it is no table."""
    if isinstance(value, Mapping):
        return [{"": key, **(one if isinstance(one, Mapping) else {})} for key, one in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str):
        rows = [row for row in value if isinstance(row, Mapping)]
        return rows if len(rows) == len(value) else None
    return None


def _table(rows: Sequence[Mapping[str, Json]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    for column in columns:
        table.add_column(escape(column), overflow="fold")
    for row in rows:
        table.add_row(*(escape(_cell(row.get(column))) for column in columns))
    return table


def _cell(value: Json) -> str:
    """A value in a word: few digits, objects as their members."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        flat = not any(isinstance(one, Mapping) for one in value.values())
        return ", ".join(f"{key} {_cell(one)}" for key, one in value.items()) if flat else _json(value)
    if isinstance(value, Sequence):
        return ", ".join(_cell(one) for one in value)
    return str(value)


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
