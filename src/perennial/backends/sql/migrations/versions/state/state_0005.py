"""What operations on traits came to, so that a batch that is tried again says the same."""

import sqlalchemy as sa
from alembic import op

revision = "state_0005"
down_revision = "state_0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "trait_changes",
        sa.Column("number", BIG, autoincrement=True, nullable=False),
        sa.Column("message_key", sa.LargeBinary(), nullable=False),
        sa.Column("profile_id", BIG, nullable=False),
        sa.Column("occurred_at", BIG, nullable=False),
        sa.Column("traits", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("message_key"),
    )
    op.create_index("trait_changes_by_profile", "trait_changes", ["profile_id"])
