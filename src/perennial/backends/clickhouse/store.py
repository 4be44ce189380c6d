"""The log of one workspace in ClickHouse."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, TypeVar

import pyarrow as pa

from perennial.backends.clickhouse.arrow import integers
from perennial.backends.clickhouse.overrides import profiles_of, record_overrides, restate_overrides
from perennial.backends.clickhouse.parameters import Binder, Parameter, Sql, joined, micros, sql
from perennial.backends.clickhouse.restoring import restore_rows
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport
from perennial.kernel.errors import Refused
from perennial.kernel.events import RowKind, is_reserved
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json, rebuild

_CONTEXT = "context."
_Value = TypeVar("_Value")


class ClickHouseEventStore:
    """`collect.events.ports.EventStore` on a ClickHouse of any kind."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._overriding = Lock()

    def append(self, batch: pa.Table, *, token: str) -> None:
        """Add rows (`EVENT_SCHEMA`); the same token again adds nothing. Durable on return."""
        if batch.num_rows:
            self._transport.insert("events", batch, token=token)

    def restore(self, batch: pa.Table, *, token: str | None = None) -> int:
        """Add those rows of a batch that are not there, whatever became of its token; how many those were."""
        return restore_rows(self._transport, batch, token=token) if batch.num_rows else 0

    def count(
        self, *, event: str | None = None, start: datetime | None = None, end: datetime | None = None
    ) -> int:
        """Events with `start <= occurred_at < end`; source events only unless `event` names one of ours."""
        binder = Binder()
        rows = [_countable(event, binder)]
        if start is not None:
            rows.append(sql("occurred_at >= <<start>>", start=binder.instant(start)))
        if end is not None:
            rows.append(sql("occurred_at < <<end>>", end=binder.instant(end)))
        counted = self._transport.query(
            statement("count_events", rows=joined(" AND ", rows)), binder.parameters
        )
        return integers(counted, "events")[0]

    def heard_until(self) -> datetime | None:
        """When the last call of a client was received; None where there is none."""
        row = self._transport.query(statement("heard_until")).to_pylist()[0]
        return row["heard_until"] if row["calls"] else None

    def counts_by_event(self) -> Mapping[str, int]:
        """How many source events there are under each name."""
        counted = self._transport.query(statement("counts_by_event"))
        names = [str(name) for name in counted["name"].to_pylist()]
        return dict(zip(names, integers(counted, "events"), strict=True))

    def message_ids(self, *, event: str | None = None) -> Sequence[str]:
        """The message id of every row (of one event name), repeats included."""
        binder = Binder()
        rows = Sql("1") if event is None else sql("name = <<name>>", name=binder.text(event))
        found = self._transport.query(statement("message_ids", rows=rows), binder.parameters)
        return [str(one) for one in found["message_id"].to_pylist()]

    def override(self, merges: Mapping[ProfileId, ProfileId], *, version: int) -> None:
        """Count rows of each first profile as the second's from now on. Idempotent; chains are followed."""
        with self._overriding:
            record_overrides(self._transport, merges, version=version)

    def restate(self, people: Mapping[ProfileId, ProfileId], *, version: int) -> None:
        """Count rows of each first profile as the second's, its own included, and no other's. Idempotent."""
        with self._overriding:
            restate_overrides(self._transport, people, version=version)

    def timeline(
        self,
        profile_id: ProfileId,
        *,
        until: datetime,
        limit: int,
        since: datetime | None = None,
        before: str | None = None,
        kind: RowKind | None = None,
        event: str | None = None,
    ) -> tuple[Sequence[Mapping[str, object]], str | None]:
        """A person's rows (of one kind, of one name), newest first, and the cursor of the next page.

        A row has `name`, `kind`, `origin`, `source`, `occurred_at`, `received_at`, `message_id`, `user_id`,
        `anonymous_id`, `properties` (as sent) and `context` (by dotted path).

        Raises `Refused` for a text that is no cursor.
        """
        binder = Binder()
        profiles = profiles_of(self._transport, [profile_id])[profile_id]
        asked = [Sql("1")] if before is None else [_after(before, binder)]
        if kind is not None:
            asked.append(sql("kind = <<kind>>", kind=binder.text(kind)))
        if event is not None:
            asked.append(sql("name = <<name>>", name=binder.text(event)))
        if since is not None:
            asked.append(sql("occurred_at >= <<since>>", since=binder.instant(since)))
        found = self._transport.query(
            statement("timeline", asked=joined(" AND ", asked)),
            {
                **binder.parameters,
                "profiles": Parameter(type="Array(UInt64)", value=profiles),
                "until": Parameter(type="DateTime64(6, 'UTC')", value=until),
                "limit": Parameter(type="UInt64", value=limit + 1),
            },
        )
        rows = found.to_pylist()
        page = rows[:limit]
        return [_entry(row) for row in page], _cursor(page[-1]) if len(rows) > limit else None


def _countable(event: str | None, binder: Binder) -> Sql:
    """Which rows `events count` counts under a name."""
    if event is None:
        return sql("origin = 'source' AND kind IN ('track', 'page', 'screen')")
    name = binder.text(event)
    if is_reserved(event):
        return sql("name = <<name>> AND kind = 'perennial'", name=name)
    return sql("name = <<name>> AND origin = 'source' AND kind IN ('track', 'page', 'screen')", name=name)


# An Arrow row is whatever its columns are; each value is given its type below.
def _entry(row: Mapping[str, Any]) -> Mapping[str, object]:
    numbers = dict(zip(row["number_paths"], row["number_values"], strict=True))
    texts = dict(zip(row["text_paths"], row["text_values"], strict=True))
    own: dict[str, Json] = (
        json.loads(row["raw"]) if row["raw"] else rebuild(_without_context(numbers), _without_context(texts))
    )
    columns = (
        "name",
        "kind",
        "origin",
        "source",
        "occurred_at",
        "received_at",
        "message_id",
        "user_id",
        "anonymous_id",
    )
    return {
        **{column: row[column] for column in columns},
        "properties": own,
        "context": rebuild(_only_context(numbers), _only_context(texts)),
    }


def _without_context(flat: Mapping[str, _Value]) -> dict[str, _Value]:
    return {path: value for path, value in flat.items() if not path.startswith(_CONTEXT)}


def _only_context(flat: Mapping[str, _Value]) -> dict[str, _Value]:
    return {path.removeprefix(_CONTEXT): value for path, value in flat.items() if path.startswith(_CONTEXT)}


def _cursor(row: Mapping[str, Any]) -> str:
    return json.dumps([micros(row["occurred_at"]), row["message_id"], row["source"]])


def _after(cursor: str, binder: Binder) -> Sql:
    try:
        instant, message_id, source = json.loads(cursor)
        occurred_at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(instant))
    except (ValueError, TypeError, OverflowError) as error:
        raise Refused(
            "This is not a cursor of a timeline.", hint="Leave it out to begin at the newest row."
        ) from error
    return sql(
        "(occurred_at, message_id, toString(source)) < (<<at>>, <<message>>, <<source>>)",
        at=binder.instant(occurred_at),
        message=binder.text(str(message_id)),
        source=binder.text(str(source)),
    )
