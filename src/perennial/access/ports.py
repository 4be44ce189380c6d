"""What access needs of the root store."""

from collections.abc import Sequence
from typing import Protocol

from perennial.access.model import ApiToken, Workspace, WriteKey


class Registry(Protocol):
    """The installation's list of workspaces, keys and tokens."""

    def add(self, workspace: Workspace) -> Workspace:
        """Keep a workspace, or give back the one of that name which is there already."""
        ...

    def find(self, name: str) -> Workspace | None:
        """The workspace of this name."""
        ...

    def workspaces(self) -> Sequence[Workspace]:
        """All workspaces by name."""
        ...

    def add_key(self, key: WriteKey) -> WriteKey:
        """Keep a write key, or give back the oldest one of its workspace and source."""
        ...

    def find_key(self, write_key: str) -> WriteKey | None:
        """The write key, where it is one."""
        ...

    def add_token(self, token: ApiToken) -> None:
        """Keep a token's hash."""
        ...

    def has_tokens(self, workspace: str) -> bool:
        """Whether a workspace has a token yet."""
        ...

    def find_token(self, token_hash: str) -> ApiToken | None:
        """The token with this hash."""
        ...
