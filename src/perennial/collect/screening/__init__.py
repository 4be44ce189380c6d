"""Screening is what becomes of calls before they are logged: they are cleaned, and held against the plan."""

from perennial.collect.screening.model import (
    CleaningReport,
    Declaration,
    DeclarationKind,
    PlanReport,
)
from perennial.collect.screening.ports import Declarations, DeclarationState, RefusalCounts, ScreeningFacts
from perennial.collect.screening.service import Screens

__all__ = [
    "CleaningReport",
    "Declaration",
    "DeclarationKind",
    "DeclarationState",
    "Declarations",
    "PlanReport",
    "RefusalCounts",
    "ScreeningFacts",
    "Screens",
]
