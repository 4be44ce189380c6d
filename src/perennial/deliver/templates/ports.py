"""What templates need of the state store."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from perennial.deliver.templates.model import TemplateVersion
from perennial.kernel.ids import TemplateId


class Templates(Protocol):
    """Every version of every template; versions never change."""

    def add(self, saved: TemplateVersion) -> None:
        """Keep a new version."""
        ...

    def newest(self, template_ids: Sequence[TemplateId]) -> Mapping[TemplateId, TemplateVersion]:
        """The newest version of each of these; unknown ones are absent."""
        ...

    def versions(
        self, wanted: Sequence[tuple[TemplateId, int]]
    ) -> Mapping[tuple[TemplateId, int], TemplateVersion]:
        """These very versions; those that do not exist are absent."""
        ...

    def list_all(self) -> Sequence[TemplateVersion]:
        """The newest version of every template, by id."""
        ...
