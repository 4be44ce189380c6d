"""What is recorded of who people are: causes, refusals, quarantine, what merges carried, un-merges."""

import sqlalchemy as sa
from alembic import op

revision = "state_0006"
down_revision = "state_0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("identities", sa.Column("cause", TEXT, nullable=True))
    op.add_column("merges", sa.Column("reason", TEXT, nullable=True))
    op.create_table(
        "name_refusals",
        sa.Column("profile_id", BIG, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("other", BIG, nullable=True),
        sa.Column("occurred_at", BIG, nullable=False),
        sa.Column("message_id", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("profile_id", "kind", "value", "reason"),
        sqlite_with_rowid=False,
    )
    op.create_index("name_refusals_by_name", "name_refusals", ["kind", "value"])
    op.create_index("name_refusals_by_other", "name_refusals", ["other"])
    op.create_table(
        "quarantined_names",
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("people", BIG, nullable=False),
        sa.Column("occurred_at", BIG, nullable=False),
        sa.Column("message_id", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "value"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unmerges",
        sa.Column("number", BIG, autoincrement=True, nullable=False),
        sa.Column("lost", BIG, nullable=False),
        sa.Column("kept", BIG, nullable=False),
        sa.Column("merged_at", BIG, nullable=False),
        sa.Column("cause", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("undone_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "carried",
        sa.Column("number", BIG, autoincrement=True, nullable=False),
        sa.Column("lost", BIG, nullable=False),
        sa.Column("owner", BIG, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("row", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("carried_by_lost", "carried", ["lost"])
