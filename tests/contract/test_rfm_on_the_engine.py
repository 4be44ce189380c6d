"""RFM on the event store: stored groups, and conditions on them, agree about every single person."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection
from tests.services.state import OpenStore

from perennial.backends.clickhouse import ClickHouseEventStore, ClickHousePopulation, Transport
from perennial.backends.sql.segments import SqlSegments
from perennial.backends.sql.state import StateStore
from perennial.backends.sql.tags import SqlTags
from perennial.collect.events.columns import to_table
from perennial.compute.definitions.service import LiveDefinitions
from perennial.compute.tags import RFM_GROUPS
from perennial.compute.tags.service import Tags
from perennial.kernel.conditions import parse_condition, resolve
from perennial.kernel.ids import ProfileId, TagId, bucket
from perennial.kernel.values import Json
from perennial.testing import PersonHistory, an_event, an_identify, at, rows_of
from perennial.testing.population import MemoryPopulation

RFM: Json = {"id": "rfm", "rfm": {"of": "order_paid", "within": "90d"}}
MISSING: Json = {"id": "rfm", "rfm": {"of": "order_paid", "m": "avg(tip)", "quantiles": 4}}
PEOPLE = 120


class State:
    """The part of a state transaction that segments and tags need."""

    def __init__(self, connection: Connection) -> None:
        self.segments = SqlSegments(connection)
        self.tags = SqlTags(connection)


@pytest.fixture
def state(open_new: OpenStore) -> Iterator[State]:
    store = StateStore(open_new("state"))
    with store.begin() as transaction:
        yield State(transaction.connection)


def a_buyer(number: int) -> PersonHistory:
    """A person of uneven sums and times, many of them equal to somebody else's."""
    if number % 10 == 0:
        return PersonHistory(profile_id=ProfileId(number), events=(an_identify({"city": "x"}),))
    orders = 1 + int(bucket(str(number), salt="orders") * 6)
    events = [
        an_event(
            "order_paid",
            {"amount": round(bucket(f"{number}.{order}", salt="amount") * 100, 2), **_tip(number)},
            ago=timedelta(hours=int(bucket(f"{number}.{order}", salt="ago") * 24 * 100)),
        )
        for order in range(orders)
    ]
    return PersonHistory(profile_id=ProfileId(number), events=tuple(events))


def _tip(number: int) -> dict[str, Json]:
    return {} if number % 3 == 0 else {"tip": number % 7}


@pytest.mark.parametrize("document", [RFM, MISSING])
def test_conditions_on_groups_find_exactly_the_people_stored_under_them(
    document: Json, state: State, transport: Transport
) -> None:
    people = [a_buyer(number) for number in range(1, PEOPLE + 1)]
    rows = [row for person in people for row in rows_of(person)]
    ClickHouseEventStore(transport).append(to_table(rows), token="t")
    population = ClickHousePopulation(transport)
    Tags().create(document, state=state, now=at().as_of)
    answers = Tags().ask(at=at(), population=population, state=state)
    [expected] = Tags().ask(at=at(), population=MemoryPopulation(people), state=state).answers
    assert list(answers.answers[0].column.rows()) == list(expected.column.rows())

    Tags().settle(answers, state=state)
    stored = state.tags.page(TagId("rfm"), limit=PEOPLE)
    assert 0 < len(stored) < PEOPLE
    definitions = LiveDefinitions(state, at=at(), population=population)
    groups = [group.id for group in RFM_GROUPS.values()]
    asked = [resolve(parse_condition({"tag": "rfm", "is": group}), definitions) for group in groups]
    nobody_s = resolve(parse_condition({"tag": "rfm", "set": False}), definitions)
    *members, without = population.members([*asked, nobody_s], at=at())
    for group, found in zip(groups, members, strict=True):
        assert found.tolist() == sorted(it.person.profile_id for it in stored if it.value == group)
    assert len(without) == PEOPLE - len(stored)
