"""The links of messages are signed with a secret of the workspace."""

import sqlalchemy as sa
from alembic import op

revision = "state_0030"
down_revision = "state_0025"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("number", BIG, primary_key=True, autoincrement=False),
        sa.Column("secret", TEXT, nullable=False),
        sa.Column("created_at", BIG, nullable=False),
    )
