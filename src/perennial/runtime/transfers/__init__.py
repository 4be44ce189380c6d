"""A transfer moves rows between a workspace and somebody's database, again and again, each row once."""

from perennial.runtime.transfers.model import DatabaseExport, DatabaseSource
from perennial.runtime.transfers.ports import Databases
from perennial.runtime.transfers.scheduling import Scheduling
from perennial.runtime.transfers.service import Transfers

__all__ = ["DatabaseExport", "DatabaseSource", "Databases", "Scheduling", "Transfers"]
