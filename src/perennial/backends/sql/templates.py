"""Templates in the state store, version by version."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache

from sqlalchemy import Connection, Row, Select, and_, func, insert, select, tuple_

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import portions
from perennial.backends.sql.tables import templates
from perennial.deliver.templates import Template, TemplateVersion, parse_template
from perennial.kernel.ids import TemplateId
from perennial.kernel.values import canonical

_TemplateRow = Row[str, int, str, int]


class SqlTemplates:
    """`Templates` on one connection; the caller's transaction is ours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, saved: TemplateVersion) -> None:
        """Keep a new version."""
        row = {
            "template_id": saved.template.template_id,
            "version": saved.version,
            "document": canonical(saved.template.document).decode(),
            "created_at": to_micros(saved.created_at),
        }
        self._connection.execute(insert(templates).values(row))

    def newest(self, template_ids: Sequence[TemplateId]) -> Mapping[TemplateId, TemplateVersion]:
        """The newest version of each of these; unknown ones are absent."""
        found: dict[TemplateId, TemplateVersion] = {}
        for portion in portions(template_ids):
            for row in self._connection.execute(_newest().where(templates.c.template_id.in_(portion))):
                found[TemplateId(row.template_id)] = _version(row)
        return found

    def versions(
        self, wanted: Sequence[tuple[TemplateId, int]]
    ) -> Mapping[tuple[TemplateId, int], TemplateVersion]:
        """These very versions; those that do not exist are absent."""
        found: dict[tuple[TemplateId, int], TemplateVersion] = {}
        for portion in portions(wanted):
            asked = tuple_(templates.c.template_id, templates.c.version).in_(portion)
            for row in self._connection.execute(_columns().where(asked)):
                found[TemplateId(row.template_id), row.version] = _version(row)
        return found

    def list_all(self) -> Sequence[TemplateVersion]:
        """The newest version of every template, by id."""
        return [
            _version(row) for row in self._connection.execute(_newest().order_by(templates.c.template_id))
        ]


def _columns() -> Select[str, int, str, int]:
    table = templates.c
    return select(table.template_id, table.version, table.document, table.created_at)


def _newest() -> Select[str, int, str, int]:
    highest = (
        select(templates.c.template_id, func.max(templates.c.version).label("version"))
        .group_by(templates.c.template_id)
        .subquery()
    )
    matches = and_(templates.c.template_id == highest.c.template_id, templates.c.version == highest.c.version)
    return _columns().join(highest, matches)


def _version(row: _TemplateRow) -> TemplateVersion:
    return TemplateVersion(
        template=_template(row.document), version=row.version, created_at=from_micros(row.created_at)
    )


@lru_cache(maxsize=256)
def _template(document: str) -> Template:
    # Versions never change, and reading one again for every batch would compile its Liquid again.
    return parse_template(json.loads(document))
