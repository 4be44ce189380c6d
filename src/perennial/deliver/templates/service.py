"""What an operator does with templates: save and list them."""

from collections.abc import Sequence
from datetime import datetime

from perennial.deliver.templates.model import TemplateVersion
from perennial.deliver.templates.parse import parse_template
from perennial.deliver.templates.ports import Templates
from perennial.kernel.values import Json, canonical


def save_template(templates: Templates, document: Json, *, now: datetime) -> TemplateVersion:
    """Make a document the template's newest version; messages already queued keep theirs.

    The same document again is the same version. Raises InvalidDocument with every mistake.
    """
    template = parse_template(document)
    newest = templates.newest([template.template_id]).get(template.template_id)
    if newest is not None and canonical(newest.template.document) == canonical(template.document):
        return newest
    version = 1 if newest is None else newest.version + 1
    saved = TemplateVersion(template=template, version=version, created_at=now)
    templates.add(saved)
    return saved


def list_templates(templates: Templates) -> Sequence[TemplateVersion]:
    """The newest version of every template, by id."""
    return templates.list_all()
