"""Sequences: what came after what, told by loops over a person's events in order of time.

One semantics for funnels, paths, gaps, touches and sessions, whatever store the events come from.
"""

from perennial.evaluate.insights.sequences.credits import Credits, credits_of
from perennial.evaluate.insights.sequences.funnels import NEVER, FunnelRules, Reached, run_funnel
from perennial.evaluate.insights.sequences.gaps import Gaps, gaps_of
from perennial.evaluate.insights.sequences.visits import Visits, visits_of
from perennial.evaluate.insights.sequences.walks import MIDDLE, PathRules, Walked, walk

__all__ = [
    "MIDDLE",
    "NEVER",
    "Credits",
    "FunnelRules",
    "Gaps",
    "PathRules",
    "Reached",
    "Visits",
    "Walked",
    "credits_of",
    "gaps_of",
    "run_funnel",
    "visits_of",
    "walk",
]
