import pytest

from perennial.kernel.conditions import parse_condition
from perennial.kernel.documents import read_document
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json


def test_words_dates_and_times_are_text_and_numbers_are_numbers() -> None:
    text = "on: {a: no, b: yes, c: 2026-01-01, d: 12:30:00, e: '5', f: 5, g: 1.5, h: true, i: ~, j: 1_000}"
    assert read_document(text, name="a.yaml").value == {
        "on": {
            **{
                "a": "no",
                "b": "yes",
                "c": "2026-01-01",
                "d": "12:30:00",
                "e": "5",
                "f": 5,
                "g": 1.5,
                "h": True,
            },
            **{"i": None, "j": "1_000"},
        }
    }


@pytest.mark.parametrize("value", [{"a": [1, 2.5, None, True], "b": {"c": "北京"}}, [], "text", 5])
def test_json_is_read_as_json(value: Json) -> None:
    import json  # noqa: PLC0415

    assert read_document(json.dumps(value, indent="\t"), name="a.json").value == value


def test_an_escaped_surrogate_pair_is_one_letter() -> None:
    assert read_document(r'{"a": "\ud83d\ude00"}', name="a.json").value == {"a": "😀"}


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: 1\nb: 2\na: 3", "duplicate_key", 3),
        ("a: [1,\n2", "syntax", 2),
        ("a: &x 1\nb: *x", "anchor", 1),
        ("a: 1\nb: !!str 5", "yaml_tag", 2),
        ("a:\n  - .nan", "not_finite", 2),
        ("? [1]\n: 2", "bad_key", 1),
        ("a: 1\n---\nb: 2", "several_documents", 2),
        ("[" * 200, "too_deep", 1),
    ],
)
def test_a_bad_file_is_refused_with_its_line(text: str, code: str, line: int) -> None:
    with pytest.raises(InvalidDocument) as refused:
        read_document(text, name="bad.yaml")
    (problem,) = refused.value.problems
    assert (problem.code, problem.line) == (code, line)
    assert refused.value.message.startswith(f"bad.yaml, line {line}: ")


def test_a_mistake_in_the_meaning_is_placed_on_its_line() -> None:
    document = read_document("id: x\ncondition:\n  all:\n    - did: a\n      withn: 3d\n", name="s.yaml")
    assert isinstance(document.value, dict)
    with pytest.raises(InvalidDocument) as refused:
        parse_condition(document.value["condition"], path="$.condition")
    placed = document.placed(refused.value)
    assert [(problem.path, problem.line) for problem in placed.problems] == [("$.condition.all[0].withn", 5)]


def test_the_line_of_a_missing_part_is_the_line_of_what_should_hold_it() -> None:
    document = read_document("a:\n  b: 1\n", name="a.yaml")
    assert document.line_of("$.a.c.d[3]") == 1
    assert document.line_of("elsewhere") is None
