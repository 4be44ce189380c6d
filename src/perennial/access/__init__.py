"""Access says who may: workspaces, the write keys that feed them and the tokens that read them."""

from perennial.access.model import ApiToken, Credentials, Workspace, WorkspaceOrder, WriteKey
from perennial.access.ports import Registry
from perennial.access.service import Access, BeingRemoved, WeekFixed, WorkspaceNotFound, ZoneFixed

__all__ = [
    "Access",
    "ApiToken",
    "BeingRemoved",
    "Credentials",
    "Registry",
    "WeekFixed",
    "Workspace",
    "WorkspaceNotFound",
    "WorkspaceOrder",
    "WriteKey",
    "ZoneFixed",
]
