"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "state_0001"
down_revision = None
branch_labels = None
depends_on = None

# Ordered by code point on every engine.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("first", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", TEXT, nullable=False),
        sa.Column("recorded_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("stream", "first"),
    )
    op.create_table(
        "consents",
        sa.Column("profile_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("proof", TEXT, nullable=False),
        sa.Column("occurred_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("profile_id", "channel", "topic"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "decisions",
        sa.Column("decision_id", TEXT, nullable=False),
        sa.Column("enrollment_id", TEXT, nullable=False),
        sa.Column("node", TEXT, nullable=False),
        sa.Column("arm", TEXT, nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("decided_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("salt", TEXT, nullable=False),
        sa.Column("explored", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id"),
    )
    op.create_index("decisions_by_enrollment", "decisions", ["enrollment_id"], unique=False)
    op.create_table(
        "emitted_events",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("message_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("profile_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("occurred_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("properties", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("message_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "enrollments",
        sa.Column("enrollment_id", TEXT, nullable=False),
        sa.Column("journey_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("arm", TEXT, nullable=False),
        sa.Column("entered_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("node", TEXT, nullable=False),
        sa.Column("arrived_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("visits", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("left_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("goal_until", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("goal_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.PrimaryKeyConstraint("enrollment_id"),
    )
    op.create_index("enrollments_by_journey", "enrollments", ["journey_id", "status"], unique=False)
    op.create_index("enrollments_by_profile", "enrollments", ["profile_id", "journey_id"], unique=False)
    op.create_index("enrollments_due", "enrollments", ["due_at"], unique=False)
    op.create_table(
        "identities",
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("profile_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("linked_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value"),
        sqlite_with_rowid=False,
    )
    op.create_index("identities_by_profile", "identities", ["profile_id"], unique=False)
    op.create_table(
        "journey_versions",
        sa.Column("journey_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("published_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("journey_id", "version"),
    )
    op.create_table(
        "journeys",
        sa.Column("journey_id", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changed_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("journey_id"),
    )
    op.create_table(
        "merges",
        sa.Column(
            "merge_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("lost", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kept", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("merged_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cause", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("merge_id"),
        sa.UniqueConstraint("lost"),
    )
    op.create_table(
        "messages",
        sa.Column("message_id", TEXT, nullable=False),
        sa.Column("cause", TEXT, nullable=False),
        sa.Column("journey_id", TEXT, nullable=False),
        sa.Column("journey_version", sa.Integer(), nullable=False),
        sa.Column("enrollment_id", TEXT, nullable=False),
        sa.Column("node", TEXT, nullable=False),
        sa.Column("arm", TEXT, nullable=False),
        sa.Column("profile_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("template_id", TEXT, nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("over_cap", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("expires_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sent_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("receipt", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index("messages_by_creation", "messages", ["created_at", "message_id"], unique=False)
    op.create_index("messages_by_profile", "messages", ["profile_id", "created_at"], unique=False)
    op.create_index("messages_due", "messages", ["state", "due_at"], unique=False)
    op.create_table(
        "offsets",
        sa.Column("stream", TEXT, nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("stream"),
    )
    op.create_table(
        "profiles",
        sa.Column(
            "profile_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("user_id", TEXT, nullable=True),
        sa.Column("first_seen_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("merged_into", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.PrimaryKeyConstraint("profile_id"),
    )
    op.create_index("profiles_by_user", "profiles", ["user_id"], unique=False)
    op.create_table(
        "segment_fills",
        sa.Column("segment_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("refreshed_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("people", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("segment_id"),
    )
    op.create_table(
        "segment_members",
        sa.Column("segment_id", TEXT, nullable=False),
        sa.Column("profile_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entered_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("segment_id", "profile_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("segment_members_by_profile", "segment_members", ["profile_id"], unique=False)
    op.create_table(
        "segments",
        sa.Column("segment_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("segment_id", "version"),
    )
    op.create_table(
        "suppressions",
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("since", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("channel", "address"),
    )
    op.create_table(
        "tag_cuts",
        sa.Column("tag_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("computed_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cuts", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("tag_id", "version", "computed_at"),
    )
    op.create_table(
        "tag_fills",
        sa.Column("tag_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("refreshed_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("people", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("tag_id"),
    )
    op.create_table(
        "tag_values",
        sa.Column("tag_id", TEXT, nullable=False),
        sa.Column("profile_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("details", TEXT, nullable=True),
        sa.Column("computed_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("tag_id", "profile_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tags",
        sa.Column("tag_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("tag_id", "version"),
    )
    op.create_table(
        "templates",
        sa.Column("template_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("template_id", "version"),
    )
    op.create_table(
        "traits",
        sa.Column("profile_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("occurred_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("profile_id", "name"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("traits")
    op.drop_table("templates")
    op.drop_table("tags")
    op.drop_table("tag_values")
    op.drop_table("tag_fills")
    op.drop_table("tag_cuts")
    op.drop_table("suppressions")
    op.drop_table("segments")
    op.drop_index("segment_members_by_profile", table_name="segment_members")
    op.drop_table("segment_members")
    op.drop_table("segment_fills")
    op.drop_index("profiles_by_user", table_name="profiles")
    op.drop_table("profiles")
    op.drop_table("offsets")
    op.drop_index("messages_due", table_name="messages")
    op.drop_index("messages_by_profile", table_name="messages")
    op.drop_index("messages_by_creation", table_name="messages")
    op.drop_table("messages")
    op.drop_table("merges")
    op.drop_table("journeys")
    op.drop_table("journey_versions")
    op.drop_index("identities_by_profile", table_name="identities")
    op.drop_table("identities")
    op.drop_index("enrollments_due", table_name="enrollments")
    op.drop_index("enrollments_by_profile", table_name="enrollments")
    op.drop_index("enrollments_by_journey", table_name="enrollments")
    op.drop_table("enrollments")
    op.drop_table("emitted_events")
    op.drop_index("decisions_by_enrollment", table_name="decisions")
    op.drop_table("decisions")
    op.drop_table("consents")
    op.drop_table("batches")
