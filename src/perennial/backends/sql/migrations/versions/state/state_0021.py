"""People are found by what was told of them."""

import sqlalchemy as sa
from alembic import op

revision = "state_0021"
down_revision = "state_0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    folded = sa.text("lower(substr(value, 1, 200))")
    op.create_index("traits_by_value", "traits", ["name", folded, "profile_id"])
