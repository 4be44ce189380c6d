"""The reference page is true: its examples validate, parse and read as it says."""

import json
import re
from pathlib import Path
from typing import Protocol

import pytest
from jsonschema import Draft202012Validator

from perennial.kernel.conditions import condition_schema, explain, parse_condition, to_document
from perennial.kernel.conditions.parse import FORMS
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/reference/conditions.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)\n```\n\n> (.*?)\n>\n> (.*?)\n", PAGE, re.DOTALL)


class Validator(Protocol):
    """What is asked of a validator here; the library's own types leave a part unknown."""

    def is_valid(self, instance: Json, /) -> bool: ...


# Made once: `jsonschema.validate` checks the schema itself again with every document.
SCHEMA: Validator = Draft202012Validator(condition_schema())

BAD: tuple[Json, ...] = (
    "order_paid",
    {},
    {"all": []},
    {"any": {"segment": "a"}},
    {"did": 5},
    {"did": "a", "twice": True},
    {"did": "a", "times": "twice"},
    {"did": "a", "within": "30 days"},
    {"did": "a", "within": {"calendar": "this_decade"}},
    {"did": "a", "within": {}},
    {"did": "a", "where": [{"property": "x"}]},
    {"did": "a", "where": [{"property": "x", "is": 1, ">": 0}]},
    {"measure": "total(amount)", "of": "a", "is": 1},
    {"measure": "sum", "of": "a", "is": 1},
    {"measure": "count(amount)", "of": "a", "is": 1},
    {"measure": "count", "of": "a", "is": "many"},
    {"measure": "count", "of": "a", "contains": "1"},
    {"measure": "count", "is": 1},
    {"change": "streak", "of": "a", "over": "7d", "against": "previous", "is": "< 0"},
    {"change": "count", "of": "a", "over": "7d", "against": "before", "is": "< 0"},
    {"change": "count", "of": "a", "over": "7d", "against": {"average_of": 0}, "is": "< 0"},
    {"trait": "city", "in": []},
    {"trait": "city", "in": ["a", 1]},
    {"trait": "city", "is": None},
    {"trait": "city", "between": [1]},
    {"trait": "city", "set": "yes"},
    {"trait": "city", "in_last": "soon"},
    {"trait": "city", "before": "yesterday"},
    {"segment": "a", "tag": "b", "is": 1},
    {"sequence": ["a"], "span": "1d"},
    {"sequence": ["a", "b"], "span": "soon"},
    {"after": "a", "without": "b"},
    {"after": "a", "without": "b", "for": "1d", "same": {}},
    {"rank": "count", "of": "a"},
    {"rank": "count", "of": "a", "top": "10%", "bottom": "10%"},
    {"rank": "count", "of": "a", "top": 10},
    {"seen": "often"},
    {"consent": "email", "is": "granted"},
    {"consent": "email/news", "is": "maybe"},
    {"consent": "email/news"},
    {"assigned": "winback", "is": 5},
)


def test_the_page_has_an_example_of_every_form() -> None:
    shown = " ".join(example for example, _, _ in EXAMPLES)
    assert [form for form in FORMS if f'"{form}":' not in shown] == []


def test_every_example_on_the_page_is_followed_by_its_sentences() -> None:
    assert PAGE.count("```json") == len(EXAMPLES)


@pytest.mark.parametrize(("example", "english", "chinese"), EXAMPLES)
def test_an_example_validates_parses_and_reads_as_the_page_says(
    example: str, english: str, chinese: str
) -> None:
    document = json.loads(example)
    assert SCHEMA.is_valid(document)
    condition = parse_condition(document)
    assert explain(condition) == english
    assert explain(condition, "zh-CN") == chinese
    assert parse_condition(to_document(condition)) == condition


@pytest.mark.parametrize("document", BAD, ids=json.dumps)
def test_what_the_parser_refuses_the_schema_refuses_too(document: Json) -> None:
    assert not SCHEMA.is_valid(document)
    with pytest.raises(InvalidDocument):
        parse_condition(document)


def test_the_schema_file_is_the_schema_and_is_one() -> None:
    Draft202012Validator.check_schema(condition_schema())
    written = ROOT / "src/perennial/kernel/conditions/schema.json"
    assert json.loads(written.read_text(encoding="utf-8")) == condition_schema()
