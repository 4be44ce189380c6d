"""The playbook: every journey can be published, its examples pass, and its mails speak two languages."""

from pathlib import Path

import pytest

from perennial.compute.segments.parse import parse_segment
from perennial.decide.journeys import JourneyVocabulary, validate
from perennial.decide.journeys.model import EventEntry
from perennial.decide.journeys.service import read_journey
from perennial.decide.playbook import PLAYS, play
from perennial.decide.policies import GatePolicy
from perennial.decide.rehearsals import lint
from perennial.decide.rehearsals.examples import parse_examples
from perennial.deliver.templates import NotRendered, Rendered, render
from perennial.deliver.templates.parse import parse_template
from perennial.kernel.conditions.parse import Vocabulary
from perennial.kernel.documents import read_document
from perennial.kernel.errors import NotFound
from perennial.kernel.ids import SegmentId, TemplateId
from perennial.kernel.windows import Zone
from perennial.runtime.rehearsing.examples import Surroundings, run_examples

PAGES = Path(__file__).parents[3] / "docs/playbook"
EVENTS = ("signed_up", "product_viewed", "add_to_cart", "order_paid", "app_open")


def known_to(name: str) -> JourneyVocabulary:
    """A workspace with the play's own segments and templates, and no others."""
    found = play(name)
    return JourneyVocabulary(
        conditions=Vocabulary(segments=set(found.segments)), templates=set(found.templates)
    )


@pytest.mark.parametrize("name", PLAYS)
def test_a_play_can_be_published_with_what_it_brings(name: str) -> None:
    found = play(name)
    assert validate(found.journey, name="journey", known=known_to(name)) == ()
    for segment_id, text in found.segments.items():
        segment = parse_segment(read_document(text, name="segment").value)
        assert segment.segment_id == SegmentId(segment_id)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York"])
@pytest.mark.parametrize("name", PLAYS)
def test_the_examples_of_a_play_pass_wherever_the_workspace_is(name: str, zone: str) -> None:
    journey = read_journey(read_document(play(name).journey, name="journey"), known=known_to(name))
    around = Surroundings(policy=GatePolicy(), zone=Zone(name=zone), resolve=lambda condition, _: condition)
    examples = parse_examples(journey.examples, zone=around.zone)
    outcomes = run_examples(journey, examples, around)
    assert len(outcomes) >= 2
    assert [(one["name"], one["mismatches"]) for one in outcomes if not one["ok"]] == []


@pytest.mark.parametrize("name", PLAYS)
def test_a_play_gives_no_cause_for_warnings(name: str) -> None:
    found = play(name)
    journey = read_journey(read_document(found.journey, name="journey"), known=known_to(name))
    templates = [
        parse_template(read_document(text, name="template").value) for text in found.templates.values()
    ]
    around = lint.Surroundings(
        events=EVENTS,
        entries_a_month=5_000 if isinstance(journey.entry.on, EventEntry) else None,
        locales={one.template_id: frozenset(one.locales) for one in templates},
    )
    assert lint.lint(journey, around) == []
    assert journey.goal is not None
    assert journey.control is not None


@pytest.mark.parametrize("name", PLAYS)
def test_every_mail_of_a_play_speaks_two_languages_and_needs_to_know_nothing(name: str) -> None:
    for template_id, text in play(name).templates.items():
        template = parse_template(read_document(text, name="template").value)
        assert template.template_id == TemplateId(template_id)
        said = [
            render(template, {"person": {"traits": traits}}, locale=locale)
            for traits in ({}, {"name": "Li"})
            for locale in (None, "zh-CN")
        ]
        assert [one.detail for one in said if isinstance(one, NotRendered)] == []
        assert len({one.text for one in said if isinstance(one, Rendered)}) == 4


@pytest.mark.parametrize("name", PLAYS)
def test_a_play_has_a_page_that_names_its_files(name: str) -> None:
    page = (PAGES / f"{name.replace('_', '-')}.md").read_text(encoding="utf-8")
    found = play(name)
    assert all(f"`{one}`" in page for one in (*found.templates, *found.segments))
    assert f"({name.replace('_', '-')}.md)" in (PAGES / "README.md").read_text(encoding="utf-8")


def test_the_nearest_play_is_named_where_there_is_none() -> None:
    with pytest.raises(NotFound) as refused:
        play("cart_winbak")
    assert "cart_winback" in refused.value.hint
