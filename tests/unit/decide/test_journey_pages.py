"""The pages about journeys: their examples can be published, and they name every word."""

import re
from pathlib import Path

import pytest

from perennial.decide.journeys import JourneyVocabulary, validate
from perennial.decide.journeys.grammar import (
    ENTRY_KEYS,
    JOURNEY_KEYS,
    LATER_CHANNELS,
    LATER_ENTRIES,
    LATER_NODES,
    LATER_WAITS,
    MATCH_KEYS,
    NODE_KEYS,
    SEND_KEYS,
)
from perennial.decide.policies import REASONS

DOCS = Path(__file__).parents[3] / "docs"
REFERENCE = (DOCS / "reference/journeys.md").read_text(encoding="utf-8")
HOW_TO = (DOCS / "how-to/write-a-journey.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", REFERENCE + HOW_TO, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_be_published(example: str) -> None:
    assert validate(example, name="example.yaml", known=JourneyVocabulary()) == ()


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 4


def test_every_word_of_the_grammar_is_on_the_reference_page() -> None:
    words = {*JOURNEY_KEYS, *ENTRY_KEYS, *MATCH_KEYS, *NODE_KEYS, *SEND_KEYS}
    words |= {*LATER_CHANNELS, *LATER_ENTRIES, *LATER_NODES, *LATER_WAITS}
    assert {word for word in words if not re.search(rf"\b{word}\b", REFERENCE)} == set()


def test_every_reason_of_the_gate_is_on_the_page_with_its_sentence() -> None:
    for reason, sentence in REASONS.items():
        assert f"| `{reason}` | {sentence} |" in REFERENCE
