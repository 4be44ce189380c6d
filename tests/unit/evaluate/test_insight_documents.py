"""Specifications: what is said of a wrong one, and that schema and parser agree about them."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from perennial.evaluate.insights import KEYS, parse_insight
from perennial.evaluate.insights import parse as parsing
from perennial.evaluate.insights.schema import insight_schema
from perennial.kernel.documents import read_document
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/reference/insights.md").read_text(encoding="utf-8")
EXAMPLES = [
    read_document(text, name="example").value
    for text in re.findall(r"```yaml example\n(.*?)```", PAGE, re.DOTALL)
]
SCHEMA: Validator = Draft202012Validator(insight_schema())
TREND: Mapping[str, Json] = {"kind": "trend", "series": [{"event": "a"}]}
FUNNEL: Mapping[str, Json] = {"kind": "funnel", "steps": ["a", "b"]}


def problems(document: Json) -> dict[str, tuple[str, str]]:
    try:
        parse_insight(document, zone=Zone())
    except InvalidDocument as wrong:
        return {one.path: (one.code, one.hint) for one in wrong.problems}
    return {}


def is_well_formed(document: Json) -> bool:
    return SCHEMA.is_valid(document)


def test_the_written_schema_is_the_one_of_the_code() -> None:
    file = Path(parsing.__file__).with_name("schema.json")
    assert json.loads(file.read_text(encoding="utf-8")) == insight_schema()
    Draft202012Validator.check_schema(insight_schema())


@pytest.mark.parametrize("document", EXAMPLES, ids=lambda document: str(document["kind"]))
def test_schema_and_parser_take_every_example(document: Json) -> None:
    assert problems(document) == {}
    assert is_well_formed(document)


@pytest.mark.parametrize(
    ("document", "path", "code", "hint"),
    [
        ({"kind": "trnd"}, "$.kind", "unknown_kind", "Did you mean 'trend'?"),
        ({**TREND, "serie": []}, "$.serie", "unknown_key", "Did you mean 'series'?"),
        ({"kind": "trend"}, "$.series", "missing_key", ""),
        ({**TREND, "interval": "dai"}, "$.interval", "unknown_word", "Did you mean 'day'?"),
        ({**TREND, "range": {"last": "soon"}}, "$.range.last", "bad_range", ""),
        ({**TREND, "range": {"last": "7d", "from": "2026-01-01"}}, "$.range.from", "several_ranges", ""),
        ({**TREND, "range": {"from": "2026-01-01"}}, "$.range.to", "missing_key", ""),
        ({**TREND, "timezone": "Asia/Shangai"}, "$.timezone", "unknown_zone", ""),
        ({**TREND, "as_of": "2026-01-01"}, "$.as_of", "no_instant", ""),
        ({**TREND, "breakdown": {"trait": "a", "tag": "b"}}, "$.breakdown", "one_of", ""),
        ({**TREND, "formula": "A / C"}, "$.formula", "bad_formula", "Series are called A: 'A / B'."),
        ({**TREND, "formula": "__import__('os')"}, "$.formula", "bad_formula", ""),
        ({**TREND, "rolling": "7d", "interval": "week"}, "$.rolling", "needs_days", ""),
        (
            {"kind": "trend", "series": [{"event": "a", "count": "sum"}]},
            "$.series[0].count",
            "no_property",
            "",
        ),
        (
            {"kind": "trend", "series": [{"event": "a", "count": "totl"}]},
            "$.series[0].count",
            "unknown_count",
            "",
        ),
        ({"kind": "funnel", "steps": ["a"]}, "$.steps", "bad_steps", ""),
        ({**FUNNEL, "window": "7 days"}, "$.window", "bad_duration", ""),
        ({**FUNNEL, "exclude": [{"event": "x", "from": 1, "to": 1}]}, "$.exclude[0]", "bad_exclusion", ""),
        (
            {"kind": "funnel", "steps": [{"event": "a", "optional": True}, "b"]},
            "$.steps[0].optional",
            "first_optional",
            "",
        ),
        ({"kind": "paths", "breakdown": "city"}, "$.breakdown", "no_breakdown", ""),
        ({"kind": "distribution", "event": "a", "buckets": [2, 1]}, "$.buckets", "not_ascending", ""),
        ({"kind": "overlap", "segments": ["a"]}, "$.segments", "bad_segments", ""),
        ({"kind": "attribution", "goal": "a"}, "$.touches", "missing_key", ""),
        ({"kind": "value", "event": "a"}, "$.amount", "missing_key", ""),
        (
            {
                "kind": "metric_tree",
                "formula": "s = a * c",
                "metrics": {"a": {"event": "x"}, "b": {"event": "y"}},
            },
            "$.formula",
            "unknown_metric",
            "",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(document: Json, path: str, code: str, hint: str) -> None:
    found = problems(document)
    assert path in found, found
    assert found[path][0] == code
    assert hint in found[path][1]


@pytest.mark.parametrize(
    "document",
    [
        {"kind": "trnd"},
        {**TREND, "serie": []},
        {"kind": "trend"},
        {**TREND, "interval": "dai"},
        {**TREND, "range": {"last": "soon"}},
        {**FUNNEL, "window": "7 days"},
        {"kind": "paths", "breakdown": "city"},
        {"kind": "funnel", "steps": ["a"]},
        {"kind": "value", "event": "a"},
        {**TREND, "among": {"did": "x", "tims": ">= 2"}},
    ],
)
def test_the_schema_refuses_what_the_parser_refuses(document: Json) -> None:
    assert problems(document)
    assert not is_well_formed(document)


def test_every_kind_has_its_fields_in_the_schema() -> None:
    kinds = insight_schema()["oneOf"]
    assert isinstance(kinds, list)
    titles = [one["title"] for one in kinds if isinstance(one, Mapping)]
    assert titles == list(KEYS)
