"""The past as a rehearsal hears it: in the order in which it became known, a day at a time."""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import cast

import numpy as np
import pyarrow as pa

from perennial.backends.clickhouse.arrow import as_array, integers
from perennial.backends.clickhouse.overrides import KnownMerges
from perennial.backends.clickhouse.parameters import Binder, Parameter, Sql, joined, sql
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport
from perennial.decide.journeys import Occurrence
from perennial.decide.policies import Taken
from perennial.decide.rehearsals import Heard
from perennial.kernel.events import ANY_EVENT, RowKind
from perennial.kernel.ids import JourneyId, ProfileId
from perennial.kernel.values import Json, rebuild

AT_ONCE = timedelta(days=1)
"""So much of the past is held in memory at a time."""
_IDS = np.dtype(np.uint64)
_INSTANT = "DateTime64(6, 'UTC')"


class ClickHousePast:
    """`runtime.rehearsing.ports.Past` on a ClickHouse of any kind."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._merges = KnownMerges(transport)

    def count(self, names: Collection[str], *, start: datetime, end: datetime) -> int:
        """How many events there are to hear."""
        binder = Binder()
        rows = _rows(binder, names, ())
        asked = {**binder.parameters, **_span(start, end)}
        return integers(self._transport.query(statement("count_heard", rows=rows), asked), "events")[0]

    def heard(
        self,
        names: Collection[str],
        *,
        start: datetime,
        end: datetime,
        besides: Collection[JourneyId] = (),
    ) -> Iterator[Heard]:
        """Events as they came in, each under the profile its person has today."""
        binder = Binder()
        text = statement("heard", rows=_rows(binder, names, besides))
        since = start
        while names and since < end:
            upto = min(since + AT_ONCE, end)
            found = self._transport.query(text, {**binder.parameters, **_span(since, upto)})
            people = self._people(found)
            rows = cast("list[Mapping[str, object]]", found.to_pylist())
            yield from (_heard(row, person) for row, person in zip(rows, people, strict=True))
            since = upto

    def sent(
        self, *, since: datetime, end: datetime, besides: Collection[JourneyId]
    ) -> Iterator[tuple[ProfileId, Taken]]:
        """Messages that really went out."""
        asked = {
            **_span(since, end),
            "besides": Parameter(type="Array(String)", value=[str(one) for one in besides]),
        }
        found = self._transport.query(statement("sent_in_truth"), asked)
        rows = cast("list[Mapping[str, object]]", found.to_pylist())
        for row, person in zip(rows, self._people(found), strict=True):
            at = cast("datetime", row["occurred_at"])
            yield person, Taken(channel=str(row["channel"]), topic=str(row["topic"]), at=at)

    def _people(self, found: pa.Table) -> list[ProfileId]:
        people = as_array(found, "profile_id", _IDS)
        merged = self._merges.now()
        has_several = merged.has(people)
        people[has_several] = merged.people_of(people[has_several])
        return [ProfileId(one) for one in people.tolist()]


def _rows(binder: Binder, names: Collection[str], besides: Collection[JourneyId]) -> Sql:
    """Events of people, and of ours those that did not come of the journeys that are rehearsed."""
    mine = binder.bind("Array(String)", [str(one) for one in besides])
    rows = [
        sql(
            "(kind IN ('track', 'page', 'screen')"
            " OR (kind = 'perennial' AND NOT has(<<mine>>, texts['journey'])))",
            mine=mine,
        )
    ]
    if ANY_EVENT not in names:
        rows.append(sql("name IN <<names>>", names=binder.bind("Array(String)", sorted(names))))
    return joined(" AND ", rows)


def _span(since: datetime, upto: datetime) -> dict[str, Parameter]:
    return {"since": Parameter(type=_INSTANT, value=since), "upto": Parameter(type=_INSTANT, value=upto)}


def _heard(row: Mapping[str, object], person: ProfileId) -> Heard:
    raw = row["raw"]
    numbers = dict(cast("list[tuple[str, float]]", row["numbers"]))
    texts = dict(cast("list[tuple[str, str]]", row["texts"]))
    properties: dict[str, Json] = json.loads(str(raw)) if raw else rebuild(numbers, texts)
    return Heard(
        occurrence=Occurrence(
            profile_id=person,
            name=str(row["name"]),
            kind=cast("RowKind", row["kind"]),
            occurred_at=cast("datetime", row["occurred_at"]),
            message_id=str(row["message_id"]),
            properties={"context": {}, **properties},
        ),
        received_at=cast("datetime", row["received_at"]),
    )
