"""What became of the people in earlier versions is kept with the version that was published over them."""

import sqlalchemy as sa
from alembic import op

revision = "state_0065"
down_revision = "state_0063"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("journey_versions", sa.Column("plan", TEXT, nullable=False, server_default="{}"))
