"""What a workspace is called, what its amounts are in, and that it was removed."""

import sqlalchemy as sa
from alembic import op

revision = "root_0003"
down_revision = "root_0002"
branch_labels = None
depends_on = None


# Ordered by code point on every engine.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("title", TEXT, nullable=False, server_default=""))
    op.add_column("workspaces", sa.Column("currency", TEXT, nullable=False, server_default="XXX"))
    op.add_column("workspaces", sa.Column("removed_at", BIG, nullable=True))
