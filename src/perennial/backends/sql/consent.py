"""Consents and suppressions in SQL."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Row, delete, select, tuple_

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import insert_into, portions
from perennial.backends.sql.tables import consents, suppressions
from perennial.collect.consent.model import Consent, Suppression
from perennial.kernel.ids import ProfileId


class SqlConsents:
    """Who agreed to what (`Consents`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, statements: Sequence[Consent]) -> None:
        """Keep statements; an older one never overwrites a newer one."""
        if not statements:
            return
        statement = insert_into(consents, self._connection)
        new = statement.excluded
        upsert = statement.on_conflict_do_update(
            index_elements=["profile_id", "channel", "topic"],
            set_={
                "state": new.state,
                "proof": new.proof,
                "occurred_at": new.occurred_at,
                "message_id": new.message_id,
            },
            where=tuple_(new.occurred_at, new.message_id)
            > tuple_(consents.c.occurred_at, consents.c.message_id),
        )
        self._connection.execute(
            upsert,
            [
                {
                    "profile_id": each.profile_id,
                    "channel": each.channel,
                    "topic": each.topic,
                    "state": each.state,
                    "proof": each.proof,
                    "occurred_at": to_micros(each.occurred_at),
                    "message_id": each.message_id,
                }
                for each in statements
            ],
        )

    def of(
        self, profile_ids: Sequence[ProfileId], *, channel: str, topic: str
    ) -> Mapping[ProfileId, Consent]:
        """What each profile said last about a topic; those who said nothing are absent."""
        found: dict[ProfileId, Consent] = {}
        for portion in portions(profile_ids):
            query = select(consents).where(
                consents.c.profile_id.in_(portion), consents.c.channel == channel, consents.c.topic == topic
            )
            for row in self._connection.execute(query):
                found[ProfileId(row.profile_id)] = _consent(row)
        return found

    def granted(self, profile_ids: Sequence[ProfileId], *, channel: str, topic: str) -> Sequence[ProfileId]:
        """Which of them said last that they want to hear of a topic."""
        found: list[ProfileId] = []
        for portion in portions(profile_ids):
            query = select(consents.c.profile_id).where(
                consents.c.profile_id.in_(portion),
                consents.c.channel == channel,
                consents.c.topic == topic,
                consents.c.state == "granted",
            )
            found += [ProfileId(one) for one in self._connection.execute(query).scalars()]
        return found

    def all_of(self, profile_id: ProfileId) -> Sequence[Consent]:
        """What somebody said last about each topic, by channel and topic."""
        query = select(consents).where(consents.c.profile_id == profile_id)
        rows = self._connection.execute(query.order_by(consents.c.channel, consents.c.topic))
        return [_consent(row) for row in rows]


def _consent(row: Row[*tuple[object, ...]]) -> Consent:
    return Consent(
        profile_id=ProfileId(row.profile_id),
        channel=row.channel,
        topic=row.topic,
        state="granted" if row.state == "granted" else "withdrawn",
        proof=row.proof,
        occurred_at=from_micros(row.occurred_at),
        message_id=row.message_id,
    )


class SqlSuppressions:
    """Addresses that get nothing (`Suppressions`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, found: Sequence[Suppression]) -> None:
        """Suppress addresses; the first reason stays."""
        if found:
            self._connection.execute(
                insert_into(suppressions, self._connection).on_conflict_do_nothing(),
                [
                    {
                        "channel": each.channel,
                        "address": each.address,
                        "reason": each.reason,
                        "since": to_micros(each.since),
                    }
                    for each in found
                ],
            )

    def page(self, *, channel: str, limit: int, after: str = "") -> Sequence[Suppression]:
        """Suppressed addresses of a channel, by address, from behind one on."""
        query = (
            select(suppressions)
            .where(suppressions.c.channel == channel, suppressions.c.address > after)
            .order_by(suppressions.c.address)
            .limit(limit)
        )
        return [
            Suppression(
                channel=row.channel, address=row.address, reason=row.reason, since=from_micros(row.since)
            )
            for row in self._connection.execute(query)
        ]

    def remove(self, address: str, *, channel: str) -> bool:
        """Let an address get messages again; whether it was suppressed."""
        gone = delete(suppressions).where(
            suppressions.c.channel == channel, suppressions.c.address == address
        )
        return self._connection.execute(gone).rowcount > 0

    def among(self, addresses: Sequence[str], *, channel: str) -> Mapping[str, Suppression]:
        """Which of these addresses are suppressed."""
        found: dict[str, Suppression] = {}
        for portion in portions(addresses):
            query = select(suppressions).where(
                suppressions.c.channel == channel, suppressions.c.address.in_(portion)
            )
            for row in self._connection.execute(query):
                found[row.address] = Suppression(
                    channel=row.channel, address=row.address, reason=row.reason, since=from_micros(row.since)
                )
        return found
