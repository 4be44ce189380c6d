"""Insights on every engine: the golden cases, and that every number is the length of its list."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

import numpy as np
import pytest
from tests.golden import insight_cases as golden
from tests.golden.insight_cases import Case, Happened

from perennial.backends.clickhouse import ClickHouseEventStore, ClickHousePopulation, Transport
from perennial.backends.clickhouse.insights import ClickHouseInsightLog
from perennial.collect.events.columns import EventRow, to_table
from perennial.compute.profiles.ports import Quantities, Quantity
from perennial.evaluate.insights import Asked, Insights, Labelled
from perennial.evaluate.insights.ports import Ids
from perennial.kernel.conditions import Condition, Moment, Vocabulary
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.ids import ProfileId, derive_number
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

NOW = datetime(2020, 12, 24, 12, tzinfo=UTC)
Numbers = Mapping[str, Json]


class People:
    """What is known of people besides the log: who meets a condition, and their numbers."""

    def __init__(self, population: ClickHousePopulation) -> None:
        self._population = population

    def members(self, condition: Condition, at: Moment) -> Ids:
        return self._population.members([condition], at=at)[0]

    def quantities(self, wanted: Sequence[Quantity], at: Moment) -> Quantities:
        return self._population.quantities(wanted, at=at)

    def tag(self, tag_id: str, at: Moment) -> Labelled:
        raise LookupError(tag_id, at)


class Analyst:
    """Asks insights about what was written down."""

    def __init__(self, transport: Transport) -> None:
        self._store = ClickHouseEventStore(transport)
        self._insights = Insights(ClickHouseInsightLog(transport))
        self._people = People(ClickHousePopulation(transport))
        self._number = 0

    def happens(self, events: Sequence[Happened]) -> None:
        merges: dict[ProfileId, ProfileId] = {}
        rows: list[EventRow] = []
        for event in events:
            self._number += 1
            person, profile = _profile(event.person), _profile(event.alias or event.person)
            if profile != person:
                merges[profile] = person
            texts = {"page": event.page} if event.page else {}
            rows.append(
                EventRow(
                    profile_id=profile,
                    occurred_at=event.at,
                    received_at=event.at,
                    name=event.event,
                    kind="track",
                    origin="source",
                    source="web",
                    message_id=f"m{self._number}",
                    texts=texts,
                )
            )
        self._store.append(to_table(rows), token=f"batch{self._number}")
        if merges:
            self._store.override(merges, version=1)

    def asks(self, spec: Json, *, zone: str = "UTC") -> Numbers:
        return self._insights.run(self._asked(spec, zone))

    def who(self, spec: Json, cell: Json, *, zone: str = "UTC") -> tuple[int, float]:
        """How many make up a number, and with how much together."""
        found = self._insights.people(self._asked(spec, zone), cell)
        assert (np.diff(found.people.astype(np.float64)) > 0).all()
        amount = float(len(found.people)) if found.amounts is None else float(np.nansum(found.amounts))
        return len(found.people), amount

    def _asked(self, spec: Json, zone: str) -> Asked:
        return Asked(
            document=spec,
            known=self._people,
            vocabulary=Vocabulary(),
            zone=Zone(name=zone),
            now=NOW,
        )


def _profile(name: str) -> ProfileId:
    return ProfileId(derive_number("person", name))


@pytest.fixture
def analyst(transport: Transport) -> Analyst:
    return Analyst(transport)


def rows(numbers: Numbers, key: str) -> Sequence[Numbers]:
    return cast("Sequence[Numbers]", numbers[key])


def numbered_cells(found: Json) -> Iterator[tuple[int, Json]]:
    """Every count of people in a result with its cell."""
    if isinstance(found, Mapping):
        people = found.get("people", found.get("value"))
        if "cell" in found and isinstance(people, int):
            yield people, found["cell"]
        for key, value in found.items():
            if not key.endswith("cell"):
                yield from numbered_cells(value)
    elif isinstance(found, Sequence) and not isinstance(found, str):
        for one in found:
            yield from numbered_cells(one)


def assert_lists(analyst: Analyst, spec: Json, found: Numbers) -> None:
    for people, cell in numbered_cells({key: found[key] for key in found if key not in ("spec", "range")}):
        assert analyst.who(spec, cell)[0] == people, cell


def named(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", golden.RETENTION, ids=named)
def test_retention(analyst: Analyst, case: Case) -> None:
    analyst.happens(case.events)
    found = analyst.asks(case.spec)
    cohorts = rows(found, "cohorts")
    assert [[cell["value"] for cell in rows(cohort, "cells")] for cohort in cohorts] == case.expected
    assert_lists(analyst, case.spec, found)


@pytest.mark.parametrize("case", golden.LIFECYCLE, ids=named)
def test_lifecycle(analyst: Analyst, case: Case) -> None:
    analyst.happens(case.events)
    found = analyst.asks(case.spec)
    intervals = rows(found, "intervals")
    statuses = ("new", "returning", "resurrecting", "dormant")
    assert {status: [one[status] for one in intervals] for status in statuses} == case.expected
    for one in intervals:
        for status, cell in cast("Numbers", one["cells"]).items():
            assert analyst.who(case.spec, cell)[0] == abs(cast("int", one[status]))


@pytest.mark.parametrize("case", golden.STICKINESS, ids=named)
def test_stickiness(analyst: Analyst, case: Case) -> None:
    analyst.happens(case.events)
    found = analyst.asks(case.spec)
    counts = {one["intervals"]: one["people"] for one in rows(found, "buckets") if one["people"]}
    assert counts == case.expected
    assert_lists(analyst, case.spec, found)


@pytest.mark.parametrize("case", [*golden.FUNNELS, *golden.WINDOW_FUNNELS], ids=named)
def test_funnels(analyst: Analyst, case: Case) -> None:
    analyst.happens(case.events)
    found = analyst.asks(case.spec)
    assert [step["people"] for step in rows(found, "steps")] == case.expected
    assert_lists(analyst, case.spec, found)


@pytest.mark.parametrize(("start", "end"), [(1, 1), (1, 2), (2, 1), (0, 2)])
def test_an_exclusion_lies_between_two_steps(analyst: Analyst, start: int, end: int) -> None:
    spec = golden.funnel("SP", exclude=[{"event": "x", "from": start, "to": end}])
    with pytest.raises(InvalidDocument) as refused:
        analyst.asks(spec)
    assert refused.value.path == "$.exclude[0]"


@pytest.mark.parametrize("case", golden.PATHS, ids=named)
def test_paths(analyst: Analyst, case: Case) -> None:
    analyst.happens(case.events)
    found = analyst.asks(case.spec)
    edges = {(edge["from"], edge["to"]): edge["times"] for edge in rows(found, "edges")}
    assert edges == case.expected
    assert_lists(analyst, case.spec, found)


def test_events_of_one_instant_fill_one_step_each(analyst: Analyst) -> None:
    """W14 and W16: one event does not fill two steps; three of one instant fill three."""
    analyst.happens(golden.timed(p1=[("A", 0)], p2=[("A", 0), ("A", 0)]))
    assert [step["people"] for step in rows(analyst.asks(golden.funnel("AA")), "steps")] == [2, 1]


def test_a_day_of_a_clock_change_has_23_hours(analyst: Analyst) -> None:
    spring = datetime(2020, 3, 28, 23, tzinfo=UTC)
    analyst.happens(
        [
            Happened(person="anna", event="open", at=spring + timedelta(hours=hours))
            for hours in (-1, 0, 22, 23)
        ]
    )
    spec: Json = {
        "kind": "trend",
        "series": [{"event": "open"}],
        "range": {"from": "2020-03-28", "to": "2020-03-30"},
    }
    points = rows(rows(analyst.asks(spec, zone="Europe/Berlin"), "series")[0], "points")
    assert [point["value"] for point in points] == [1, 2, 1]
