"""Making workspaces and letting people into them."""

from collections.abc import Sequence

from perennial.access.model import ApiToken, Credentials, Workspace, WriteKey
from perennial.access.ports import Registry
from perennial.access.rules import name_problem, token_hash, zone_problem
from perennial.kernel.clock import Clock
from perennial.kernel.errors import InvalidDocument, NotFound, Refused, nearest
from perennial.kernel.ids import mint_secret
from perennial.kernel.windows import Zone

DEFAULT_SOURCE = "default"


class WorkspaceNotFound(NotFound):
    """There is no workspace by this name."""

    code = "workspace_not_found"


class ZoneFixed(Refused):
    """A workspace's time zone is chosen when it is made."""

    code = "zone_fixed"


class Access:
    """Who may write into which workspace, and who may act in it."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    def create_workspace(
        self,
        name: str,
        *,
        timezone: str | None = None,
        seed: str | None = None,
        renew_token: bool = False,
        is_rehearsal: bool = False,
    ) -> Credentials:
        """Make a workspace, or open the one that is there: repeating changes nothing.

        The token is told when it is made: the first time, and with `renew_token`. The zone is UTC unless
        said, never the machine's. `seed` makes profile ids repeat; by default it is the name. Raises
        Refused where the workspace is there with another zone than the one said.
        """
        self._refuse_bad(name, timezone)
        now = self._clock.now()
        workspace = self._registry.add(
            Workspace(
                name=name,
                zone=Zone(name=timezone or "UTC"),
                seed=seed or name,
                created_at=now,
                is_rehearsal=is_rehearsal,
            )
        )
        if timezone is not None and workspace.zone.name != timezone:
            raise ZoneFixed(
                f"The workspace {name!r} counts its days in {workspace.zone.name}; that cannot be changed.",
                hint="Days, weeks and imported times were read with it: make another workspace.",
                path="$.timezone",
            )
        key = self._registry.add_key(
            WriteKey(write_key=mint_secret("wk_"), workspace=name, source=DEFAULT_SOURCE, created_at=now)
        )
        token = None
        if renew_token or not self._registry.has_tokens(name):
            token = mint_secret("tok_")
            self._registry.add_token(ApiToken(token_hash=token_hash(token), workspace=name, created_at=now))
        return Credentials(workspace=workspace.name, write_key=key.write_key, api_token=token)

    def get_workspace(self, name: str) -> Workspace:
        """The workspace of this name. Raises WorkspaceNotFound with the nearest name."""
        found = self._registry.find(name)
        if found is None:
            raise WorkspaceNotFound(
                f"There is no workspace {name!r}.",
                hint=nearest(name, self.names()) or "Run `perennial init`.",
            )
        return found

    def list_workspaces(self) -> Sequence[Workspace]:
        """The workspaces there are, by name."""
        return self._registry.workspaces()

    def names(self) -> list[str]:
        """The workspaces there are."""
        return [workspace.name for workspace in self._registry.workspaces()]

    def authenticate_write(self, write_key: str) -> WriteKey | None:
        """The write key and so its workspace and source, where it is one."""
        return self._registry.find_key(write_key)

    def authenticate_token(self, token: str) -> str | None:
        """The workspace a token acts in. Looked up by hash: timing tells nothing about the token."""
        found = self._registry.find_token(token_hash(token))
        return None if found is None else found.workspace

    def _refuse_bad(self, name: str, timezone: str | None) -> None:
        problems = [name_problem(name), zone_problem(timezone) if timezone is not None else None]
        found = [problem for problem in problems if problem is not None]
        if found:
            raise InvalidDocument(found)
