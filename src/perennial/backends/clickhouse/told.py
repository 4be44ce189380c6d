"""What a question says of people: their ids, and the verdict of each leaf about each of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from perennial.backends.clickhouse.absence import leaf_over_nothing
from perennial.backends.clickhouse.algebra import Leaf
from perennial.backends.clickhouse.arrow import as_array

Ids = NDArray[np.uint64]
Verdicts = NDArray[np.bool_]

_IDS = np.dtype(np.uint64)
_VERDICTS = np.dtype(np.bool_)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """People, ascending, and each leaf's verdicts about them; of others a leaf is what it is over nothing."""

    people: Ids
    verdicts: Sequence[Verdicts]

    def about(self, people: Ids) -> "Told":
        """The same of these people only."""
        chosen = np.isin(self.people, people)
        return Told(people=self.people[chosen], verdicts=[verdicts[chosen] for verdicts in self.verdicts])

    def corrected(self, doubts: Verdicts, exact: "Told", leaves: Sequence[Leaf]) -> "Told":
        """The same with what is said exactly of the people in doubt."""
        places = np.searchsorted(self.people, exact.people)
        for leaf, verdicts, corrected in zip(leaves, self.verdicts, exact.verdicts, strict=True):
            verdicts[doubts] = leaf_over_nothing(leaf)
            verdicts[places] = corrected
        return self


def one_after_the_other(parts: Sequence[Told]) -> Told:
    """What was said of people in several parts, ascending, of at least one."""
    if len(parts) == 1:
        return parts[0]
    verdicts = zip(*(part.verdicts for part in parts), strict=True)
    return Told(
        people=np.concatenate([part.people for part in parts]),
        verdicts=[np.concatenate(theirs) for theirs in verdicts],
    )


def nobody(leaves: Sequence[Leaf]) -> Told:
    """What is said where there is nobody."""
    return Told(people=np.empty(0, dtype=_IDS), verdicts=[np.empty(0, dtype=_VERDICTS) for _ in leaves])


def told_by(found: pa.Table, leaves: Sequence[Leaf]) -> Told:
    """A statement's answer: `profile_id`, and `v0`, `v1` … for the leaves."""
    found = by_person(found)
    verdicts = [as_array(found, f"v{place}", _VERDICTS) for place in range(len(leaves))]
    return Told(people=as_array(found, "profile_id", _IDS), verdicts=verdicts)


def by_person(found: pa.Table) -> pa.Table:
    """Answers in ascending order of profile: several shards' answers come one after the other."""
    ids = as_array(found, "profile_id", _IDS)
    if (ids[:-1] <= ids[1:]).all():
        return found
    return found.take(pa.array(np.argsort(ids, kind="stable")))
