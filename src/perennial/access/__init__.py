"""Access says who may: workspaces, the write keys that feed them and the tokens that read them."""

from perennial.access.model import ApiToken, Credentials, Workspace, WriteKey
from perennial.access.ports import Registry
from perennial.access.service import Access, WorkspaceNotFound, ZoneFixed

__all__ = [
    "Access",
    "ApiToken",
    "Credentials",
    "Registry",
    "Workspace",
    "WorkspaceNotFound",
    "WriteKey",
    "ZoneFixed",
]
