"""Which paths conditions look at, and which of them most."""

from perennial.kernel.conditions import parse_condition
from perennial.kernel.conditions.walk import paths_in, paths_most_asked


def test_a_condition_looks_at_the_paths_of_its_tests_and_aggregates_and_at_the_parents_of_a_trait() -> None:
    condition = parse_condition(
        {
            "all": [
                {
                    "measure": "sum(amount)",
                    "of": {"event": "paid", "where": [{"property": "city", "is": "x"}]},
                    "is": ">= 1",
                },
                {"not": {"trait": "address.city", "is": "上海"}},
                {"did": "*"},
            ]
        }
    )
    assert paths_in(condition) == ["amount", "city", "address.city", "address"]


def test_the_path_that_most_conditions_look_at_comes_first_however_often_one_of_them_does() -> None:
    amount = {"measure": "sum(amount)", "of": "paid", "is": ">= 1"}
    city = {"did": "paid", "where": [{"property": "city", "is": "x"}]}
    conditions = [
        parse_condition(document) for document in ({"any": [amount, amount, amount]}, city, {"not": city})
    ]
    assert paths_most_asked(conditions) == ["city", "amount"]
