"""From a segment's document to a draft, or to the list of everything that is wrong with it."""

from perennial.compute.definitions.rules import collect, read_head
from perennial.compute.segments.model import SegmentDraft
from perennial.kernel.conditions import Condition, Constant, Vocabulary, parse_condition
from perennial.kernel.conditions.problems import Problems, check_size
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.ids import SegmentId
from perennial.kernel.values import Json

SEGMENT_KEYS = ("id", "name", "condition")


def parse_segment(document: Json, *, known: Vocabulary | None = None) -> SegmentDraft:
    """The segment a document `{id, name, condition}` defines. Raises InvalidDocument with every mistake."""
    check_size(document, "$")
    problems = Problems()
    found = problems.mapping(document, "$", what="A segment")
    if found is None:
        problems.raise_all()
    problems.unknown_keys(found, SEGMENT_KEYS, "$")
    head = read_head(found, problems)
    condition: Condition = Constant(value=False)
    if "condition" in found:
        try:
            condition = parse_condition(found["condition"], path="$.condition", known=known)
        except InvalidDocument as error:
            collect(error, problems)
    else:
        problems.add("$", "missing_key", "The condition is missing.", 'Add "condition": {…}.')
    if problems.found:
        problems.raise_all()
    return SegmentDraft(segment_id=SegmentId(head.id), name=head.name, condition=condition, document=found)
