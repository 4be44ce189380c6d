"""What a tag's document says of how it is looked after, and what tags are made of."""

from datetime import timedelta

import pytest

from perennial.compute.definitions.lineage import tag_lineage
from perennial.compute.tags import parse_tag
from perennial.compute.tags.presets import PRESETS, preset
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json

SPENT: dict[str, Json] = {"id": "spent", "measure": "sum(amount)", "of": "order_paid"}
RFM: Json = {"id": "rfm", "rfm": {"of": "order_paid"}}


def test_upkeep_is_read_from_the_document() -> None:
    upkeep = parse_tag(
        {**SPENT, "layer": "base", "owner": "ann", "description": "d", "refresh": "15m", "expires": "7d"}
    ).upkeep
    assert (upkeep.layer, upkeep.owner, upkeep.description) == ("base", "ann", "d")
    assert (upkeep.refresh, upkeep.expires) == (timedelta(minutes=15), timedelta(days=7))


def test_without_a_word_a_tag_is_behaviour_and_rfm_a_result() -> None:
    assert parse_tag(SPENT).upkeep.layer == "behaviour"
    assert parse_tag(RFM).upkeep.layer == "result"
    assert parse_tag(SPENT).upkeep.refresh is None
    assert parse_tag({**SPENT, "refresh": "manual"}).upkeep.refresh == "manual"


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("layer", "behavior", "unknown_layer"),
        ("layer", ["base"], "unknown_layer"),
        ("layer", "predicted", "not_built_yet"),
        ("refresh", "10s", "too_often"),
        ("refresh", 5, "bad_duration"),
        ("expires", "soon", "bad_duration"),
        ("owner", 7, "bad_text"),
        ("description", "x" * 2_001, "bad_text"),
    ],
)
def test_each_mistake_in_upkeep_is_told_with_its_path(key: str, value: Json, code: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        parse_tag({**SPENT, key: value})
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [(f"$.{key}", code)]


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_a_tag_about_the_event_it_was_written_for(name: str) -> None:
    draft = parse_tag(preset(name, event="app_open"))
    assert draft.dimension == "lifecycle"
    assert list(tag_lineage(draft.recipe).events) == ["app_open"]


def test_lineage_names_events_with_properties_traits_and_other_definitions() -> None:
    tag = parse_tag(
        {
            "id": "level",
            "values": [
                {
                    "value": "gold",
                    "if": {
                        "all": [
                            {"measure": "sum(amount)", "of": "order_paid", "is": "> 5"},
                            {"did": "order_paid", "where": [{"property": "shop", "is": "a"}]},
                            {"trait": "city", "is": "x"},
                            {"tag": "other", "is": "y"},
                            {"not": {"segment": "vip"}},
                        ]
                    },
                }
            ],
        }
    )
    found = tag_lineage(tag.recipe)
    assert found.events == {"order_paid": ["amount", "shop"]}
    assert (found.traits, found.tags, found.segments) == (["city"], ["other"], ["vip"])


def test_the_lineage_of_scores_is_that_of_their_parts() -> None:
    assert tag_lineage(parse_tag(RFM).recipe).events == {"order_paid": ["amount"]}
