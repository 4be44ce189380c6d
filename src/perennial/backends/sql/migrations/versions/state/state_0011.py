"""An erasure knows whom it is about until it is done."""

import sqlalchemy as sa
from alembic import op

revision = "state_0011"
down_revision = "state_0010"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("erasures", sa.Column("names", TEXT, nullable=False, server_default="[]"))
    op.add_column("erasures", sa.Column("addresses", TEXT, nullable=False, server_default="[]"))
