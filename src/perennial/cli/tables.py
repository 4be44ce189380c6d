"""Results for people: words and tables."""

import json
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from perennial.kernel.values import Json


def print_tables(document: Mapping[str, Json]) -> None:
    """Print a result: rows as a table, everything else as one line each."""
    console = Console(soft_wrap=True, highlight=False)
    for name, value in document.items():
        rows = _rows(value)
        if rows is None:
            if value is not None:
                console.print(f"[bold]{escape(name)}[/bold]: {escape(_cell(value))}")
        elif rows:
            console.print(_table(name, rows))
        else:
            console.print(f"[bold]{escape(name)}[/bold]: none")


def _rows(value: Json) -> list[Mapping[str, Json]] | None:
    """The rows a value is shown as; None where it is no table."""
    if isinstance(value, Mapping):
        return [{"name": key, "value": one} for key, one in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str):
        rows = [row for row in value if isinstance(row, Mapping)]
        return rows if len(rows) == len(value) else None
    return None


def _table(title: str, rows: Sequence[Mapping[str, Json]]) -> Table:
    table = Table(title=title, title_justify="left")
    columns = list(dict.fromkeys(column for row in rows for column in row))
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(escape(_cell(row.get(column))) for column in columns))
    return table


def _cell(value: Json) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
