"""The declared schema of the state store, continued: how people come here, and what that costs.

`tables` says what holds of all tables.
"""

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table

from perennial.backends.sql.columns import BIG, TEXT
from perennial.backends.sql.tables import state

channels = Table(
    "channels",
    state,
    Column("channel_id", TEXT, primary_key=True),
    Column("document", TEXT, nullable=False),
)

channel_codes = Table(
    "channel_codes",
    state,
    Column("code", TEXT, primary_key=True),
    Column("channel_id", TEXT, nullable=False),
    Column("document", TEXT, nullable=False),
)

channel_costs = Table(
    "channel_costs",  # days as YYYY-MM-DD, both included; amounts in minor units
    state,
    Column("channel_id", TEXT, nullable=False),
    Column("campaign", TEXT, nullable=False),
    Column("first_day", TEXT, nullable=False),
    Column("last_day", TEXT, nullable=False),
    Column("currency", TEXT, nullable=False),
    Column("amount", BIG, nullable=False),
    PrimaryKeyConstraint("channel_id", "campaign", "first_day", "last_day", "currency"),
)

first_touches = Table(
    "first_touches",  # touches that were somebody's first when they were heard (ADR 0036)
    state,
    Column("touch_id", TEXT, primary_key=True),
    Column("profile_id", BIG, nullable=False),
    Column("owner", BIG, nullable=False),  # whose it was when it was heard
    Column("occurred_at", BIG, nullable=False),
    Column("channel_id", TEXT, nullable=False),  # empty: none declared
    Column("touch", TEXT, nullable=False),
    Column("told_first", TEXT, nullable=False),
    Index("first_touches_by_profile", "profile_id", "occurred_at"),
)
