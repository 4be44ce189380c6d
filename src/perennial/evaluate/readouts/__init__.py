"""A read-out says what came of a journey: who was in it, what they got, and whether it did any good."""

from perennial.evaluate.readouts.model import (
    ArmGroup,
    Comparison,
    Estimate,
    NodeCounts,
    Readout,
    VerdictWord,
)
from perennial.evaluate.readouts.ports import JourneyFacts
from perennial.evaluate.readouts.rules import compare
from perennial.evaluate.readouts.service import comparisons, node_counts, read, readout_document
from perennial.evaluate.readouts.words import sentence, sentences

__all__ = [
    "ArmGroup",
    "Comparison",
    "Estimate",
    "JourneyFacts",
    "NodeCounts",
    "Readout",
    "VerdictWord",
    "compare",
    "comparisons",
    "node_counts",
    "read",
    "readout_document",
    "sentence",
    "sentences",
]
