"""A rehearsal runs a journey over a past: the recorded one, or the few events of an example."""

from perennial.decide.rehearsals.gate import RehearsedGate, candidate_of, event_of
from perennial.decide.rehearsals.model import Earlier, Fate, FateWord, Heard, Reached, Setting, Wish
from perennial.decide.rehearsals.scratch import ScratchRuns, ScratchShelf
from perennial.decide.rehearsals.tally import Reach, Tally, reach_of, report_document

__all__ = [
    "Earlier",
    "Fate",
    "FateWord",
    "Heard",
    "Reach",
    "Reached",
    "RehearsedGate",
    "ScratchRuns",
    "ScratchShelf",
    "Setting",
    "Tally",
    "Wish",
    "candidate_of",
    "event_of",
    "reach_of",
    "report_document",
]
