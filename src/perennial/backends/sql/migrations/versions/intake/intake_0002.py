"""Accepted calls are kept in stretches: one row for what was accepted together, not one per call."""

import sqlalchemy as sa
from alembic import op

revision = "intake_0002"
down_revision = "intake_0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    stretches = op.create_table(
        "stretches",
        sa.Column("last", BIG, autoincrement=False, nullable=False),
        sa.Column("first", BIG, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("last"),
    )
    calls = sa.table("calls", sa.column("position", BIG), sa.column("body", sa.LargeBinary()))
    connection = op.get_bind()
    # A call was logged as an array; a stretch is an array of those.
    after, size = -1, 1_000
    while rows := connection.execute(
        sa.select(calls).where(calls.c.position > after).order_by(calls.c.position).limit(size)
    ).all():
        connection.execute(
            sa.insert(stretches),
            [{"last": row.position, "first": row.position, "body": b"[" + row.body + b"]"} for row in rows],
        )
        after = rows[-1].position
    op.drop_table("calls")
