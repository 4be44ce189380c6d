"""Events are what happened: calls of clients, accepted once, kept in order, never changed."""

from perennial.collect.events.model import Call, CallKind, LoggedCalls, Receipt, Reception, Reject
from perennial.collect.events.ports import EventStore, IntakeLog
from perennial.collect.events.service import Intake, Overloaded, Stopping

__all__ = [
    "Call",
    "CallKind",
    "EventStore",
    "Intake",
    "IntakeLog",
    "LoggedCalls",
    "Overloaded",
    "Receipt",
    "Reception",
    "Reject",
    "Stopping",
]
