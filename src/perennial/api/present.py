"""How what a change is about stands now: read before the change and after it, for the audit log."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from pydantic_core import to_jsonable_python

from perennial.access.tokens import token_id_of
from perennial.api.member_schemas import show_token
from perennial.api.ports import Application, Workspace
from perennial.api.source_schemas import show_source
from perennial.kernel.documents import read_document
from perennial.kernel.errors import PerennialError
from perennial.kernel.values import Json

_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A change that is asked for."""

    application: Application
    workspace: str
    path: Mapping[str, str]
    body: Json | None

    @property
    def here(self) -> Workspace:
        """The workspace it is about."""
        return self.application.workspace(self.workspace)

    @property
    def named(self) -> str:
        """The id of what it is about: in the path, or in the document that was sent."""
        if self.path:
            return next(iter(self.path.values()))
        told = read_document(self.body, name="body").value if isinstance(self.body, str) else self.body
        return str(told.get("id", told.get("name", ""))) if isinstance(told, Mapping) else ""


def present_of(operation: str, asked: Asked) -> Json | None:
    """How it stands now; None where there is nothing yet, or nothing to read."""
    reader = READERS.get(operation)
    if reader is None:
        return None
    try:
        return _plain(reader(asked))
    except PerennialError:
        # Nothing by that name, or a document that its operation will refuse: it tells why, not we.
        return None


def _plain(value: object) -> Json | None:
    return cast("Json | None", to_jsonable_python(value))  # it makes JSON's own types and no other


def _listed(read: Callable[[Asked], Sequence[object]], key: str = "id") -> Callable[[Asked], object]:
    """The row of a list that has the id."""

    def find(asked: Asked) -> object:
        for row in read(asked):
            if _field(row, key) == asked.named:
                return row
        return None

    return find


def _field(row: object, key: str) -> object:
    if isinstance(row, Mapping):
        return cast("Mapping[str, object]", row).get(key)
    return getattr(row, key, None)


def _roles(asked: Asked) -> object:
    member = asked.application.members.find_by_email(asked.path.get("email", ""))
    return None if member is None else {"member_id": member.member_id, "roles": dict(member.roles)}


def _token(asked: Asked) -> object:
    for one in asked.application.tokens.list_tokens(asked.workspace):
        if token_id_of(one) == asked.named:
            return show_token(one)
    return None


def _source(asked: Asked) -> object:
    for one in asked.application.sources.list_sources(asked.workspace):
        if one.name == asked.named:
            return show_source(one)
    return None


_kept_insight = _listed(lambda asked: asked.here.list_insights(limit=_MOST, after=None)[0])
_board = _listed(lambda asked: asked.here.list_boards(limit=_MOST, after=None)[0])
_segment = _listed(lambda asked: asked.here.list_segments(limit=_MOST, after=None)[0])
_tag = _listed(lambda asked: asked.here.list_tags(limit=_MOST, after=None)[0])
_template = _listed(lambda asked: asked.here.list_templates(limit=_MOST, after=None)[0])
_journey = _listed(lambda asked: asked.here.list_journeys(limit=_MOST, after=None)[0])
_database_source = _listed(lambda asked: asked.here.list_database_sources())
_database_export = _listed(lambda asked: asked.here.list_database_exports())
_workspace = _listed(lambda asked: asked.application.list_workspaces(), "name")

READERS: Mapping[str, Callable[[Asked], object]] = {
    "create_segment": _segment,
    "freeze_segment": _segment,
    "create_tag": _tag,
    "save_insight": _kept_insight,
    "remove_insight": _kept_insight,
    "save_board": _board,
    "remove_board": _board,
    "create_template": _template,
    "publish_journey": _journey,
    "pause_journey": _journey,
    "resume_journey": _journey,
    "end_journey": _journey,
    "publish_policy": lambda asked: asked.here.show_policy(),
    "publish_plan": lambda asked: asked.here.show_plan(),
    "publish_cleaning": lambda asked: asked.here.show_cleaning(),
    "publish_retention": lambda asked: asked.here.show_retention(),
    "publish_identity": lambda asked: asked.here.show_identity_rules(),
    "save_database_source": _database_source,
    "remove_database_source": _database_source,
    "save_database_export": _database_export,
    "remove_database_export": _database_export,
    "create_source": _source,
    "limit_source": _source,
    "rotate_source": _source,
    "revoke_source": _source,
    "change_workspace": _workspace,
    "remove_workspace": _workspace,
    "change_role": _roles,
    "remove_member": _roles,
    "reset_member": _roles,
    "revoke_token": _token,
}
