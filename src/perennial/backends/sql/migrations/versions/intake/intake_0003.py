"""What a spool holds, so that it can be made again from its file where the directory it lay in is gone."""

import sqlalchemy as sa
from alembic import op

revision = "intake_0003"
down_revision = "intake_0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("spools", sa.Column("places", sa.LargeBinary(), nullable=True))
    op.add_column("spools", sa.Column("accepted_at", BIG, nullable=True))
