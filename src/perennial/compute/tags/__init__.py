"""A tag is something we compute about people, by a rule that is kept version by version."""

# The service is imported from `.service`: it needs segments' definitions too, which build on these nouns.
from perennial.compute.tags.model import Cuts, RfmTag, Tag, TagColumn, TagDraft, TagFill, TagValue
from perennial.compute.tags.parse import parse_tag
from perennial.compute.tags.ports import TagShelf
from perennial.compute.tags.rules import RFM_GROUPS

__all__ = [
    "RFM_GROUPS",
    "Cuts",
    "RfmTag",
    "Tag",
    "TagColumn",
    "TagDraft",
    "TagFill",
    "TagShelf",
    "TagValue",
    "parse_tag",
]
