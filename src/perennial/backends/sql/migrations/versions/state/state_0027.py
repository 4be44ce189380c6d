"""Changes of a tag's values are found by their time, so that values can be told as they were."""

from alembic import op

revision = "state_0027"
down_revision = "state_0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("tag_changes_by_tag", "tag_changes", ["tag_id", "changed_at"])
