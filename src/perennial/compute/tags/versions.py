"""Versions of a tag, and how long what they say holds. Pure."""

from datetime import datetime

from perennial.compute.definitions.model import Definition
from perennial.compute.tags.model import Tag, TagDraft, TagFill
from perennial.compute.tags.parse import parse_tag


def read_tag(definition: Definition) -> Tag:
    """A stored version as a tag, its recipe read."""
    draft = parse_tag(definition.document)
    return tag_of(draft, version=definition.version, created_at=definition.created_at)


def is_expired(tag: Tag, fill: TagFill | None, now: datetime) -> bool:
    """Whether a tag's values are too old to be shown."""
    expires = tag.upkeep.expires
    return expires is not None and fill is not None and fill.refreshed_at + expires <= now


def tag_of(draft: TagDraft, *, version: int, created_at: datetime) -> Tag:
    """A draft as a version of its tag."""
    return Tag(
        tag_id=draft.tag_id,
        version=version,
        name=draft.name,
        dimension=draft.dimension,
        recipe=draft.recipe,
        upkeep=draft.upkeep,
        document=draft.document,
        created_at=created_at,
    )
