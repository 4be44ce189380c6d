"""What belongs to single messages beside their row: orders by a call, and bounces."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from perennial.backends.sql.columns import to_micros
from perennial.backends.sql.engine import insert_into, portions
from perennial.backends.sql.tables_messages import message_bounces, message_orders
from perennial.deliver.messages.orders import Order
from perennial.kernel.ids import MessageId
from perennial.kernel.values import Json


class SqlMessageNotes:
    """`MessageNotes` on one connection; the caller's transaction is ours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def digest_of(self, message_id: MessageId) -> str | None:
        """What was ordered under this id, as a digest; None where nothing was."""
        query = select(message_orders.c.digest).where(message_orders.c.message_id == message_id)
        return self._connection.execute(query).scalar()

    def add_order(self, order: Order) -> None:
        """Keep an order."""
        row = {
            "message_id": order.message_id,
            "digest": order.digest,
            "variables": json.dumps(order.variables),
        }
        self._connection.execute(insert_into(message_orders, self._connection), [row])

    def variables_of(self, message_ids: Sequence[MessageId]) -> Mapping[MessageId, Mapping[str, Json]]:
        """What the templates of ordered messages may show as `variables`; others are absent."""
        found: dict[MessageId, Mapping[str, Json]] = {}
        for portion in portions(message_ids):
            query = select(message_orders.c.message_id, message_orders.c.variables).where(
                message_orders.c.message_id.in_(portion)
            )
            found |= {
                MessageId(name): json.loads(variables) for name, variables in self._connection.execute(query)
            }
        return found

    def note_bounce(
        self, message_id: MessageId, *, channel: str, address: str, status: str, at: datetime
    ) -> None:
        """Keep that a message bounced; the first report of it stays."""
        row = {
            "message_id": message_id,
            "channel": channel,
            "address": address,
            "status": status,
            "bounced_at": to_micros(at),
        }
        statement = insert_into(message_bounces, self._connection).on_conflict_do_nothing()
        self._connection.execute(statement, [row])

    def count_bounces(self, address: str, *, channel: str, since: datetime) -> int:
        """How many messages to an address bounced since."""
        query = (
            select(func.count())
            .select_from(message_bounces)
            .where(
                message_bounces.c.address == address,
                message_bounces.c.channel == channel,
                message_bounces.c.bounced_at >= to_micros(since),
            )
        )
        return self._connection.execute(query).scalar_one()
