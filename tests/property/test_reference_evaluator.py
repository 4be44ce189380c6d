"""What must hold of every condition and every history, whatever they say."""

from hypothesis import given
from tests.property.strategies import Case, cases

from perennial.kernel.conditions.model import Not
from perennial.testing import evaluate


@given(cases())
def test_every_condition_is_true_or_false_and_never_equals_its_negation(case: Case) -> None:
    for condition in case.conditions:
        for person in case.people:
            verdict = evaluate(condition, person, case.moment)
            assert verdict in (True, False)
            assert evaluate(Not(of=condition), person, case.moment) is not verdict
