"""The reference evaluator at the borders of the forms that relate events to each other."""

import pytest
from tests.property.borders import BORDERS, Border

from perennial.testing import a_person, at, evaluate


@pytest.mark.parametrize("border", BORDERS, ids=lambda it: f"{next(iter(it.document))}: {it.says}")
def test_a_border_is_where_the_language_says(border: Border) -> None:
    assert evaluate(border.condition, a_person(*border.events), at()) is border.holds
