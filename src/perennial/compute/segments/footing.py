"""What definitions rest on: the segments and tags each refers to, however far round."""

from collections.abc import Iterable
from typing import NamedTuple

from perennial.compute.definitions.model import Definition
from perennial.compute.segments.model import Segment, SegmentFill, Standing
from perennial.compute.segments.parse import parse_segment
from perennial.compute.tags.model import ClusterTag, RfmTag, ValuesTag
from perennial.compute.tags.parse import parse_tag
from perennial.compute.tags.stages import has_stages
from perennial.kernel.conditions.model import Condition, Rank
from perennial.kernel.conditions.walk import parts, references


class Reference(NamedTuple):
    """A definition that another one names."""

    kind: str
    id: str


class Footing:
    """Everything that segments and tags rest on; each document is read once."""

    def __init__(self, segments: Iterable[Definition], tags: Iterable[Definition]) -> None:
        self._segments = {one.id: one for one in segments}
        self._tags = {one.id: one for one in tags}
        self._direct: dict[Reference, frozenset[Reference]] = {}
        self._whole: dict[str, frozenset[Reference]] = {}
        self._ranked: dict[str, bool] = {}

    def of_segment(self, segment_id: str) -> frozenset[Reference]:
        """What a segment rests on, itself not included."""
        if segment_id not in self._whole:
            found: set[Reference] = set()
            ahead = list(self._named_by(Reference("segment", segment_id)))
            while ahead:
                one = ahead.pop()
                if one not in found:
                    found.add(one)
                    ahead += self._named_by(one)
            self._whole[segment_id] = frozenset(found)
        return self._whole[segment_id]

    def resting_on(self, segment_id: str) -> frozenset[str]:
        """The segments that rest on one."""
        wanted = Reference("segment", segment_id)
        return frozenset(one for one in self._segments if wanted in self.of_segment(one))

    def resting_on_stored(self, tag_id: str) -> frozenset[str]:
        """The segments that rest on a tag's stored values: no event and no border says that these changed."""
        wanted = Reference("tag", tag_id)
        found = self.definition(wanted)
        if found is None or not isinstance(parse_tag(found.document).recipe, ClusterTag):
            return frozenset()
        return frozenset(one for one in self._segments if wanted in self.of_segment(one))

    def definition(self, reference: Reference) -> Definition | None:
        """The definition that a reference means."""
        return (self._segments if reference.kind == "segment" else self._tags).get(reference.id)

    def is_ranked(self, segment_id: str) -> bool:
        """Whether a segment rests on scores, ranks (their cuts move as everyone does) or stored values."""
        if segment_id not in self._ranked:
            itself = Reference("segment", segment_id)
            self._ranked[segment_id] = any(map(self._has_cuts, {itself, *self.of_segment(segment_id)}))
        return self._ranked[segment_id]

    def _has_cuts(self, reference: Reference) -> bool:
        found = self.definition(reference)
        if found is None:
            return False
        if reference.kind == "segment":
            return _has_rank([parse_segment(found.document).condition])
        recipe = parse_tag(found.document).recipe
        if isinstance(recipe, ValuesTag):
            return has_stages(recipe) or _has_rank(recipe.conditions)
        return isinstance(recipe, RfmTag | ClusterTag)

    def _named_by(self, reference: Reference) -> frozenset[Reference]:
        if reference not in self._direct:
            self._direct[reference] = self._read(reference)
        return self._direct[reference]

    def _read(self, reference: Reference) -> frozenset[Reference]:
        found = self.definition(reference)
        if found is None:
            return frozenset()
        if reference.kind == "segment":
            return _named_in([parse_segment(found.document).condition])
        recipe = parse_tag(found.document).recipe
        return _named_in(recipe.conditions if isinstance(recipe, ValuesTag) else [])


def signature(segments: Iterable[Definition], tags: Iterable[Definition]) -> object:
    """Another whenever a definition has another version."""
    return tuple((one.id, one.version) for one in segments), tuple((one.id, one.version) for one in tags)


def is_outdated(
    segment: Segment, fill: SegmentFill | None, footing: Footing, standing: Standing | None = None
) -> bool:
    """Whether a live segment was last answered before something that it names was defined as it is now.

    With its standing: or asked, where it failed.
    """
    if fill is None or segment.kind != "live":
        return False
    failed_at = standing.failed_at if standing else None
    asked_at = max(fill.refreshed_at, failed_at or fill.refreshed_at)
    named = map(footing.definition, footing.of_segment(segment.segment_id))
    return any(one is not None and one.created_at > asked_at for one in named)


def is_settled(segment: Segment, fill: SegmentFill | None) -> bool:
    """Whether no answer changes a segment any more."""
    if segment.kind == "frozen":
        return fill is not None and fill.version == segment.version
    return segment.kind == "list"


def _has_rank(conditions: Iterable[Condition]) -> bool:
    return any(isinstance(part, Rank) for condition in conditions for part in parts(condition))


def _named_in(conditions: Iterable[Condition]) -> frozenset[Reference]:
    found: set[Reference] = set()
    for condition in conditions:
        tags, segments = references(condition)
        found |= {Reference("tag", one) for one in tags} | {Reference("segment", one) for one in segments}
    return frozenset(found)
