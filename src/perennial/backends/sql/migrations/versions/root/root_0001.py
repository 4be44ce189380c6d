"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "root_0001"
down_revision = None
branch_labels = None
depends_on = None

# Ordered by code point on every engine.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("token_hash", TEXT, nullable=False),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_table(
        "workspaces",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("zone", TEXT, nullable=False),
        sa.Column("week_start", sa.Integer(), nullable=False),
        sa.Column("seed", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_rehearsal", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "write_keys",
        sa.Column("write_key", TEXT, nullable=False),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("write_key"),
    )


def downgrade() -> None:
    op.drop_table("write_keys")
    op.drop_table("workspaces")
    op.drop_table("api_tokens")
