"""Insights: what people did, counted exactly; every number is the length of a list of people."""

from perennial.evaluate.insights.answers import Answer
from perennial.evaluate.insights.facts import Contributors, KnownPeople
from perennial.evaluate.insights.model import Spec
from perennial.evaluate.insights.parse import KEYS, parse_insight
from perennial.evaluate.insights.ports import InsightLog, Labelled
from perennial.evaluate.insights.service import Asked, Insights

__all__ = [
    "KEYS",
    "Answer",
    "Asked",
    "Contributors",
    "InsightLog",
    "Insights",
    "KnownPeople",
    "Labelled",
    "Spec",
    "parse_insight",
]
