"""The declared tables of members, of what lets them in, and of who did what; all in the root store."""

from sqlalchemy import Column, Index, Integer, Table

from perennial.backends.sql.columns import BIG, TEXT
from perennial.backends.sql.root_tables import root

members = Table(
    "members",
    root,
    Column("member_id", TEXT, primary_key=True),
    Column("email", TEXT, nullable=False),
    Column("email_key", TEXT, nullable=False, unique=True),  # what addresses are told apart by
    Column("created_at", BIG, nullable=False),
    Column("password_hash", TEXT, nullable=True),
)

member_roles = Table(
    "member_roles",
    root,
    Column("member_id", TEXT, primary_key=True),
    Column("workspace", TEXT, primary_key=True),  # "*" is every one
    Column("role", TEXT, nullable=False),
)

member_links = Table(
    "member_links",
    root,
    Column("link_hash", TEXT, primary_key=True),
    Column("purpose", TEXT, nullable=False),
    Column("member_id", TEXT, nullable=False),
    Column("expires_at", BIG, nullable=False),
)

member_sessions = Table(
    "member_sessions",
    root,
    Column("session_hash", TEXT, primary_key=True),
    Column("member_id", TEXT, nullable=False, index=True),
    Column("seen_at", BIG, nullable=False),
    Column("expires_at", BIG, nullable=False),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    root,
    Column("attempt_key", TEXT, primary_key=True),  # a hash of an account, an address or both
    Column("attempts", Integer, nullable=False),
    Column("last_at", BIG, nullable=False),
)

audit_entries = Table(
    "audit_entries",  # rows are added before a change is made, and never touched again: the store refuses it
    root,
    Column("entry_id", BIG, primary_key=True, autoincrement=True),
    Column("at", BIG, nullable=False),
    Column("workspace", TEXT, nullable=False),
    Column("actor_kind", TEXT, nullable=False),
    Column("actor_id", TEXT, nullable=False),
    Column("address", TEXT, nullable=False),
    Column("operation", TEXT, nullable=False),
    Column("target", TEXT, nullable=False),
    Column("before", TEXT, nullable=True),
    Index("ix_audit_entries_workspace", "workspace", "entry_id"),
)

audit_outcomes = Table(
    "audit_outcomes",  # an entry without one: the server went away while the change was made
    root,
    Column("entry_id", BIG, primary_key=True, autoincrement=False),
    Column("at", BIG, nullable=False),
    Column("outcome", TEXT, nullable=False),
    Column("after", TEXT, nullable=True),
)

approval_rules = Table(
    "approval_rules",  # what needs a second person
    root,
    Column("workspace", TEXT, primary_key=True),
    Column("operation", TEXT, primary_key=True),
)

approvals = Table(
    "approvals",
    root,
    Column("approval_id", TEXT, primary_key=True),
    Column("workspace", TEXT, nullable=False),
    Column("operation", TEXT, nullable=False),
    Column("target", TEXT, nullable=False),
    Column("sent", TEXT, nullable=False),
    Column("digest", TEXT, nullable=False),
    Column("asked_by", TEXT, nullable=False),
    Column("asked_at", BIG, nullable=False),
    Column("verdict", TEXT, nullable=False),
    Column("decided_by", TEXT, nullable=False),
    Column("decided_at", BIG, nullable=True),
    Column("used_at", BIG, nullable=True),
    Index("ix_approvals_digest", "workspace", "digest"),
)
