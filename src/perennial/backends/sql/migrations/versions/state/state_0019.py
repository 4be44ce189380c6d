"""Members and values of very many people, in packed columns."""

import sqlalchemy as sa
from alembic import op

revision = "state_0019"
down_revision = "state_0017"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "packed_people",
        sa.Column("block", _BIG, primary_key=True, autoincrement=False),
        sa.Column("people", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "packed_columns",
        sa.Column("name", _TEXT, primary_key=True),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("palette", _TEXT, nullable=False),
        sa.Column("version", _BIG, nullable=False),
    )
    op.create_table(
        "packed_values",
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("block", _BIG, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", "block"),
    )
    op.create_table(
        "packed_loose",
        sa.Column("profile_id", _BIG, primary_key=True, autoincrement=False),
    )
    op.create_table(
        "segment_gone",
        sa.Column("segment_id", _TEXT, nullable=False),
        sa.Column("profile_id", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("segment_id", "profile_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("segment_gone_by_profile", "segment_gone", ["profile_id"])
