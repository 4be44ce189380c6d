"""Who was merged into whom is looked up by the profile that was kept, at every merge."""

import sqlalchemy as sa
from alembic import op

revision = "state_0004"
down_revision = "state_0003"
branch_labels = None
depends_on = None

IS_MERGED = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "profiles_by_kept",
        "profiles",
        ["merged_into"],
        sqlite_where=IS_MERGED,
        postgresql_where=IS_MERGED,
    )
