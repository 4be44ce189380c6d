"""Consent is who agreed to hear from us about what, and who must not hear from us at all."""

from perennial.collect.consent.model import Consent, ConsentState, ConsentStatement, Suppression
from perennial.collect.consent.ports import Consents, Suppressions

__all__ = ["Consent", "ConsentState", "ConsentStatement", "Consents", "Suppression", "Suppressions"]
