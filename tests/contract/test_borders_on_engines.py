"""Every engine draws the borders of related events where the language does, and finds who ranks highest."""

import pytest
from tests.property.borders import BORDERS

from perennial.backends.clickhouse import ClickHouseEventStore, ClickHousePopulation, Transport
from perennial.backends.clickhouse.groups import Costs
from perennial.collect.events.columns import to_table
from perennial.kernel.conditions.moment import Ask
from perennial.kernel.ids import ProfileId
from perennial.testing import a_person, at, rows_of
from perennial.testing.builders import NOON

APART = Costs(statement=0.0, scan=0.0, maps=0.0)


@pytest.mark.parametrize("costs", [None, APART], ids=["together", "apart"])
def test_a_border_is_where_the_language_says(transport: Transport, costs: Costs | None) -> None:
    people = [a_person(*border.events, profile_id=7 * place + 1) for place, border in enumerate(BORDERS)]
    rows = [row for person in people for row in rows_of(person)]
    ClickHouseEventStore(transport).append(to_table(rows), token="t")
    population = ClickHousePopulation(transport, costs)
    conditions = [border.condition for border in BORDERS]
    members = population.members(conditions, at=at())
    asks = [Ask(profile_id=ProfileId(person.profile_id), as_of=NOON) for person in people]
    verdicts = population.verdicts(conditions, asks, at=at())
    for place, (border, person) in enumerate(zip(BORDERS, people, strict=True)):
        assert (person.profile_id in members[place].tolist()) is border.holds, border
        assert verdicts[place][place] is border.holds, border
