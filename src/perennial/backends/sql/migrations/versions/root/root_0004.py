"""Members, scopes of tokens, the audit log (to which rows are only added), and what waits for a yes."""

import sqlalchemy as sa
from alembic import op

revision = "root_0004"
down_revision = "root_0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Ordered by code point on every engine.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

APPENDED_ONLY = ("audit_entries", "audit_outcomes")
_REFUSING = {
    "sqlite": [
        f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
        for table in APPENDED_ONLY
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$",
        *(
            f"CREATE TRIGGER {table}_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()"
            for table in APPENDED_ONLY
        ),
    ],
}


def upgrade() -> None:
    _add_members()
    _add_sessions()
    op.add_column("api_tokens", sa.Column("name", TEXT, nullable=False, server_default=""))
    op.add_column("api_tokens", sa.Column("scopes", TEXT, nullable=False, server_default="*"))
    op.add_column("api_tokens", sa.Column("made_by", TEXT, nullable=False, server_default=""))
    op.add_column("api_tokens", sa.Column("expires_at", BIG, nullable=True))
    _add_audit_log()
    _refuse_changes()
    _add_approvals()


def _add_members() -> None:
    op.create_table(
        "members",
        sa.Column("member_id", TEXT, nullable=False),
        sa.Column("email", TEXT, nullable=False),
        sa.Column("email_key", TEXT, nullable=False),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("password_hash", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("member_id"),
        sa.UniqueConstraint("email_key"),
    )
    op.create_table(
        "member_roles",
        sa.Column("member_id", TEXT, nullable=False),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("member_id", "workspace"),
    )
    op.create_table(
        "member_links",
        sa.Column("link_hash", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("member_id", TEXT, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("link_hash"),
    )


def _add_sessions() -> None:
    op.create_table(
        "member_sessions",
        sa.Column("session_hash", TEXT, nullable=False),
        sa.Column("member_id", TEXT, nullable=False),
        sa.Column("seen_at", BIG, nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("session_hash"),
    )
    op.create_index("ix_member_sessions_member_id", "member_sessions", ["member_id"])
    op.create_table(
        "sign_in_attempts",
        sa.Column("attempt_key", TEXT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("attempt_key"),
    )


def _add_audit_log() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("entry_id", BIG, autoincrement=True, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("actor_kind", TEXT, nullable=False),
        sa.Column("actor_id", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("operation", TEXT, nullable=False),
        sa.Column("target", TEXT, nullable=False),
        sa.Column("before", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("entry_id"),
    )
    op.create_index("ix_audit_entries_workspace", "audit_entries", ["workspace", "entry_id"])
    op.create_table(
        "audit_outcomes",
        sa.Column("entry_id", BIG, autoincrement=False, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("after", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("entry_id"),
    )


def _add_approvals() -> None:
    op.create_table(
        "approval_rules",
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("operation", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("workspace", "operation"),
    )
    op.create_table(
        "approvals",
        sa.Column("approval_id", TEXT, nullable=False),
        sa.Column("workspace", TEXT, nullable=False),
        sa.Column("operation", TEXT, nullable=False),
        sa.Column("target", TEXT, nullable=False),
        sa.Column("sent", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("asked_by", TEXT, nullable=False),
        sa.Column("asked_at", BIG, nullable=False),
        sa.Column("verdict", TEXT, nullable=False),
        sa.Column("decided_by", TEXT, nullable=False),
        sa.Column("decided_at", BIG, nullable=True),
        sa.Column("used_at", BIG, nullable=True),
        sa.PrimaryKeyConstraint("approval_id"),
    )
    op.create_index("ix_approvals_digest", "approvals", ["workspace", "digest"])


def _refuse_changes() -> None:
    """Whoever writes to the log adds to it: the store refuses the rest, whoever asks."""
    for statement in _REFUSING[op.get_bind().dialect.name]:
        op.execute(statement)
