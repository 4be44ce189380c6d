"""What is said of workspaces."""

from datetime import datetime
from typing import Literal

from perennial.access import Workspace
from perennial.access.rules import WEEK_DAYS
from perennial.api.schemas import Given, Shown

WeekDay = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class WorkspaceChange(Given):
    """What to change of a workspace; what is left out stays."""

    title: str | None = None
    currency: str | None = None


class WorkspaceShown(Shown):
    """A workspace and how it counts."""

    name: str
    title: str
    """What people call it; its name where nobody said another."""
    timezone: str
    week_start: WeekDay
    currency: str
    """By ISO 4217; XXX where nobody said one."""
    is_rehearsal: bool
    """Lives on a clock of its own, such as the demo's replay."""
    created_at: datetime


class WorkspacePage(Shown):
    """Some of the workspaces, by name."""

    workspaces: list[WorkspaceShown]
    next: str | None


class WorkspaceRemoved(Shown):
    """What is gone."""

    removed: str


def show_workspace(workspace: Workspace) -> WorkspaceShown:
    """A workspace as it is shown."""
    return WorkspaceShown.model_validate(
        {
            "name": workspace.name,
            "title": workspace.title or workspace.name,
            "timezone": workspace.zone.name,
            "week_start": WEEK_DAYS[workspace.zone.week_start],
            "currency": workspace.currency,
            "is_rehearsal": workspace.is_rehearsal,
            "created_at": workspace.created_at,
        }
    )
