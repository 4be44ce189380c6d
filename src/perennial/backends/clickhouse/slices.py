"""A pass over everyone in slices of people, so that its memory depends on a slice and not on everyone.

People's ids are hashes, spread evenly over 63 bits: equal ranges of them hold about equally many people.
Small ids, as tests have them, all lie in the first slice; the answer is the same, only memory is not.
"""

from collections.abc import Mapping, Sequence

from perennial.backends.clickhouse.arrow import integers
from perennial.backends.clickhouse.parameters import Parameter, Sql
from perennial.backends.clickhouse.shards import query_shards
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport

CELLS_OF_A_SLICE = 12_000_000
"""People of a slice times columns about each (0023)."""
IN_SLICE = Sql("profile_id BETWEEN {first:UInt64} AND {last:UInt64}")
_IDS = 2**63
_LAST = 2**64 - 1
_SAMPLE = 256

Slice = Mapping[str, Parameter]
"""The values of `IN_SLICE`."""


def slices_of(transport: Transport, *, columns: int) -> Sequence[Slice]:
    """Ranges of ids, ascending, that together hold everyone; one where the log is small."""
    sample = {"sample": Parameter(type="UInt64", value=_IDS // _SAMPLE)}
    found = query_shards(transport, statement("size_of_log"), sample)
    sizes = zip(integers(found, "rows"), integers(found, "sampled"), strict=True)
    # In a small log the sample says little; but nobody is without a row. The largest shard decides.
    people = max(min(rows, sampled * _SAMPLE) for rows, sampled in sizes)
    return divided(max(1, -(-people * columns // CELLS_OF_A_SLICE)))


def divided(slices: int) -> Sequence[Slice]:
    """All ids in so many ranges of one length; the last is open, both ends of each are inside."""
    firsts = [_IDS * place // slices for place in range(slices)]
    lasts = [*(first - 1 for first in firsts[1:]), _LAST]
    return [
        {"first": Parameter(type="UInt64", value=first), "last": Parameter(type="UInt64", value=last)}
        for first, last in zip(firsts, lasts, strict=True)
    ]
