"""Insights and boards are kept, and links to boards."""

import sqlalchemy as sa
from alembic import op

revision = "state_0063"
down_revision = "state_0055"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "kept_documents",
        sa.Column("kind", TEXT, primary_key=True),
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("version", BIG, primary_key=True),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("saved_by", TEXT, nullable=False),
        sa.Column("saved_at", BIG, nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "board_shares",
        sa.Column("share_id", TEXT, primary_key=True),
        sa.Column("board_id", TEXT, nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("revoked_at", BIG),
    )
    op.create_index("board_shares_by_board", "board_shares", ["board_id"])
