"""Telling equal rows apart."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from perennial.collect.imports.ordinals import Ordinals
from perennial.collect.imports.portion import derived_ids


@given(st.lists(st.lists(st.integers(0, 5), min_size=1), min_size=1, max_size=8))
def test_each_row_is_numbered_among_its_equals_over_the_whole_file(batches: list[list[int]]) -> None:
    ordinals, counted = Ordinals(), Counter[int]()
    for batch in batches:
        expected: list[int] = []
        for row in batch:
            expected.append(counted[row])
            counted[row] += 1
        assert ordinals.of(np.array(batch, dtype=np.uint64)).tolist() == expected


def test_equal_rows_get_ids_of_their_own_and_the_same_ones_again() -> None:
    rows = [b"a", b"b", b"a"]
    ids = derived_ids(rows, Ordinals())
    assert len(set(ids)) == 3
    assert ids == derived_ids(rows, Ordinals())
    assert ids[2] == f"{ids[0]}-1"
