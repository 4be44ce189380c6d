"""Cleaning is what a workspace does to calls before they count: by declared rules, each counted."""

from perennial.collect.cleaning.model import CleaningRule, CleaningRules
from perennial.collect.cleaning.parse import parse_cleaning
from perennial.collect.cleaning.recent import RecentCalls
from perennial.collect.cleaning.service import Cleaned, Cleaning, dropped_message

__all__ = [
    "Cleaned",
    "Cleaning",
    "CleaningRule",
    "CleaningRules",
    "RecentCalls",
    "dropped_message",
    "parse_cleaning",
]
