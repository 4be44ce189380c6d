"""Costs as files tell them: CSV with a header, or an object on each line."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Literal

import msgspec

from perennial.collect.acquisition.model import Cost
from perennial.collect.acquisition.rules import check_cost
from perennial.kernel.errors import InvalidDocument, Problem

CostFormat = Literal["csv", "jsonl"]
MAX_PROBLEMS = 100
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_AMOUNT = re.compile(r"\d{1,15}")


def read_costs(text: str, form: CostFormat, *, channels: Iterable[str]) -> list[Cost]:
    """The costs of a file: `channel`, `day` or `from` and `to`, `amount`, `currency`, perhaps `campaign`.

    Raises InvalidDocument with every mistake and its line; then nothing of the file is kept. Two lines of
    the same channel, campaign, days and currency are a mistake: which is right?
    """
    known, problems = frozenset(channels), list[Problem]()
    found: dict[Cost, Cost] = {}
    for line, row in _rows(text, form, problems):
        path = f"$[{line}]"
        cost = _cost(row, path, problems)
        if cost is None:
            continue
        problems.extend(check_cost(cost, known, path=path))
        key = replace(cost, amount=0)
        if key in found:
            hint = "Add them up, or name the campaign of each."
            problems.append(_mistake(path, "repeated", "These days of this channel are there before.", hint))
        found[key] = cost
    if problems:
        raise InvalidDocument(problems[:MAX_PROBLEMS])
    return list(found.values())


def _rows(text: str, form: CostFormat, problems: list[Problem]) -> Iterator[tuple[int, Mapping[str, str]]]:
    if form == "csv":
        reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
        for row in reader:
            named = {name: value for name, value in row.items() if isinstance(value, str)}
            yield reader.line_num, {name.strip(): value.strip() for name, value in named.items() if name}
        return
    for line, written in enumerate(text.splitlines(), start=1):
        if not written.strip():
            continue
        try:
            row = msgspec.json.decode(written, type=dict[str, str | int | None])
        except (msgspec.DecodeError, msgspec.ValidationError):
            hint = 'Write {"channel": "ads", "day": "2026-03-01", "amount": 1250, "currency": "CNY"}.'
            problems.append(_mistake(f"$[{line}]", "bad_line", "This line is no cost.", hint))
            continue
        yield line, {name: str(value) for name, value in row.items() if value is not None}


def _cost(row: Mapping[str, str], path: str, problems: list[Problem]) -> Cost | None:
    day = row.get("day", "")
    first, last = _day(row.get("from") or day), _day(row.get("to") or row.get("from") or day)
    amount = row.get("amount", "")
    if first is None or last is None:
        problems.append(_mistake(f"{path}.day", "bad_day", "This is no day.", "Write 2026-03-31."))
    if not _AMOUNT.fullmatch(amount):
        message = f"{amount!r} is no whole number of minor units."
        problems.append(_mistake(f"{path}.amount", "bad_amount", message, "Write 12.50 as 1250."))
    if first is None or last is None or not _AMOUNT.fullmatch(amount):
        return None
    return Cost(
        channel_id=row.get("channel", ""),
        first_day=first,
        last_day=last,
        amount=int(amount),
        currency=row.get("currency", ""),
        campaign=row.get("campaign", ""),
    )


def _day(text: str) -> date | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _mistake(path: str, code: str, message: str, hint: str) -> Problem:
    return Problem(path=path, code=code, message=message, hint=hint)
