"""Promoted paths: the same answers before, while and after they get columns of their own, on every engine."""

from dataclasses import replace
from datetime import timedelta

import pytest

from perennial.backends.clickhouse import ClickHouseEventStore, ClickHousePopulation, Transport
from perennial.backends.clickhouse.groups import Costs
from perennial.backends.clickhouse.parameters import sql
from perennial.backends.clickhouse.paths import column_of
from perennial.backends.clickhouse.promotion import LONGEST, MOST, PromotedPaths
from perennial.collect.events.columns import to_table
from perennial.kernel.conditions import parse_condition
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json
from perennial.testing import HistoryEvent, PersonHistory, an_event, an_identify, at, rows_of

DAY = timedelta(days=1)
ANNA, BOB, CARL, DORA = ProfileId(1), ProfileId(2), ProfileId(3), ProfileId(2**63 - 1)
PATHS = ("amount", "items.sku", "code", "address", "address.city", "it's `here`\\")
TOGETHER = Costs(promotion=0)
APART = Costs(statement=0.0, scan=0.0, maps=0.0, promotion=0)
IN_MEMORY = Costs(arrays=0, promotion=0)

PEOPLE: dict[ProfileId, list[HistoryEvent]] = {
    ANNA: [
        an_event("order_paid", {"amount": 120, "items": [{"sku": "a-1"}, {"sku": "b-2"}], "code": "5"}),
        an_event("order_paid", {"amount": [10, "70", "many"], "code": 5}, ago=DAY),
        an_identify({"address": {"city": "北京"}}, ago=2 * DAY),
        an_identify({"address": "gone"}, ago=DAY),
    ],
    BOB: [
        an_event("order_paid", {"amount": "120", "code": [], "it's `here`\\": "yes"}),
        an_identify({"address": {"city": "上海"}}, ago=DAY),
    ],
    CARL: [
        an_event("order_paid", {"amount": None, "code": "x"}),
        an_identify({"address": {"city": None}}),
    ],
    DORA: [an_event("app_open")],
}
DOCUMENTS: list[Json] = [
    {"did": "order_paid", "where": [{"property": "amount", "is": ">= 70"}]},
    {"did": "order_paid", "where": [{"property": "amount", "set": False}]},
    {"did": "order_paid", "where": [{"property": "amount", "!=": 120}]},
    {"did": "order_paid", "where": [{"property": "items.sku", "starts_with": "b-"}]},
    {"did": "order_paid", "where": [{"property": "it's `here`\\", "is": "yes"}]},
    {"measure": "sum(amount)", "of": "order_paid", "is": ">= 200"},
    {"measure": "median(amount)", "of": "order_paid", "is": ">= 60"},
    {"measure": "distinct(code)", "of": "order_paid", "is": "= 1"},
    {"not": {"did": "order_paid", "where": [{"property": "code", "set": True}]}},
    {"trait": "address.city", "set": False},
    {"trait": "address.city", "in": ["北京", "上海"]},
]
EXPECTED = [
    [ANNA, BOB],
    [CARL],
    [ANNA, CARL],
    [ANNA],
    [BOB],
    [ANNA],
    [ANNA, BOB],
    [ANNA, CARL],
    [BOB, DORA],
    [ANNA, CARL, DORA],
    [BOB],
]


def tell(transport: Transport, person: ProfileId, *events: HistoryEvent, token: str) -> None:
    rows = to_table(rows_of(PersonHistory(profile_id=person, events=events)))
    ClickHouseEventStore(transport).append(rows, token=token)


def tell_all(transport: Transport) -> None:
    for person, events in PEOPLE.items():
        tell(transport, person, *events, token=f"first-{person}")


def who(population: ClickHousePopulation, documents: list[Json]) -> list[list[int]]:
    conditions = [parse_condition(document) for document in documents]
    return [members.tolist() for members in population.members(conditions, at=at())]


@pytest.fixture(params=[TOGETHER, APART, IN_MEMORY], ids=["one-statement", "apart", "in-memory"])
def population(transport: Transport, request: pytest.FixtureRequest) -> ClickHousePopulation:
    return ClickHousePopulation(transport, request.param)


