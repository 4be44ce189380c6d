"""The outbox in the state store."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, select, true, tuple_, update
from sqlalchemy.engine import RowMapping

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import insert_into, portions
from perennial.backends.sql.tables import identities, messages, profiles
from perennial.compute.profiles.cursor import InvalidCursor
from perennial.decide.journeys.model import Channel
from perennial.decide.policies.hours import read_timing, timing_text
from perennial.deliver.messages.model import (
    SHARDS,
    SLOT_STATES,
    WHOLE,
    Message,
    MessagePage,
    MessageRow,
    MessageState,
    Share,
    Slot,
)
from perennial.kernel.ids import MessageId, ProfileId

_Value = str | int | float | None
_MICROS = re.compile(r"-?[0-9]{1,18}")
"""An instant as the first half of a cursor: within what a column of 64 bits holds."""

# Only these change once a message is written; what asked for it never does.
_MOVING = ("address", "state", "reason", "due_at", "sent_at", "attempts", "receipt", "shard")


class SqlOutbox:
    """`Outbox` on one connection; the caller's transaction is ours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(self, message_ids: Sequence[MessageId]) -> frozenset[MessageId]:
        """Which of these messages are there already."""
        found: set[MessageId] = set()
        for portion in portions(message_ids):
            query = select(messages.c.message_id).where(messages.c.message_id.in_(portion))
            found.update(MessageId(each) for each in self._connection.execute(query).scalars())
        return frozenset(found)

    def find(self, message_ids: Sequence[MessageId]) -> Sequence[Message]:
        """These messages as they stand; those that are not there are left out."""
        found: list[Message] = []
        for portion in portions(message_ids):
            query = select(messages).where(messages.c.message_id.in_(portion))
            found.extend(_message(row) for row in self._connection.execute(query).mappings())
        return found

    def add(self, written: Sequence[Message]) -> None:
        """Write messages; one that is there already stays as it is."""
        if written:
            statement = insert_into(messages, self._connection).on_conflict_do_nothing()
            self._connection.execute(statement, [_row(message) for message in written])

    def save(self, moved: Sequence[Message]) -> None:
        """Write where messages stand now; what asked for them never changes."""
        if not moved:
            return
        statement = (
            update(messages)
            .where(messages.c.message_id == bindparam("this_message"))
            .values({name: bindparam(f"now_{name}") for name in _MOVING})
        )
        rows = [_row(message) for message in moved]
        self._connection.execute(
            statement,
            [
                {"this_message": row["message_id"], **{f"now_{name}": row[name] for name in _MOVING}}
                for row in rows
            ],
        )

    def due(
        self, state: MessageState, channel: Channel, *, now: datetime, limit: int, share: Share = WHOLE
    ) -> Sequence[Message]:
        """Messages of a channel in a state whose time has come: priority first, then value, then age."""
        query = (
            select(messages)
            .where(
                messages.c.state == state,
                messages.c.due_at <= to_micros(now),
                messages.c.channel == channel,
                _of(share),
            )
            .order_by(messages.c.priority.desc(), messages.c.value.desc(), *_ORDER)
            .limit(limit)
        )
        return [_message(row) for row in self._connection.execute(query).mappings()]

    def next_due(self, *, share: Share = WHOLE) -> datetime | None:
        """When the next queued or held message is due; None where nothing waits."""
        # A state at a time: then the index has the answer, however many wait.
        firsts = [
            self._connection.execute(
                select(messages.c.due_at)
                .where(messages.c.state == state, _of(share))
                .order_by(messages.c.due_at)
                .limit(1)
            ).scalar()
            for state in ("queued", "held")
        ]
        found = min((first for first in firsts if first is not None), default=None)
        return None if found is None else from_micros(found)

    def in_state(self, state: MessageState, *, limit: int, share: Share = WHOLE) -> Sequence[Message]:
        """Messages in a state, the oldest first."""
        query = select(messages).where(messages.c.state == state, _of(share)).order_by(*_ORDER).limit(limit)
        return [_message(row) for row in self._connection.execute(query).mappings()]

    def slots(self, profile_ids: Sequence[ProfileId], *, since: datetime) -> Sequence[Slot]:
        """Room that messages to these people took after an instant; see `SLOT_STATES`."""
        taken_at = func.coalesce(messages.c.sent_at, messages.c.due_at)
        columns = select(
            messages.c.message_id,
            messages.c.profile_id,
            messages.c.channel,
            messages.c.topic,
            taken_at.label("taken_at"),
        )
        found: list[Slot] = []
        for portion in portions(profile_ids):
            query = columns.where(
                messages.c.profile_id.in_(portion),
                messages.c.state.in_(SLOT_STATES),
                taken_at > to_micros(since),
            )
            found.extend(
                Slot(
                    message_id=MessageId(row["message_id"]),
                    profile_id=ProfileId(row["profile_id"]),
                    channel=row["channel"],
                    topic=row["topic"],
                    at=from_micros(row["taken_at"]),
                )
                for row in self._connection.execute(query).mappings()
            )
        return found

    def counts(self) -> Mapping[MessageState, int]:
        """How many messages are in each state; states without any are absent."""
        query = select(messages.c.state, func.count().label("number")).group_by(messages.c.state)
        return {row["state"]: row["number"] for row in self._connection.execute(query).mappings()}

    def page(
        self, *, user_id: str | None, state: MessageState | None, limit: int, after: str | None
    ) -> MessagePage:
        """Messages in the order they were asked for. Raises InvalidCursor where `after` is not ours."""
        query = (
            select(messages, profiles.c.user_id)
            .join(profiles, profiles.c.profile_id == messages.c.profile_id, isouter=True)
            .where(*_filters(user_id=user_id, state=state, after=after))
            .order_by(*_ORDER)
            .limit(limit + 1)
        )
        rows = self._connection.execute(query).mappings().all()
        shown = rows[:limit]
        following = _cursor(shown[-1]) if len(rows) > limit and shown else None
        return MessagePage(messages=tuple(_listed(row) for row in shown), next=following)


