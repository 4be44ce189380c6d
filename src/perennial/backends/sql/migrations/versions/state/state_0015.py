"""What became of tags' values, and what people say of them."""

import sqlalchemy as sa
from alembic import op

revision = "state_0015"
down_revision = "state_0013"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "tag_changes",
        sa.Column("number", BIG, autoincrement=True, nullable=False),
        sa.Column("profile_id", BIG, nullable=False),
        sa.Column("tag_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("before", TEXT, nullable=True),
        sa.Column("after", TEXT, nullable=True),
        sa.Column("cause", TEXT, nullable=False),
        sa.Column("changed_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index("tag_changes_by_profile", "tag_changes", ["profile_id", "tag_id"])
    op.create_table(
        "tag_disputes",
        sa.Column("number", BIG, autoincrement=True, nullable=False),
        sa.Column("tag_id", TEXT, nullable=False),
        sa.Column("profile_id", BIG, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("disputed_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index("tag_disputes_by_tag", "tag_disputes", ["tag_id", "number"])
    op.create_index("tag_disputes_by_profile", "tag_disputes", ["profile_id"])
    op.create_table(
        "tag_failures",
        sa.Column("tag_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("failed_at", BIG, nullable=False),
        sa.Column("problem", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tag_id"),
    )
