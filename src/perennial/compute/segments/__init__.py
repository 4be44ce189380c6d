"""A segment is a question about people that is always being answered."""

# The service is imported from `.service`: it needs tags' definitions too, which build on these nouns.
from perennial.compute.segments.model import (
    Cause,
    Kind,
    Membership,
    Schedule,
    Segment,
    SegmentChange,
    SegmentChanges,
    SegmentDraft,
    SegmentFill,
    Shift,
    Size,
    Standing,
)
from perennial.compute.segments.parse import parse_segment
from perennial.compute.segments.ports import SegmentShelf

__all__ = [
    "Cause",
    "Kind",
    "Membership",
    "Schedule",
    "Segment",
    "SegmentChange",
    "SegmentChanges",
    "SegmentDraft",
    "SegmentFill",
    "SegmentShelf",
    "Shift",
    "Size",
    "Standing",
    "parse_segment",
]
