"""What access needs of the root store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from perennial.access.model import ApiToken, Workspace, WriteKey


class Registry(Protocol):
    """The installation's list of workspaces, keys and tokens."""

    def add(self, workspace: Workspace) -> Workspace:
        """Keep a workspace, or give back the one of that name which is there already."""
        ...

    def find(self, name: str) -> Workspace | None:
        """The workspace of this name, unless it was removed."""
        ...

    def workspaces(self) -> Sequence[Workspace]:
        """All workspaces by name, without those that were removed."""
        ...

    def change(self, workspace: Workspace) -> None:
        """Keep a workspace's present title and currency."""
        ...

    def withdraw(self, name: str, *, at: datetime) -> None:
        """Note that a workspace was removed, and take its keys and tokens away with it."""
        ...

    def withdrawn(self) -> Sequence[str]:
        """The names of removed workspaces of which something may be left."""
        ...

    def forget(self, name: str) -> None:
        """Forget a removed workspace: nothing is left of it, and its name is free."""
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
