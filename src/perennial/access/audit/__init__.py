"""The audit log says who changed what, when and from where, with what was there before and after."""

from perennial.access.audit.model import Acted, AuditEntry, AuditQuery
from perennial.access.audit.ports import AuditStore
from perennial.access.audit.rules import person_mark
from perennial.access.audit.service import AuditLog

__all__ = ["Acted", "AuditEntry", "AuditLog", "AuditQuery", "AuditStore", "person_mark"]
