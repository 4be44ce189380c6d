"""A random log with a dozen questions about it, and what the reference evaluator answers."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from tests.property.strategies import SPANS, conditions, moments, people

from perennial.backends.clickhouse import ClickHouseEventStore, ClickHousePopulation, Transport
from perennial.backends.clickhouse.groups import Costs
from perennial.collect.events.columns import EventRow, to_table
from perennial.compute.profiles.ports import Quantity
from perennial.kernel.conditions.model import Aggregate, Condition, EventPattern, Measure
from perennial.kernel.conditions.moment import Ask, Moment
from perennial.kernel.ids import ProfileId
from perennial.testing import PersonHistory, evaluate, exists, measure_value, rows_of

CONDITIONS = 12
"""Questions of one example: they share one pass, so that sharing is tested too."""
APART = Costs(statement=0.0, scan=0.0, maps=0.0, promotion=0)
"""With these, every kind of rows is asked in a statement of its own, as it is where there are many rows."""
IN_MEMORY = Costs(arrays=0, promotion=0)
"""With these, rows are counted in memory as far as their paths are promoted."""
LARGE = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
"""An example is a whole log and a dozen questions, on purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """People, some of them merged into others, and when they are asked about."""

    moment: Moment
    people: tuple[PersonHistory, ...]
    conditions: tuple[Condition, ...]
    merges: dict[ProfileId, ProfileId]
    back: tuple[timedelta, ...]

    @property
    def united(self) -> list[PersonHistory]:
        """People as they count: a merged one's events are the kept one's."""
        return [
            replace(
                person,
                events=tuple(
                    event
                    for other in self.people
                    if self.kept(other.profile_id) == person.profile_id
                    for event in other.events
                ),
            )
            for person in self.people
            if self.kept(person.profile_id) == person.profile_id
        ]

    def kept(self, profile_id: ProfileId) -> ProfileId:
        """Who a profile counts as; chains lead to the last."""
        while profile_id in self.merges:
            profile_id = self.merges[profile_id]
        return profile_id


@st.composite
def logs(
    draw: st.DrawFn, *, asked: SearchStrategy[Condition] | None = None, fewest: int = 1, most: int = 4
) -> Log:
    moment = draw(moments())
    found = draw(people(moment, fewest=fewest, count=most))
    ids = [person.profile_id for person in found]
    # Merges lead upwards, so that there are chains and no loops.
    pairs = [(low, high) for low in ids for high in ids if low < high]
    merges = draw(st.lists(st.sampled_from(pairs), max_size=2)) if pairs else []
    backs = st.sampled_from((timedelta(), *SPANS))
    return Log(
        moment=moment,
        people=found,
        conditions=tuple(draw(st.lists(asked or conditions(), min_size=CONDITIONS, max_size=CONDITIONS))),
        merges=dict(merges),
        back=tuple(draw(st.lists(backs, min_size=len(ids) + 1, max_size=2 * most))),
    )


def written(log: Log, transport: Transport, *, costs: Costs | None = None) -> ClickHousePopulation:
    """The log in an empty workspace: two batches, the second with what is older, and its merges."""
    store = ClickHouseEventStore(transport)
    rows = sorted((row for person in log.people for row in rows_of(person)), key=_by_time)
    store.append(to_table(rows[len(rows) // 2 :]), token="newer")
    store.append(to_table(rows[: len(rows) // 2]), token="older")
    for version, (source, target) in enumerate(log.merges.items(), start=1):
        store.override({source: target}, version=version)
    return ClickHousePopulation(transport, costs)


def check_together(population: ClickHousePopulation, log: Log) -> None:
    """All questions in one pass."""
    together = population.members(log.conditions, at=log.moment)
    verdicts = population.verdicts(log.conditions, asks_of(log), at=log.moment)
    for place, condition in enumerate(log.conditions):
        assert together[place].tolist() == expected_members(condition, log), condition
        for ask, verdict in zip(asks_of(log), verdicts, strict=True):
            assert verdict[place] == expected_verdict(condition, ask, log), (condition, ask)


def check_alone(population: ClickHousePopulation, log: Log) -> None:
    """Alone, a condition may leave rows unread that another of the pass would need."""
    for condition in log.conditions[:4]:
        assert population.members([condition], at=log.moment)[0].tolist() == expected_members(condition, log)
        assert population.count(condition, at=log.moment) == len(expected_members(condition, log))
        alone = population.verdicts([condition], asks_of(log), at=log.moment)
        assert alone == [(expected_verdict(condition, ask, log),) for ask in asks_of(log)]


def check_quantities(population: ClickHousePopulation, log: Log) -> None:
    """The numbers themselves."""
    wanted = [_quantity(condition) for condition in log.conditions]
    found = population.quantities(wanted, at=log.moment)
    persons = [person for person in log.united if exists(person, log.moment)]
    assert found.profile_ids.tolist() == [person.profile_id for person in persons]
    for person, values in zip(persons, found.values.tolist(), strict=True):
        for quantity, value in zip(wanted, values, strict=True):
            expected = measure_value(
                quantity.aggregate, quantity.pattern, quantity.window, person, log.moment
            )
            assert value == pytest.approx(float("nan") if expected is None else expected, nan_ok=True)


def expected_members(condition: Condition, log: Log) -> list[int]:
    return [
        person.profile_id
        for person in log.united
        if exists(person, log.moment) and evaluate(condition, person, log.moment)
    ]


def asks_of(log: Log) -> list[Ask]:
    """Every profile and a stranger, each at an instant of its own, some people more than once."""
    known = [person.profile_id for person in log.people]
    asked = [*known, ProfileId(77), *known]
    return [
        Ask(profile_id=profile_id, as_of=log.moment.as_of - back)
        for profile_id, back in zip(asked, log.back, strict=False)
    ]


def expected_verdict(condition: Condition, ask: Ask, log: Log) -> bool:
    persons = {person.profile_id: person for person in log.united}
    person = persons.get(log.kept(ask.profile_id), PersonHistory(profile_id=ask.profile_id))
    return evaluate(condition, person, replace(log.moment, as_of=ask.as_of))


def _by_time(row: EventRow) -> tuple[datetime, str]:
    return row.occurred_at, row.message_id


def _quantity(condition: Condition) -> Quantity:
    """The number a drawn measure is about; any other condition stands for the count of all activity."""
    if isinstance(condition, Measure):
        return Quantity(aggregate=condition.aggregate, pattern=condition.pattern, window=condition.window)
    return Quantity(aggregate=Aggregate(kind="count"), pattern=EventPattern(event="*"))
