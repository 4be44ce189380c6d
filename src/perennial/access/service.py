"""Making workspaces and letting people into them."""

from collections.abc import Sequence
from dataclasses import replace

from perennial.access.model import ApiToken, Credentials, Workspace, WorkspaceOrder, WriteKey
from perennial.access.ports import Registry
from perennial.access.rules import (
    WEEK_DAYS,
    currency_problem,
    name_problem,
    title_problem,
    token_hash,
    week_problem,
    zone_problem,
)
from perennial.kernel.clock import Clock
from perennial.kernel.errors import InvalidDocument, NotFound, Problem, Refused, nearest
from perennial.kernel.ids import mint_secret
from perennial.kernel.windows import Zone

DEFAULT_SOURCE = "default"
AS_USUAL = WorkspaceOrder()


class WorkspaceNotFound(NotFound):
    """There is no workspace by this name."""

    code = "workspace_not_found"


class ZoneFixed(Refused):
    """A workspace's time zone is chosen when it is made."""

    code = "zone_fixed"


class WeekFixed(Refused):
    """The day that a workspace's weeks begin with is chosen when it is made."""

    code = "week_fixed"


class BeingRemoved(Refused):
    """A workspace of this name was removed, and is not gone yet."""

    code = "workspace_being_removed"


class Access:
    """Who may write into which workspace, and who may act in it."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    def create_workspace(
        self, name: str, order: WorkspaceOrder = AS_USUAL, *, renew_token: bool = False
    ) -> Credentials:
        """Make a workspace, or open the one that is there: repeating changes nothing.

        The token is told when it is made: the first time, and with `renew_token`. The zone is UTC unless
        said, never the machine's. The order's `seed` makes profile ids repeat; by default it is the name.
        Raises Refused where the workspace is there with another calendar than the one said, or while one
        of this name is being removed.
        """
        _refuse(
            name_problem(name),
            zone_problem(order.timezone) if order.timezone is not None else None,
            week_problem(order.week_start) if order.week_start is not None else None,
        )
        now = self._clock.now()
        week_start = WEEK_DAYS.index(order.week_start or WEEK_DAYS[0])
        workspace = self._registry.add(
            Workspace(
                name=name,
                zone=Zone(name=order.timezone or "UTC", week_start=week_start),
                seed=order.seed or name,
                created_at=now,
                is_rehearsal=order.is_rehearsal,
            )
        )
        _refuse_other_calendar(workspace, order)
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

    def change_workspace(
        self, name: str, *, title: str | None = None, currency: str | None = None
    ) -> Workspace:
        """Change what a workspace is called or what its amounts are in. Raises WorkspaceNotFound."""
        workspace = self.get_workspace(name)
        _refuse(
            title_problem(title) if title is not None else None,
            currency_problem(currency) if currency is not None else None,
        )
        changed = replace(
            workspace,
            title=workspace.title if title is None else title.strip(),
            currency=currency or workspace.currency,
        )
        self._registry.change(changed)
        return changed

    def begin_removal(self, name: str) -> None:
        """Let nobody into a workspace any more, for good. Raises WorkspaceNotFound."""
        self._registry.withdraw(self.get_workspace(name).name, at=self._clock.now())

    def removals(self) -> Sequence[str]:
        """Workspaces whose removal was begun and not ended."""
        return self._registry.withdrawn()

    def end_removal(self, name: str) -> None:
        """Forget a workspace of which nothing is left."""
        self._registry.forget(name)

    def authenticate_write(self, write_key: str) -> WriteKey | None:
        """The write key and so its workspace and source, where it is one."""
        return self._registry.find_key(write_key)


def _refuse(*problems: Problem | None) -> None:
    found = [problem for problem in problems if problem is not None]
    if found:
        raise InvalidDocument(found)


def _refuse_other_calendar(workspace: Workspace, order: WorkspaceOrder) -> None:
    """What was counted with one calendar cannot be counted with another."""
    if workspace.removed_at is not None:
        raise BeingRemoved(
            f"A workspace {workspace.name!r} is being removed.", hint="Try again once it is gone."
        )
    if order.timezone is not None and workspace.zone.name != order.timezone:
        raise ZoneFixed(
            f"The workspace {workspace.name!r} counts its days in {workspace.zone.name};"
            " that cannot be changed.",
            hint="Days, weeks and imported times were read with it: make another workspace.",
            path="$.timezone",
        )
    begins = WEEK_DAYS[workspace.zone.week_start]
    if order.week_start is not None and begins != order.week_start:
        raise WeekFixed(
            f"The weeks of the workspace {workspace.name!r} begin on {begins}; that cannot be changed.",
            hint="Weeks were counted with it: make another workspace.",
            path="$.week_start",
        )
