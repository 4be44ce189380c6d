"""Templates of webhooks: where to post, and JSON to post."""

import pytest

from perennial.deliver.templates import NotRendered, parse_template, render
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json

URL = "https://hooks.example.com/perennial"


def document(**more: Json) -> dict[str, Json]:
    return {"id": "crm", "channel": "webhook", "url": URL, "body": "{}", **more}


def test_what_is_known_of_a_person_is_written_as_json() -> None:
    template = parse_template(
        document(body='{"name": {{ person.traits.name | json }}, "all": {{ person.traits | json }}}')
    )
    found = render(template, {"person": {"traits": {"name": 'a "b"\n', "n": 1}}})
    assert not isinstance(found, NotRendered)
    assert found.text == '{"name": "a \\"b\\"\\n", "all": {"name": "a \\"b\\"\\n", "n": 1}}'


def test_a_body_that_is_no_json_says_where() -> None:
    found = render(
        parse_template(document(body='{"a": {{ person.traits.a }}}')), {"person": {"traits": {"a": "x"}}}
    )
    assert isinstance(found, NotRendered)
    assert "the body is no JSON" in found.detail


@pytest.mark.parametrize(
    ("more", "path", "code"),
    [
        ({"url": ""}, "$.url", "missing_key"),
        ({"url": "hooks.example.com"}, "$.url", "bad_url"),
        ({"url": "ftp://a.example"}, "$.url", "bad_url"),
        ({"url": "https://{{ person.traits.host }}/x"}, "$.url", "bad_url"),
        ({"url": "https://u:p@a.example/"}, "$.url", "bad_url"),
        ({"url": "http://a.example:99999/"}, "$.url", "bad_url"),
        ({"body": "{{ persn.x }}"}, "$.body", "unknown_variable"),
        ({"subject": "x"}, "$.subject", "unknown_key"),
    ],
)
def test_a_mistake_is_told_with_its_place(more: dict[str, Json], path: str, code: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        parse_template(document(**more))
    assert [(one.path, one.code) for one in caught.value.problems] == [(path, code)]
