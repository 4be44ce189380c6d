"""Documents and conditions say the same, in whatever direction they are read."""

import json

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import validate
from tests.property.strategies import Case, asked_conditions, cases, value_tests

from perennial.kernel.conditions import (
    All,
    Condition,
    InSegment,
    KnownDefinitions,
    TagIs,
    ValueRule,
    condition_schema,
    explain,
    parse_condition,
    resolve,
    to_document,
)
from perennial.kernel.documents import read_document
from perennial.testing import evaluate

SCHEMA = condition_schema()
REFERENCES = st.one_of(
    st.builds(InSegment, segment=st.sampled_from(("high_value", "新客"))),
    st.builds(TagIs, tag=st.sampled_from(("lifecycle", "spent")), test=value_tests()),
)


@given(asked_conditions(), REFERENCES)
def test_a_condition_written_out_and_read_again_is_the_same(
    condition: Condition, reference: Condition
) -> None:
    whole = All(of=(condition, reference))
    document = to_document(whole)
    validate(document, SCHEMA)
    assert parse_condition(document) == whole
    assert parse_condition(read_document(json.dumps(document), name="condition.json").value) == whole


@given(asked_conditions())
def test_every_condition_has_one_sentence_in_each_language(condition: Condition) -> None:
    english, chinese = explain(condition), explain(condition, "zh-CN")
    assert english.startswith("The person ")
    assert english.endswith(".")
    assert chinese.startswith("此人")
    assert chinese.endswith("。")


@given(cases(people_count=2, condition_count=3))
def test_everybody_has_exactly_one_value_of_a_tag_that_ends_with_else(case: Case) -> None:
    values = tuple((f"v{index}", condition) for index, condition in enumerate(case.conditions))
    definitions = KnownDefinitions(tags={"t": ValueRule(values=values, otherwise="other")})
    names = [*(name for name, _ in values), "other"]
    asked = [resolve(parse_condition({"tag": "t", "is": name}), definitions) for name in names]
    for person in case.people:
        held = [
            name
            for name, question in zip(names, asked, strict=True)
            if evaluate(question, person, case.moment)
        ]
        first = [name for name, condition in values if evaluate(condition, person, case.moment)]
        assert held == (first[:1] or ["other"])
