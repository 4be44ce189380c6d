"""Segment and tag documents: what is read, and what is refused with its place."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from perennial.compute.segments import parse_segment
from perennial.compute.tags import RFM_GROUPS, RfmTag, parse_tag
from perennial.compute.tags.model import ValuesTag
from perennial.compute.tags.presets import preset
from perennial.kernel.conditions import Vocabulary
from perennial.kernel.documents import read_document
from perennial.kernel.errors import InvalidDocument, NotFound
from perennial.kernel.values import Json

DOCS = Path(__file__).parents[3] / "docs"
ONCE: Json = {"did": "order_paid"}


def refusals(parse: Callable[[Json], object], document: Json) -> dict[str, str]:
    with pytest.raises(InvalidDocument) as refused:
        parse(document)
    return {problem.path: problem.code for problem in refused.value.problems}


def test_a_segment_is_an_id_a_name_and_a_condition() -> None:
    draft = parse_segment({"id": "buyers", "name": "Buyers", "condition": ONCE})
    assert (draft.segment_id, draft.name) == ("buyers", "Buyers")


def test_all_mistakes_of_a_segment_are_named_at_once() -> None:
    document: Json = {"id": "no spaces", "nmae": "x", "condition": {"did": "order_paid", "tmies": 1}}
    assert refusals(parse_segment, document) == {
        "$.id": "bad_id",
        "$.nmae": "unknown_key",
        "$.condition.tmies": "unknown_key",
    }


def test_mistakes_in_a_file_carry_their_line_and_the_nearest_word() -> None:
    text = "id: vip\nname: VIP\ncondition:\n  all:\n    - segment: buyres\n"
    document = read_document(text, name="vip.yaml")
    with pytest.raises(InvalidDocument) as refused:
        parse_segment(document.value, known=Vocabulary(segments={"buyers"}, tags=set()))
    [problem] = document.placed(refused.value).problems
    assert (problem.line, problem.code) == (5, "unknown_segment")
    assert "'buyers'" in problem.hint


def test_a_tag_is_computed_in_exactly_one_way() -> None:
    assert refusals(parse_tag, {"id": "x"}) == {"$": "missing_key"}
    assert refusals(parse_tag, {"id": "x", "measure": "count", "rfm": {}}) == {"$": "several_forms"}


def test_all_mistakes_of_values_are_named_at_once() -> None:
    document: Json = {
        "id": "level",
        "values": [
            {"value": "vip", "if": {"dod": "x"}},
            {"value": "vip", "if": ONCE},
            {"valeu": "b", "if": ONCE},
        ],
    }
    assert refusals(parse_tag, document) == {
        "$.values[0].if.dod": "unknown_form",
        "$.values[2].valeu": "unknown_key",
        "$.values[2]": "missing_key",
    }


def test_a_value_stands_once() -> None:
    twice: Json = {"id": "level", "values": [{"value": "vip", "if": ONCE}, {"value": "vip", "if": ONCE}]}
    assert refusals(parse_tag, twice) == {"$.values[1].value": "repeated_value"}


def test_a_measure_needs_its_event() -> None:
    assert refusals(parse_tag, {"id": "spent", "measure": "sum(amount)"}) == {"$": "missing_key"}


def test_rfm_takes_defaults_shorthand_and_full_parts() -> None:
    tag = parse_tag({"id": "rfm", "rfm": {"of": "order_paid", "within": "365d", "m": "sum(price)"}}).recipe
    assert isinstance(tag, RfmTag)
    r, f, m = tag.parts
    assert [part.quantity.aggregate.kind for part in tag.parts] == ["last_ago", "days", "sum"]
    assert (r.lower_is_better, f.lower_is_better, m.quantity.aggregate.property) == (True, False, "price")
    assert tag.quantiles == 5
    assert r.quantity.window == f.quantity.window == m.quantity.window is not None
    full: Json = {
        "r": {"of": "a"},
        "f": {"measure": "count", "of": "b"},
        "m": {"measure": "avg(p)", "of": "c"},
    }
    other = parse_tag({"id": "rfm", "rfm": full}).recipe
    assert isinstance(other, RfmTag)
    assert [part.quantity.pattern.event for part in other.parts] == ["a", "b", "c"]


def test_mistakes_of_rfm_carry_the_part() -> None:
    document: Json = {
        "id": "rfm",
        "rfm": {
            "of": "order_paid",
            "m": "sume(amount)",
            "quantiles": 1,
            "cuts": {"f": [3, 2]},
            "withn": "1d",
        },
    }
    assert refusals(parse_tag, document) == {
        "$.rfm.withn": "unknown_key",
        "$.rfm.quantiles": "bad_quantiles",
        "$.rfm.cuts.f": "not_ascending",
        "$.rfm.m.measure": "unknown_measure",
    }


def test_the_lifecycle_preset_is_about_the_event_it_is_asked_for() -> None:
    tag = parse_tag(preset("lifecycle", event="video_watched"))
    assert isinstance(tag.recipe, ValuesTag)
    assert [case.value for case in tag.recipe.cases] == ["new", "active", "dormant", "churned"]
    assert tag.recipe.otherwise == "prospect"
    assert "EVENT" not in repr(tag.recipe)
    assert "video_watched" in repr(tag.recipe)


def test_an_unknown_preset_is_refused_with_the_nearest() -> None:
    with pytest.raises(NotFound) as refused:
        preset("lifecicle", event="x")
    assert "'lifecycle'" in refused.value.hint


@pytest.mark.parametrize("page", ["how-to/build-a-segment.md", "reference/tags.md"])
def test_every_document_of_the_documentation_is_accepted(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert blocks
    for block in blocks:
        document = read_document(block, name=page).value
        if isinstance(document, dict) and "condition" in document:
            parse_segment(document)
        else:
            parse_tag(document)


def test_the_documented_lifecycle_is_the_preset() -> None:
    text = (DOCS / "reference/tags.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(id: lifecycle.*?)```", text, re.DOTALL)
    assert [read_document(block, name="tags.md").value for block in blocks] == [
        preset("lifecycle", event="order_paid")
    ]


def test_every_group_is_documented_under_both_names() -> None:
    text = (DOCS / "reference/tags.md").read_text(encoding="utf-8")
    for (r, f, m), group in RFM_GROUPS.items():
        high = " | ".join("high" if is_high else "low" for is_high in (r, f, m))
        assert f"| {high} | `{group.id}` | {group.zh} |" in text
