"""A reject is a call that was refused and kept: searched by its reason, and tried again after a fix."""

from perennial.collect.rejects.model import Mending, RejectCount, RejectQuery, ReplayResult
from perennial.collect.rejects.ports import RejectStore
from perennial.collect.rejects.service import Rejects

__all__ = ["Mending", "RejectCount", "RejectQuery", "RejectStore", "Rejects", "ReplayResult"]
