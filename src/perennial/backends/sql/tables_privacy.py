"""The declared schema of the stores, continued: who was erased, without saying who.

`tables` says what holds of all tables.
"""

from sqlalchemy import Boolean, Column, LargeBinary, Table

from perennial.backends.sql.columns import BIG, TEXT
from perennial.backends.sql.tables import intake, state

erasures = Table(
    "erasures",  # under way, or receipts: those name nobody
    state,
    Column("erasure_id", TEXT, primary_key=True),
    Column("subject", TEXT, nullable=False),  # salted hash of the id that was asked for
    Column("reason", TEXT, nullable=False),
    Column("by", TEXT, nullable=False),
    Column("allows_return", Boolean, nullable=False),
    Column("requested_at", BIG, nullable=False),
    Column("step", TEXT, nullable=False),
    Column("profiles", TEXT, nullable=False),  # JSON: whose rows are still to go; empty once they went
    Column("names", TEXT, nullable=False, server_default="[]"),  # JSON: of whom; empty in a receipt
    Column("addresses", TEXT, nullable=False, server_default="[]"),
    Column("counts", TEXT, nullable=False),
    Column("proof", TEXT, nullable=False),
    Column("finished_at", BIG),
)

erased_names = Table(
    "erased_names",  # salted hashes of the ids of whom nothing more is accepted
    intake,
    Column("number", BIG, primary_key=True, autoincrement=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("salt", LargeBinary, nullable=False),  # the same in every row
    Column("erasure_id", TEXT, nullable=False),
    Column("refused", BIG, nullable=False),  # calls that came nevertheless
    sqlite_autoincrement=True,
)
