"""The declared schema of the state stores; migrations must lead exactly here (a test proves it).

Three stores, each with its own tables and its own chain of migrations:

- `root`: one per installation: workspaces, keys, tokens
- `intake`: one per workspace: the durable log of what was accepted, what was seen, what was refused
- `state`: one per workspace: everything that decisions rest on

Instants are integers: microseconds since 1970-01-01 UTC. Documents are JSON text.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)

_BIG = BigInteger().with_variant(Integer, "sqlite")

root = MetaData()
intake = MetaData()
state = MetaData()

# --- root -----------------------------------------------------------------------------------------

workspaces = Table(
    "workspaces",
    root,
    Column("name", Text, primary_key=True),
    Column("zone", Text, nullable=False),
    Column("week_start", Integer, nullable=False),
    Column("seed", Text, nullable=False),  # profile ids are derived with it
    Column("created_at", _BIG, nullable=False),
    Column("is_rehearsal", Boolean, nullable=False),
)

write_keys = Table(
    "write_keys",
    root,
    Column("write_key", Text, primary_key=True),
    Column("workspace", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("created_at", _BIG, nullable=False),
)

api_tokens = Table(
    "api_tokens",
    root,
    Column("token_hash", Text, primary_key=True),
    Column("workspace", Text, nullable=False),
    Column("created_at", _BIG, nullable=False),
)

# --- intake ---------------------------------------------------------------------------------------

calls = Table(
    "calls",
    intake,
    Column("position", _BIG, primary_key=True, autoincrement=True),
    Column("source", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("received_at", _BIG, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

seen = Table(
    "seen",
    intake,
    Column("message_key", LargeBinary, primary_key=True),  # 16 bytes of a hash of (source, message id)
    sqlite_with_rowid=False,
)

rejects = Table(
    "rejects",
    intake,
    Column("reject_id", _BIG, primary_key=True, autoincrement=True),
    Column("source", Text, nullable=False),
    Column("received_at", _BIG, nullable=False),
    Column("path", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("payload", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("rejects_by_source", rejects.c.source, rejects.c.reject_id)

imports = Table(
    "imports",
    intake,
    Column("name", Text, primary_key=True),
    Column("file", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),  # size and hash of the file: a changed file starts anew
    Column("state", Text, nullable=False),
    Column("read", _BIG, nullable=False),
    Column("accepted", _BIG, nullable=False),
    Column("duplicates", _BIG, nullable=False),
    Column("rejected", _BIG, nullable=False),
    Column("updated_at", _BIG, nullable=False),
)

spools = Table(
    "spools",  # batches of an import that were accepted but may not have reached the event store yet
    intake,
    Column("token", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
)

# --- state ----------------------------------------------------------------------------------------

offsets = Table(
    "offsets",
    state,
    Column("stream", Text, primary_key=True),
    Column("position", _BIG, nullable=False),
)

batches = Table(
    "batches",  # boundaries recorded before a batch goes to the event store: a replay is the same batch
    state,
    Column("stream", Text, nullable=False),
    Column("first", _BIG, nullable=False),
    Column("last", _BIG, nullable=False),
    Column("token", Text, nullable=False),
    Column("recorded_at", _BIG, nullable=False),
    PrimaryKeyConstraint("stream", "first"),
)

identities = Table(
    "identities",
    state,
    Column("kind", Text, nullable=False),  # user | anonymous
    Column("value", Text, nullable=False),
    Column("profile_id", _BIG, nullable=False),
    Column("linked_at", _BIG, nullable=False),
    PrimaryKeyConstraint("kind", "value"),
    sqlite_with_rowid=False,
)
Index("identities_by_profile", identities.c.profile_id)

profiles = Table(
    "profiles",
    state,
    Column("profile_id", _BIG, primary_key=True, autoincrement=False),
    Column("user_id", Text),  # the customer's id people are listed under; none while anonymous
    Column("first_seen_at", _BIG, nullable=False),
    Column("merged_into", _BIG),
)
Index("profiles_by_user", profiles.c.user_id)

merges = Table(
    "merges",
    state,
    Column("merge_id", _BIG, primary_key=True, autoincrement=True),
    Column("lost", _BIG, nullable=False, unique=True),
    Column("kept", _BIG, nullable=False),
    Column("merged_at", _BIG, nullable=False),
    Column("cause", Text, nullable=False),
)

traits = Table(
    "traits",
    state,
    Column("profile_id", _BIG, nullable=False),
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),  # JSON; null where the trait was taken away
    Column("occurred_at", _BIG, nullable=False),
    Column("message_id", Text, nullable=False),
    PrimaryKeyConstraint("profile_id", "name"),
    sqlite_with_rowid=False,
)

consents = Table(
    "consents",
    state,
    Column("profile_id", _BIG, nullable=False),
    Column("channel", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("proof", Text, nullable=False),
    Column("occurred_at", _BIG, nullable=False),
    Column("message_id", Text, nullable=False),
    PrimaryKeyConstraint("profile_id", "channel", "topic"),
    sqlite_with_rowid=False,
)

suppressions = Table(
    "suppressions",
    state,
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", _BIG, nullable=False),
    PrimaryKeyConstraint("channel", "address"),
)

segments = Table(
    "segments",
    state,
    Column("segment_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("created_at", _BIG, nullable=False),
    PrimaryKeyConstraint("segment_id", "version"),
)

segment_fills = Table(
    "segment_fills",  # how far each segment's membership is up to date, and for which version
    state,
    Column("segment_id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("refreshed_at", _BIG, nullable=False),
    Column("people", _BIG, nullable=False),
)

segment_members = Table(
    "segment_members",
    state,
    Column("segment_id", Text, nullable=False),
    Column("profile_id", _BIG, nullable=False),
    Column("entered_at", _BIG, nullable=False),
    PrimaryKeyConstraint("segment_id", "profile_id"),
    sqlite_with_rowid=False,
)
Index("segment_members_by_profile", segment_members.c.profile_id)

tags = Table(
    "tags",
    state,
    Column("tag_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("created_at", _BIG, nullable=False),
    PrimaryKeyConstraint("tag_id", "version"),
)

tag_cuts = Table(
    "tag_cuts",  # quantile cuts move with the population: kept with their time, so a score can be recomputed
    state,
    Column("tag_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("computed_at", _BIG, nullable=False),
    Column("cuts", Text, nullable=False),
    PrimaryKeyConstraint("tag_id", "version", "computed_at"),
)

tag_values = Table(
    "tag_values",
    state,
    Column("tag_id", Text, nullable=False),
    Column("profile_id", _BIG, nullable=False),
    Column("value", Text, nullable=False),  # JSON scalar
    Column("details", Text),  # JSON object of what the value rests on (an RFM cell); mostly none
    Column("computed_at", _BIG, nullable=False),
    PrimaryKeyConstraint("tag_id", "profile_id"),
    sqlite_with_rowid=False,
)

tag_fills = Table(
    "tag_fills",
    state,
    Column("tag_id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("refreshed_at", _BIG, nullable=False),
    Column("people", _BIG, nullable=False),
)

templates = Table(
    "templates",
    state,
    Column("template_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("created_at", _BIG, nullable=False),
    PrimaryKeyConstraint("template_id", "version"),
)

journeys = Table(
    "journeys",
    state,
    Column("journey_id", Text, primary_key=True),
    Column("state", Text, nullable=False),  # live | paused | ended
    Column("version", Integer, nullable=False),
    Column("published_at", _BIG, nullable=False),
    Column("changed_at", _BIG, nullable=False),
)

journey_versions = Table(
    "journey_versions",
    state,
    Column("journey_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("published_at", _BIG, nullable=False),
    PrimaryKeyConstraint("journey_id", "version"),
)

enrollments = Table(
    "enrollments",
    state,
    Column("enrollment_id", Text, primary_key=True),
    Column("journey_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("profile_id", _BIG, nullable=False),
    Column("key", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("arm", Text, nullable=False),
    Column("entered_at", _BIG, nullable=False),
    Column("status", Text, nullable=False),  # active | left | quarantined
    Column("node", Text, nullable=False),
    Column("arrived_at", _BIG, nullable=False),
    Column("due_at", _BIG),
    Column("visits", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("left_at", _BIG),
    Column("goal_until", _BIG),
    Column("goal_at", _BIG),
)
Index("enrollments_by_profile", enrollments.c.profile_id, enrollments.c.journey_id)
Index("enrollments_by_journey", enrollments.c.journey_id, enrollments.c.status)
Index("enrollments_due", enrollments.c.due_at)

messages = Table(
    "messages",
    state,
    Column("message_id", Text, primary_key=True),  # derived from its cause: a replay writes nothing
    Column("cause", Text, nullable=False),
    Column("journey_id", Text, nullable=False),
    Column("journey_version", Integer, nullable=False),
    Column("enrollment_id", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("arm", Text, nullable=False),
    Column("profile_id", _BIG, nullable=False),
    Column("channel", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("template_id", Text, nullable=False),
    Column("template_version", Integer, nullable=False),
    Column("address", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("over_cap", Text, nullable=False),
    Column("state", Text, nullable=False),  # queued held sending sent failed unknown dropped
    Column("reason", Text, nullable=False),
    Column("created_at", _BIG, nullable=False),
    Column("due_at", _BIG, nullable=False),
    Column("expires_at", _BIG),
    Column("sent_at", _BIG),
    Column("attempts", Integer, nullable=False),
    Column("receipt", Text, nullable=False),
)
Index("messages_due", messages.c.state, messages.c.due_at)
Index("messages_by_profile", messages.c.profile_id, messages.c.created_at)
Index("messages_by_creation", messages.c.created_at, messages.c.message_id)

emitted_events = Table(
    "emitted_events",
    state,
    Column("position", _BIG, primary_key=True, autoincrement=True),
    Column("message_id", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("profile_id", _BIG, nullable=False),
    Column("occurred_at", _BIG, nullable=False),
    Column("properties", Text, nullable=False),
    sqlite_autoincrement=True,
)

decisions = Table(
    "decisions",  # every assignment with its probability, at entry, before any branch
    state,
    Column("decision_id", Text, primary_key=True),
    Column("enrollment_id", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("arm", Text, nullable=False),
    Column("probability", Float, nullable=False),
    Column("decided_at", _BIG, nullable=False),
    Column("salt", Text, nullable=False),
    Column("explored", Boolean, nullable=False),
)
Index("decisions_by_enrollment", decisions.c.enrollment_id)
