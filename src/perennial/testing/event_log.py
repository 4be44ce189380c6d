"""An event store in memory, for tests of what feeds one; it can be told to fail."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import pyarrow as pa

from perennial.kernel.errors import Unavailable
from perennial.kernel.events import EVENT_KINDS, RowKind
from perennial.kernel.ids import ProfileId

Row = Mapping[str, object]


class RememberedEvents:
    """Rows as they were appended (`EventStore`), with the token rule of the real one."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []
        self.overrides: dict[ProfileId, ProfileId] = {}
        self._tokens: set[str] = set()
        self._failures: list[str] = []

    def fail_next(self, *, after_writing: bool) -> None:
        """Make the next append fail, before or after the rows are kept: as a power cut would."""
        self._failures.append("after" if after_writing else "before")

    def append(self, batch: pa.Table, *, token: str) -> None:
        """Add rows; the same token again adds nothing."""
        self._fail("before")
        if token not in self._tokens:
            self._tokens.add(token)
            self.rows.extend(batch.to_pylist())
        self._fail("after")

    def _fail(self, moment: str) -> None:
        if self._failures and self._failures[-1] == moment:
            self._failures.pop()
            raise Unavailable(f"The event store was told to fail {moment} it wrote.")

    def restore(self, batch: pa.Table, *, token: str | None = None) -> int:
        """Add those rows that are not there under their person; a batch with a token takes it."""
        present = {self._key(row) for row in self.rows}
        lost = [row for row in batch.to_pylist() if self._key(row) not in present]
        self._fail("before")
        self.rows.extend(lost)
        if token is not None and len(lost) == batch.num_rows:
            self._tokens.add(token)
        self._fail("after")
        return len(lost)

    def _key(self, row: Row) -> tuple[object, object, object]:
        """A row is looked for among those of its person, under any of the person's profiles."""
        person = row["profile_id"]
        became: dict[object, object] = {**self.overrides}
        while person in became:
            person = became[person]
        return person, row["source"], row["message_id"]

    def lose(self, message_ids: Collection[str], *, with_tokens: bool) -> None:
        """Lose rows as a power cut would: their token may be lost with them, or stay."""
        self.rows = [row for row in self.rows if row["message_id"] not in message_ids]
        if with_tokens:
            self._tokens.clear()

    def count(
        self, *, event: str | None = None, start: datetime | None = None, end: datetime | None = None
    ) -> int:
        """Events in a half-open span; source events only unless `event` names one of ours."""
        return sum(
            1
            for row in self.rows
            if (row["name"] == event if event else _is_source_event(row)) and _is_within(row, start, end)
        )

    def heard_until(self) -> datetime | None:
        """When the last call of a client was received."""
        heard = [one for row in self.rows if isinstance(one := row["received_at"], datetime)]
        return max(heard, default=None)

    def counts_by_event(self) -> Mapping[str, int]:
        """How many source events there are under each name."""
        counts: dict[str, int] = {}
        for row in filter(_is_source_event, self.rows):
            counts[str(row["name"])] = counts.get(str(row["name"]), 0) + 1
        return counts

    def message_ids(self, *, event: str | None = None) -> Sequence[str]:
        """The message id of every row (of one event name), repeats included."""
        return [str(row["message_id"]) for row in self.rows if event is None or row["name"] == event]

    def override(self, merges: Mapping[ProfileId, ProfileId], *, version: int) -> None:
        """Remember whose rows count as whose; chains are followed."""
        for lost, kept in merges.items():
            end = self.overrides.get(kept, kept)
            followers = [row for row, person in self.overrides.items() if person == lost]
            self.overrides.update(dict.fromkeys([lost, *followers], end))

    def restate(self, people: Mapping[ProfileId, ProfileId], *, version: int) -> None:
        """Remember whose rows count as whose from now on, nobody else's included."""
        for row, person in people.items():
            self.overrides.pop(row, None)
            if row != person:
                self.overrides[row] = person

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
    ) -> tuple[Sequence[Row], str | None]:
        """A person's rows, newest first, from a cursor that is a place."""
        theirs = [
            row
            for row in self.rows
            if row["profile_id"] == profile_id
            and kind in (None, row["kind"])
            and event in (None, row["name"])
            and _is_within(row, since, until)
        ]
        theirs.sort(key=lambda row: (str(row["occurred_at"]), str(row["message_id"])), reverse=True)
        start = int(before or 0)
        following = start + limit
        return theirs[start:following], str(following) if following < len(theirs) else None


def _is_source_event(row: Row) -> bool:
    return row["kind"] in EVENT_KINDS and row["origin"] == "source"


def _is_within(row: Row, start: datetime | None, end: datetime | None) -> bool:
    occurred_at = row["occurred_at"]
    if not isinstance(occurred_at, datetime):
        return False
    return (start is None or occurred_at >= start) and (end is None or occurred_at < end)
