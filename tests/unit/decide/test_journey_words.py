"""A journey's conditions in words."""

from tests.unit.decide.journey_builders import published, winback

from perennial.decide.journeys.words import sentences
from perennial.kernel.values import Json


def test_every_condition_is_told_in_both_languages_at_its_place() -> None:
    entry: Json = {"on": {"event": "add_to_cart"}, "key": "cart_id", "if": {"trait": "city", "set": True}}
    told = sentences(published(winback(entry=entry)).journey)
    assert list(told) == ["entry", "worth.0"]
    assert "vip" in told["worth.0"]["en"]
    assert "vip" in told["worth.0"]["zh-CN"]
    assert "city" in told["entry"]["zh-CN"]


def test_a_journey_that_asks_nothing_has_no_sentences() -> None:
    node: Json = {"exit": {"outcome": "done"}}
    assert sentences(published(winback(start="done", nodes={"done": node})).journey) == {}
