"""A template is a text with holes that becomes one person's message."""

from perennial.deliver.templates.model import (
    VARIABLES,
    NotRendered,
    Rendered,
    Template,
    TemplateVersion,
    Wording,
)
from perennial.deliver.templates.parse import parse_template
from perennial.deliver.templates.ports import Templates
from perennial.deliver.templates.rules import render, wording_for
from perennial.deliver.templates.service import list_templates, save_template

__all__ = [
    "VARIABLES",
    "NotRendered",
    "Rendered",
    "Template",
    "TemplateVersion",
    "Templates",
    "Wording",
    "list_templates",
    "parse_template",
    "render",
    "save_template",
    "wording_for",
]
