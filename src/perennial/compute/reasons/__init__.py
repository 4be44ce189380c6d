"""A reason is the verdict on one part of a condition for one person, with what was seen that decided it."""

from perennial.compute.reasons.model import Finding, Findings, Inquiry, LastTold, Reason
from perennial.compute.reasons.ports import Witnesses
from perennial.compute.reasons.service import why
from perennial.compute.reasons.words import tell

__all__ = ["Finding", "Findings", "Inquiry", "LastTold", "Reason", "Witnesses", "tell", "why"]
