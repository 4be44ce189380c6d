"""MJML becomes HTML, its mistakes are told where they stand, and a plain text is made of it."""

import pytest

from perennial.deliver.templates import NotRendered, parse_template, render
from perennial.deliver.templates.plain import plain_source
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json

MAIL = """<mjml><mj-head><mj-preview>Look</mj-preview></mj-head><mj-body>
<mj-section><mj-column>
<mj-text>Hello <b>{{ person.traits.name }}</b></mj-text>
{% if person.traits.vip %}<mj-text>For you alone</mj-text>{% endif %}
<mj-button href="https://shop.example/?u={{ person.user_id }}&amp;x=1">Go on</mj-button>
</mj-column></mj-section></mj-body></mjml>"""


def document(**wording: Json) -> dict[str, Json]:
    return {"id": "mail", "channel": "email", "subject": "Hi", **wording}


def person(**traits: Json) -> dict[str, Json]:
    return {"person": {"traits": traits, "user_id": "u1"}}


def test_mjml_becomes_html_with_what_liquid_lets_through() -> None:
    template = parse_template(document(mjml=MAIL))
    plain, vip = (render(template, person(name="<Mei>", vip=vip)) for vip in (False, True))
    assert not isinstance(plain, NotRendered)
    assert not isinstance(vip, NotRendered)
    assert "<table" in (plain.html or "")
    assert "&lt;Mei&gt;" in (plain.html or "")
    assert "For you alone" not in (plain.html or "")
    assert "For you alone" in (vip.html or "")


def test_a_value_cannot_change_the_markup_of_mjml() -> None:
    template = parse_template(document(mjml=MAIL))
    found = render(template, person(name="</mj-text><mj-raw><script>alert(1)</script></mj-raw>"))
    assert not isinstance(found, NotRendered)
    assert "<script" not in (found.html or "")


def test_the_plain_text_is_made_of_the_markup_and_filled_in_like_it() -> None:
    template = parse_template(document(mjml=MAIL))
    found = render(template, person(name="Mei", vip=True))
    assert not isinstance(found, NotRendered)
    lines = [line for line in found.text.splitlines() if line]
    assert lines == ["Hello Mei", "For you alone", "Go on: https://shop.example/?u=u1&x=1"]


def test_the_plain_text_of_html_leaves_out_what_is_not_shown() -> None:
    head = "<head><title>T</title><style>p{}</style></head>"
    html = f"<html>{head}<body><!-- no --><p>你好</p><p>再见</p></body></html>"
    assert plain_source(html, is_mjml=False).split() == ["你好", "再见"]


@pytest.mark.parametrize(
    ("mjml", "message"),
    [
        ("<mjml><mj-body>\n <mj-txt>a</mj-txt></mj-body></mjml>", "Line 2, column 2: MJML has no <mj-txt>."),
        (
            "<mjml><mj-body>\n<mj-text>a</mj-body></mjml>",
            "Line 2, column 11: </mj-body> closes nothing that is open here.",
        ),
        ("<mjml><mj-body></mj-body>", "Line 1, column 1: <mjml> is never closed."),
        ("<p>Hello</p>", "Line 1, column 1: MJML begins with <mjml>."),
        (
            "<mjml><mj-body><mj-include path='/etc/passwd'/></mj-body></mjml>",
            "Line 1, column 16: Other files are not read.",
        ),
    ],
)
def test_a_mistake_in_mjml_is_told_where_it_stands(mjml: str, message: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        parse_template(document(mjml=mjml))
    assert [(one.path, one.message) for one in caught.value.problems] == [("$.mjml", message)]
    assert caught.value.problems[0].hint


@pytest.mark.parametrize(
    ("wording", "path"),
    [
        ({"html": "<p>a</p>", "mjml": MAIL}, "$.html"),
        ({}, "$.text"),
        ({"text": "a", "tracking": "no"}, "$.tracking"),
        ({"text": "a", "utm": {"campain": "x"}}, "$.utm.campain"),
        ({"text": "a", "utm": {"campaign": 3}}, "$.utm.campaign"),
        ({"mjml": "<mjml><mj-body>{{ persn.x }}</mj-body></mjml>"}, "$.mjml"),
    ],
)
def test_other_mistakes_are_told_with_their_place(wording: dict[str, Json], path: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        parse_template(document(**wording))
    assert [one.path for one in caught.value.problems] == [path]
