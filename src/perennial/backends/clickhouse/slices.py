"""A pass over everyone in slices of people, so that its memory depends on a slice and not on everyone.

People's ids are hashes, spread evenly over 63 bits: equal ranges of them hold about equally many people.
Small ids, as tests have them, all lie in the first slice; the answer is the same, only memory is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from perennial.backends.clickhouse.arrow import integers
from perennial.backends.clickhouse.parameters import Parameter, Sql
from perennial.backends.clickhouse.shards import query_shards
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.subjects import Subject, subjects_of_rows
from perennial.backends.clickhouse.transport import Transport

CELLS_OF_A_SLICE = 6_000_000
"""People of a slice times columns about each (0024): statements for every processor hold so many at once."""
IN_SLICE = Sql("profile_id BETWEEN {first:UInt64} AND {last:UInt64}")
_IDS = 2**63
_LAST = 2**64 - 1
_SAMPLE = 256

Slice = Mapping[str, Parameter]
"""The values of `IN_SLICE`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSize:
    """How much there is to ask, about."""

    rows: int
    """In all shards."""
    people: int
    """In the largest shard."""
    rows_of: Mapping[Subject, int]
    """Of each kind of rows, as a sample of people has them."""


def size_of_log(transport: Transport) -> LogSize:
    """How many rows and people there are, about."""
    sample = {"sample": Parameter(type="UInt64", value=_IDS // _SAMPLE)}
    found = query_shards(transport, statement("size_of_log"), sample)
    sizes = list(zip(integers(found, "rows"), integers(found, "sampled"), strict=True))
    rows = sum(rows for rows, _ in sizes)
    kinds = query_shards(transport, statement("sampled_rows"), sample).to_pylist()
    counted: dict[Subject, int] = {}
    for kind in kinds:
        for subject in subjects_of_rows(kind["kind"], kind["name"], is_activity=bool(kind["is_activity"])):
            counted[subject] = counted.get(subject, 0) + kind["rows"]
    sampled = sum(kind["rows"] for kind in kinds) or 1
    return LogSize(
        rows=rows,
        # In a small log the sample says little; but nobody is without a row.
        people=max(min(rows, sampled * _SAMPLE) for rows, sampled in sizes),
        rows_of={subject: count * rows // sampled for subject, count in counted.items()},
    )


def slices_of(people: int, *, columns: int) -> Sequence[Slice]:
    """Ranges of ids, ascending, that together hold everyone; one where people are few."""
    return divided(how_many(people, columns=columns))


def how_many(people: int, *, columns: int) -> int:
    """In how many slices people's numbers are few enough."""
    return max(1, -(-people * columns // CELLS_OF_A_SLICE))


def divided_further(part: Slice, pieces: int) -> Sequence[Slice]:
    """A slice in so many ranges of about one length."""
    first, last = part["first"].value, part["last"].value
    if pieces <= 1 or not isinstance(first, int) or not isinstance(last, int):
        return [part]
    length = min(last, _IDS - 1) + 1 - first
    firsts = [first + length * place // pieces for place in range(pieces)]
    lasts = [*(first - 1 for first in firsts[1:]), last]
    return [_between(*ends) for ends in zip(firsts, lasts, strict=True)]


def divided(slices: int) -> Sequence[Slice]:
    """All ids in so many ranges of one length; the last is open, both ends of each are inside."""
    firsts = [_IDS * place // slices for place in range(slices)]
    lasts = [*(first - 1 for first in firsts[1:]), _LAST]
    return [_between(first, last) for first, last in zip(firsts, lasts, strict=True)]


def _between(first: int, last: int) -> Slice:
    return {"first": Parameter(type="UInt64", value=first), "last": Parameter(type="UInt64", value=last)}