def test_answers_are_the_same_before_and_after_a_promotion(
    transport: Transport, population: ClickHousePopulation
) -> None:
    tell_all(transport)
    assert who(population, DOCUMENTS) == EXPECTED
    population.promote(PATHS, wait=True)
    assert PromotedPaths(transport).look_up() == set(PATHS)
    assert who(population, DOCUMENTS) == EXPECTED


def test_rows_that_are_there_and_rows_that_come_are_answered_alike(
    transport: Transport, population: ClickHousePopulation
) -> None:
    """The first rows get their columns later, the second have them from the start; the answer has both."""
    tell_all(transport)
    population.promote(PATHS[:1], wait=True)
    paid = [an_event("order_paid", {"amount": [300]}, ago=3 * DAY)]
    tell(transport, DORA, *paid, token="second")
    document: Json = {"measure": "max(amount)", "of": "order_paid", "is": ">= 120"}
    assert who(population, [document]) == [[ANNA, BOB, DORA]]


def test_a_path_is_asked_by_its_maps_until_every_part_has_its_columns(
    transport: Transport, population: ClickHousePopulation
) -> None:
    tell_all(transport)
    paths = PromotedPaths(transport)
    # As a promotion that was broken off leaves it: columns, but nothing in them for the rows that are there.
    paths.add(["amount"])
    assert paths.look_up() == set()
    assert who(population, DOCUMENTS) == EXPECTED
    paths.promote(["amount"], wait=True)
    assert paths.look_up() == {"amount"}
    assert who(population, DOCUMENTS) == EXPECTED


def test_columns_that_are_not_filled_yet_say_what_the_maps_say(transport: Transport) -> None:
    """Whoever reads them meanwhile gets them computed."""
    tell_all(transport)
    PromotedPaths(transport).add(["amount"])
    for column, expected in (("number", 120.0), ("list", ["10", "70", "many"])):
        name = column_of("amount", "number" if column == "number" else "list")
        found = transport.query(sql("SELECT <<c>> AS c FROM {database:Identifier}.events", c=name))
        assert expected in found["c"].to_pylist()


def test_promoting_again_changes_nothing(transport: Transport, population: ClickHousePopulation) -> None:
    tell_all(transport)
    population.promote(PATHS, wait=True)
    population.promote(PATHS, wait=True)
    assert PromotedPaths(transport).look_up() == set(PATHS)


def test_merged_people_are_asked_by_columns_too(
    transport: Transport, population: ClickHousePopulation
) -> None:
    tell_all(transport)
    population.promote(PATHS, wait=True)
    ClickHouseEventStore(transport).override({ANNA: DORA}, version=1)
    document: Json = {"measure": "sum(amount)", "of": "order_paid", "is": ">= 200"}
    assert who(population, [document]) == [[DORA]]


def test_of_two_calls_at_one_instant_the_later_message_counts(
    transport: Transport, population: ClickHousePopulation
) -> None:
    """The quick form cannot tell them apart, and asks the exact one."""
    plans = [
        replace(an_identify({"plan": plan}), message_id=f"m-{number}")
        for number, plan in enumerate(("free", "black"))
    ]
    tell(transport, ANNA, *plans, token="anna")
    tell(transport, BOB, *plans[:1], token="bob")
    population.promote(["plan"], wait=True)
    assert who(population, [{"trait": "plan", "is": "black"}, {"trait": "plan", "is": "free"}]) == [
        [ANNA],
        [BOB],
    ]


def test_there_is_room_for_so_many_paths_and_the_first_ones_get_it(transport: Transport) -> None:
    paths = PromotedPaths(transport)
    paths.promote(["x" * (LONGEST + 1), *(f"path_{number}" for number in range(MOST + 5))])
    assert paths.look_up() == {f"path_{number}" for number in range(MOST)}


def test_a_small_log_keeps_its_maps(transport: Transport) -> None:
    tell_all(transport)
    ClickHousePopulation(transport).promote(PATHS, wait=True)
    assert PromotedPaths(transport).look_up() == set()
