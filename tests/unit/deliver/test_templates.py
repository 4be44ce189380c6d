from collections.abc import Mapping

import pytest
from tests.unit.deliver.delivery_builders import a_template, template_document

from perennial.deliver.templates import NotRendered, Rendered, parse_template, render, wording_for
from perennial.deliver.templates.sandbox import MAX_OUTPUT, render_source
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.values import Json

PERSON: Mapping[str, Json] = {
    "person": {"user_id": "p1", "traits": {"name": "<Anna>", "long": "x" * 100_000, "born": "2026-01-02"}}
}


def rendered(text: str, *, is_html: bool = False) -> str | NotRendered:
    return render_source(text, PERSON, is_html=is_html)


def problems_of(changes: Mapping[str, Json]) -> list[Problem]:
    with pytest.raises(InvalidDocument) as refused:
        parse_template({**template_document(), **changes})
    return list(refused.value.problems)


def codes_of(changes: Mapping[str, Json]) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in problems_of(changes)]


def test_a_variable_that_is_shown_and_unknown_is_named() -> None:
    missing = rendered("Dear {{ person.traits.first_name }}")
    assert missing == NotRendered(reason="missing_variable", detail="person.traits.first_name is undefined")


@pytest.mark.parametrize(
    "text",
    ["{{ person.traits.age | plus: 1 }}", "{% for x in person.traits.kids %}{{ x }}{% endfor %}"],
    ids=["in a filter", "in a loop"],
)
def test_an_unknown_variable_is_never_read_as_empty(text: str) -> None:
    missing = rendered(text)
    assert isinstance(missing, NotRendered)
    assert missing.reason == "missing_variable"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{{ person.traits.first_name | default: 'friend' }}", "friend"),
        ("{% if person.traits.city %}a{% else %}b{% endif %}", "b"),
        ("{% if person.traits.city == 'Berlin' %}a{% else %}b{% endif %}", "b"),
        ("{{ person.traits.born | date: '%d.%m.%Y' }}", "02.01.2026"),
        ("{{ 0 | date: '%Y-%m-%d %H:%M' }}", "1970-01-01 00:00"),
    ],
)
def test_a_template_can_ask_before_it_shows(text: str, shown: str) -> None:
    assert rendered(text) == shown


def test_a_trait_cannot_put_markup_into_html() -> None:
    assert rendered("<b>{{ person.traits.name }}</b>", is_html=True) == "<b>&lt;Anna&gt;</b>"
    assert rendered("{{ person.traits.name }}") == "<Anna>"


@pytest.mark.parametrize(
    "bomb",
    [
        "{% for i in (1..1000000000) %}x{% endfor %}",
        "{% for i in (1..101) %}{% for j in (1..101) %}x{% endfor %}{% endfor %}",
        "{% tablerow i in (1..1000000000) %}x{% endtablerow %}",
        "{{ (1..1000000000) | join: ',' }}",
        "{% assign a = (1..1000000000) | reverse %}",
        "{% for i in (1..9000) %}{{ person.traits.long }}{% endfor %}",
        "{% capture a %}{% for i in (1..9000) %}{{ person.traits.long }}{% endfor %}{% endcapture %}",
        "{{ person.traits.long | replace: 'x', person.traits.long }}",
        "{% assign a = 'xx' %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}",
        "{% assign a = 9 %}{% for i in (1..60) %}{% assign a = a | times: a %}{% endfor %}{{ a }}",
        "{{ 1 | divided_by: 0 }}",
    ],
)
def test_a_bomb_is_a_value_and_not_an_outage(bomb: str) -> None:
    outcome = rendered(bomb)
    assert isinstance(outcome, NotRendered)
    assert outcome.reason == "template_failed"


def test_a_text_of_the_longest_length_still_goes_through() -> None:
    assert render_source("x" * 1_000 + "{{ a }}", {"a": "y" * (MAX_OUTPUT - 1_000)}, is_html=False) == (
        "x" * 1_000 + "y" * (MAX_OUTPUT - 1_000)
    )


def test_a_template_cannot_read_the_clock() -> None:
    outcome = rendered("{{ 'now' | date: '%Y' }}")
    assert isinstance(outcome, NotRendered)
    assert "message.written_at" in outcome.detail


def test_a_template_without_text_is_refused_and_told_why() -> None:
    document = {key: value for key, value in template_document().items() if key != "text"}
    with pytest.raises(InvalidDocument) as refused:
        parse_template(document)
    (problem,) = refused.value.problems
    assert (problem.path, problem.code) == ("$.text", "missing_key")
    assert "plain text" in problem.hint


def test_a_mistake_in_liquid_is_found_with_line_and_column() -> None:
    (problem,) = problems_of({"text": "Hello\nyou {{ 'a' | nofilter: }} {% endif %}"})
    assert (problem.path, problem.code) == ("$.text", "liquid_syntax")
    assert problem.message.startswith("Line 2, column ")


@pytest.mark.parametrize("tag", ["{% include 'secrets' %}", "{% render 'secrets' %}"])
def test_a_template_cannot_ask_for_a_file(tag: str) -> None:
    (problem,) = problems_of({"text": tag})
    assert problem.hint == "Other files are not read; write the text here."


def test_a_variable_that_no_message_has_is_refused_with_the_nearest() -> None:
    found = problems_of(
        {"text": "Hi\n {{ persn.traits.name }} {{ journey.nod }} {{ person.traits.any.thing }}"}
    )
    assert [(problem.code, problem.message, problem.hint) for problem in found] == [
        ("unknown_variable", "Line 2, column 5: there is no persn.traits.name.", "Did you mean 'person'?"),
        ("unknown_variable", "Line 2, column 29: there is no journey.nod.", "Did you mean 'node'?"),
    ]


def test_all_mistakes_are_found_at_once() -> None:
    changes: Mapping[str, Json] = {
        "id": "no id",
        "channel": "emial",
        "from": "shop\r\nBcc: everyone@example.com",
        "subject": "two\nlines",
        "html": "",
        "htlm": "x",
        "locales": {"Chinese!": {"subject": "x", "text": "{% if %}"}, "de": "x"},
    }
    assert codes_of(changes) == [
        ("$.htlm", "unknown_key"),
        ("$.id", "bad_id"),
        ("$.channel", "unknown_channel"),
        ("$.from", "bad_sender"),
        ("$.subject", "bad_subject"),
        ("$.html", "wrong_type"),
        ("$.locales.Chinese!", "bad_locale"),
        ("$.locales.Chinese!.text", "liquid_syntax"),
        ("$.locales.de", "wrong_type"),
    ]


@pytest.mark.parametrize(
    ("locale", "subject"),
    [
        ("zh-CN", "你好"),
        ("zh_cn.UTF-8", "你好"),
        ("zh", "你好"),
        ("zh-TW", "Hello"),
        ("de-AT", "Hallo"),
        ("fr", "Hello"),
        (None, "Hello"),
    ],
)
def test_a_person_gets_the_wording_of_their_language(locale: str | None, subject: str) -> None:
    template = a_template(
        {
            "locales": {
                "zh-CN": {"subject": "你好", "text": "您好"},
                "de": {"subject": "Hallo", "text": "Hallo"},
            }
        }
    )
    assert wording_for(template, locale).subject == subject


def test_a_template_becomes_subject_text_and_html() -> None:
    template = a_template(
        {"subject": "For {{ person.user_id }}\n", "html": "<p>{{ person.traits.name }}</p>"}
    )
    assert render(template, PERSON) == Rendered(
        subject="For p1", text="Hello <Anna>", html="<p>&lt;Anna&gt;</p>"
    )
