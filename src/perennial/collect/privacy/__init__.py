"""Erasing a person: everything kept of them goes, nothing brings it back, and a receipt says what went."""

from perennial.collect.privacy.erased import ErasedNames, erased_call, is_erased
from perennial.collect.privacy.model import Erasure, ErasureStep, PersonNames

__all__ = ["ErasedNames", "Erasure", "ErasureStep", "PersonNames", "erased_call", "is_erased"]
