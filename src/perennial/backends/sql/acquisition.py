"""Channels, codes, costs and first touches in SQL."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec
from sqlalchemy import Connection, delete, func, or_, select

from perennial.backends.sql.bulk import among
from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import insert_into
from perennial.backends.sql.tables import traits
from perennial.backends.sql.tables_acquisition import channel_codes, channel_costs, channels, first_touches
from perennial.collect.acquisition.model import Channel, Code, Cost, KnownChannels, Touch, TouchKept
from perennial.collect.acquisition.rules import FIRST_TOUCH, known_channels, standing
from perennial.kernel.ids import ProfileId


class SqlAcquisition:
    """`Acquisition` within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def channels(self) -> Sequence[Channel]:
        """Every channel, by id."""
        found = self._connection.execute(select(channels.c.document).order_by(channels.c.channel_id))
        return [msgspec.json.decode(text, type=Channel) for text in found.scalars()]

    def save_channel(self, channel: Channel) -> None:
        """Declare a channel, or say otherwise of it."""
        row = {"document": _written(channel)}
        statement = insert_into(channels, self._connection).values(channel_id=channel.channel_id, **row)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["channel_id"], set_=row))

    def codes(self) -> Sequence[Code]:
        """Every code, by its text."""
        found = self._connection.execute(select(channel_codes.c.document).order_by(channel_codes.c.code))
        return [msgspec.json.decode(text, type=Code) for text in found.scalars()]

    def code(self, code: str) -> Code | None:
        """One code."""
        query = select(channel_codes.c.document).where(channel_codes.c.code == code)
        text = self._connection.execute(query).scalar()
        return None if text is None else msgspec.json.decode(text, type=Code)

    def save_code(self, code: Code) -> None:
        """Declare a code, or say otherwise of it."""
        row = {"channel_id": code.channel_id, "document": _written(code)}
        statement = insert_into(channel_codes, self._connection).values(code=code.code, **row)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["code"], set_=row))

    def save_costs(self, costs: Sequence[Cost]) -> int:
        """Keep costs; one of the same channel, campaign, days and currency is replaced. How many are new."""
        if not costs:
            return 0
        before = self._count()
        statement = insert_into(channel_costs, self._connection)
        key = list(channel_costs.primary_key)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=key, set_={"amount": statement.excluded["amount"]}
            ),
            [
                {
                    "channel_id": cost.channel_id,
                    "campaign": cost.campaign,
                    "first_day": cost.first_day.isoformat(),
                    "last_day": cost.last_day.isoformat(),
                    "currency": cost.currency,
                    "amount": cost.amount,
                }
                for cost in costs
            ],
        )
        return self._count() - before

    def costs(self, *, first: date, last: date) -> Sequence[Cost]:
        """Costs of periods that have one of these days."""
        column = channel_costs.c
        query = (
            select(channel_costs)
            .where(column.first_day <= last.isoformat(), column.last_day >= first.isoformat())
            .order_by(*channel_costs.primary_key)
        )
        return [
            Cost(
                channel_id=row.channel_id,
                campaign=row.campaign,
                first_day=date.fromisoformat(row.first_day),
                last_day=date.fromisoformat(row.last_day),
                currency=row.currency,
                amount=row.amount,
            )
            for row in self._connection.execute(query)
        ]

    def _count(self) -> int:
        return self._connection.execute(select(func.count()).select_from(channel_costs)).scalar_one()


class SqlTouches:
    """`Touches` within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(self) -> KnownChannels | None:
        """What touches are read by; None where no channel is declared."""
        declared = SqlAcquisition(self._connection)
        listed = declared.channels()
        return known_channels(listed, declared.codes()) if listed else None

    def of(self, people: Sequence[ProfileId]) -> Mapping[ProfileId, Sequence[TouchKept]]:
        """The kept touches of those people who have some, the first one first."""
        query = select(first_touches).where(among(self._connection, first_touches.c.profile_id, list(people)))
        found: dict[ProfileId, list[TouchKept]] = {}
        for row in self._connection.execute(query):
            kept = TouchKept(
                touch_id=row.touch_id,
                profile_id=ProfileId(row.profile_id),
                owner=ProfileId(row.owner),
                occurred_at=from_micros(row.occurred_at),
                touch=msgspec.json.decode(row.touch, type=Touch),
                told_first=row.told_first,
            )
            found.setdefault(kept.profile_id, []).append(kept)
        for own in found.values():
            own.sort(key=standing, reverse=True)
        return found

    def keep(self, touches: Sequence[TouchKept]) -> None:
        """Keep touches; one that is there is told anew of what was told first at its time."""
        if not touches:
            return
        statement = insert_into(first_touches, self._connection)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["touch_id"], set_={"told_first": statement.excluded["told_first"]}
            ),
            [
                {
                    "touch_id": kept.touch_id,
                    "profile_id": kept.profile_id,
                    "owner": kept.owner,
                    "occurred_at": to_micros(kept.occurred_at),
                    "channel_id": kept.touch.channel or "",
                    "touch": _written(kept.touch),
                    "told_first": kept.told_first,
                }
                for kept in touches
            ],
        )

    def forget_told(self, people: Sequence[ProfileId]) -> None:
        """Take the traits of first touches from people, so that they are told anew."""
        own = among(self._connection, traits.c.profile_id, list(people))
        is_first = traits.c.name.startswith(FIRST_TOUCH, autoescape=True)
        # What a client says by such a name is not ours to take.
        is_ours = traits.c.message_id.startswith(FIRST_TOUCH, autoescape=True)
        self._connection.execute(delete(traits).where(own, is_first, is_ours))

    def people_gained(self, *, start: datetime, end: datetime) -> Mapping[str, int]:
        """How many people's first touch was in a half-open span, by channel; empty for no declared one."""
        other = first_touches.alias("other")
        earlier = (
            select(other.c.touch_id)
            .where(
                other.c.profile_id == first_touches.c.profile_id,
                or_(
                    other.c.occurred_at < first_touches.c.occurred_at,
                    (other.c.occurred_at == first_touches.c.occurred_at)
                    & (other.c.touch_id > first_touches.c.touch_id),
                ),
            )
            .exists()
        )
        column = first_touches.c
        query = (
            select(column.channel_id, func.count())
            .where(column.occurred_at >= to_micros(start), column.occurred_at < to_micros(end), ~earlier)
            .group_by(column.channel_id)
        )
        return {row[0]: row[1] for row in self._connection.execute(query)}


def _written(document: Channel | Code | Touch) -> str:
    return msgspec.json.encode(document).decode()