_ORDER = (messages.c.created_at, messages.c.message_id)


def _of(share: Share) -> ColumnElement[bool]:
    if len(share.shards) == SHARDS:
        return true()
    # What is on its way stays with whoever took it up: a merge would hide it from those who settle it.
    shard = func.coalesce(messages.c.shard, messages.c.profile_id % SHARDS)
    return shard.in_(sorted(share.shards))


def _filters(
    *, user_id: str | None, state: MessageState | None, after: str | None
) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = []
    if user_id is not None:
        named = and_(identities.c.kind == "user", identities.c.value == user_id)
        filters.append(messages.c.profile_id.in_(select(identities.c.profile_id).where(named)))
    if state is not None:
        filters.append(messages.c.state == state)
    if after is not None:
        created_at, message_id = _position(after)
        filters.append(tuple_(*_ORDER) > tuple_(created_at, message_id))
    return filters


def _cursor(row: RowMapping) -> str:
    return f"{row['created_at']}.{row['message_id']}"


def _position(cursor: str) -> tuple[int, str]:
    created_at, _, message_id = cursor.partition(".")
    if not message_id or not _MICROS.fullmatch(created_at):
        raise InvalidCursor(
            "This is not a cursor that a page of messages ended with.",
            hint="Hand back `next` of the page before, unchanged.",
            path="$.after",
        )
    return int(created_at), message_id


def _row(message: Message) -> dict[str, _Value]:
    return {
        "message_id": message.message_id,
        "cause": message.cause,
        "journey_id": message.journey_id,
        "journey_version": message.journey_version,
        "enrollment_id": message.enrollment_id,
        "node": message.node,
        "arm": message.arm,
        "profile_id": message.profile_id,
        "channel": message.channel,
        "topic": message.topic,
        "template_id": message.template_id,
        "template_version": message.template_version,
        "address": message.address,
        "priority": message.priority,
        "value": message.value,
        "at": None if message.at is None else timing_text(message.at),
        "over_cap": message.over_cap,
        "state": message.state,
        "reason": message.reason,
        "created_at": to_micros(message.created_at),
        "due_at": to_micros(message.due_at),
        "expires_at": None if message.expires_at is None else to_micros(message.expires_at),
        "sent_at": None if message.sent_at is None else to_micros(message.sent_at),
        "attempts": message.attempts,
        "receipt": message.receipt,
        "shard": message.shard,
    }


def _message(row: RowMapping) -> Message:
    return Message(
        message_id=row["message_id"],
        cause=row["cause"],
        journey_id=row["journey_id"],
        journey_version=row["journey_version"],
        enrollment_id=row["enrollment_id"],
        node=row["node"],
        arm=row["arm"],
        profile_id=row["profile_id"],
        channel=row["channel"],
        topic=row["topic"],
        template_id=row["template_id"],
        template_version=row["template_version"],
        address=row["address"],
        priority=row["priority"],
        value=row["value"],
        at=None if row["at"] is None else read_timing(row["at"]),
        over_cap=row["over_cap"],
        state=row["state"],
        reason=row["reason"],
        created_at=from_micros(row["created_at"]),
        due_at=from_micros(row["due_at"]),
        expires_at=None if row["expires_at"] is None else from_micros(row["expires_at"]),
        sent_at=None if row["sent_at"] is None else from_micros(row["sent_at"]),
        attempts=row["attempts"],
        receipt=row["receipt"],
        shard=row["shard"],
    )


def _listed(row: RowMapping) -> MessageRow:
    return MessageRow(
        message_id=row["message_id"],
        user_id=row["user_id"],
        channel=row["channel"],
        topic=row["topic"],
        state=row["state"],
        reason=row["reason"],
        cause=row["cause"],
        created_at=from_micros(row["created_at"]),
        sent_at=None if row["sent_at"] is None else from_micros(row["sent_at"]),
    )
