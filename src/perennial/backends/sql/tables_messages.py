"""The declared schema of the stores, continued: what belongs to single messages beside their row.

`tables` says what holds of all tables. Rows here go with their message, also when its person is erased.
"""

from sqlalchemy import Column, Index, Table

from perennial.backends.sql.columns import BIG, TEXT
from perennial.backends.sql.tables import state

message_orders = Table(
    "message_orders",  # of messages that were ordered by a call rather than by a journey
    state,
    Column("message_id", TEXT, primary_key=True),
    Column("digest", TEXT, nullable=False),  # of the order: the same key with another order is a mistake
    Column("variables", TEXT, nullable=False),  # JSON: what its template may show as `variables`
)

message_bounces = Table(
    "message_bounces",
    state,
    Column("message_id", TEXT, primary_key=True),
    Column("channel", TEXT, nullable=False),
    Column("address", TEXT, nullable=False),
    Column("status", TEXT, nullable=False),
    Column("bounced_at", BIG, nullable=False),
)
Index("message_bounces_by_address", message_bounces.c.address, message_bounces.c.bounced_at)
