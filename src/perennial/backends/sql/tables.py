"""The declared schema of the state stores; migrations must lead exactly here (a test proves it).

Three stores, each with its own tables and its own chain of migrations:

- `root`: one per installation: workspaces, keys, tokens (in `root_tables`)
- `intake`: one per workspace: the durable log of what was accepted, what was seen, what was refused
- `state`: one per workspace: everything that decisions rest on

Instants are integers: microseconds since 1970-01-01 UTC. Documents are JSON text. Text is ordered by code
point on every engine.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
)

from perennial.backends.sql.columns import BIG, TEXT

intake = MetaData()
state = MetaData()

# --- intake ---------------------------------------------------------------------------------------

stretches = Table(  # consecutive calls, accepted together
    "stretches",
    intake,
    Column("last", BIG, primary_key=True, autoincrement=False),  # positions, one per call
    Column("first", BIG, nullable=False),
    Column("body", LargeBinary, nullable=False),
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
    Column("reject_id", BIG, primary_key=True, autoincrement=True),
    Column("source", TEXT, nullable=False),
    Column("received_at", BIG, nullable=False),
    Column("path", TEXT, nullable=False),
    Column("code", TEXT, nullable=False),
    Column("message", TEXT, nullable=False),
    Column("hint", TEXT, nullable=False),
    Column("payload", TEXT, nullable=False),
    *(Column(n, TEXT, nullable=False, server_default="") for n in ("event", "user_id", "anonymous_id")),
    *(Column(n, TEXT, nullable=False, server_default="") for n in ("message_id", "envelope")),
    Column("events", BIG, nullable=False, server_default="1"),  # how many calls this row stands for
    Column("replayed_at", BIG, nullable=True),  # it was tried again then, and is an event now
    sqlite_autoincrement=True,
)
Index("rejects_by_source", rejects.c.source, rejects.c.reject_id)

imports = Table(
    "imports",
    intake,
    Column("name", TEXT, primary_key=True),
    Column("file", TEXT, nullable=False),
    Column("fingerprint", TEXT, nullable=False),  # size and hash of the file: a changed file starts anew
    Column("state", TEXT, nullable=False),
    Column("read", BIG, nullable=False),
    Column("accepted", BIG, nullable=False),
    Column("duplicates", BIG, nullable=False),
    Column("rejected", BIG, nullable=False),
    Column("updated_at", BIG, nullable=False),
)

spools = Table(
    "spools",  # batches of an import that were accepted but may not have reached the event store yet
    intake,
    Column("token", TEXT, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("path", TEXT, nullable=False),
    Column("places", LargeBinary),  # a bit per row of its portion of the file: is it new; none: all are
    Column("accepted_at", BIG),
)

# --- state ----------------------------------------------------------------------------------------

leases = Table(
    "leases",  # who does which work, where several processes share the store
    state,
    Column("name", TEXT, primary_key=True),
    Column("holder", TEXT, nullable=False),  # empty while nobody has it
    Column("epoch", BIG, nullable=False),  # one more with each holder: an earlier one is known by it
    Column("expires_at", BIG, nullable=False),  # by the clock of the database
)

processes = Table(
    "processes",  # those that take part now: leases are divided among them
    state,
    Column("holder", TEXT, primary_key=True),
    Column("expires_at", BIG, nullable=False),
)

offsets = Table(
    "offsets",
    state,
    Column("stream", TEXT, primary_key=True),
    Column("position", BIG, nullable=False),
)

batches = Table(
    "batches",  # boundaries recorded before a batch goes to the event store: a replay is the same batch
    state,
    Column("stream", TEXT, nullable=False),
    Column("first", BIG, nullable=False),
    Column("last", BIG, nullable=False),
    Column("token", TEXT, nullable=False),
    Column("recorded_at", BIG, nullable=False),
    Column("people", LargeBinary),  # a profile id of 8 bytes per row, before a row is written anywhere
    PrimaryKeyConstraint("stream", "first"),
)

identities = Table(
    "identities",
    state,
    Column("kind", TEXT, nullable=False),  # user | anonymous | a declared kind of key
    Column("value", TEXT, nullable=False),
    Column("profile_id", BIG, nullable=False),
    Column("linked_at", BIG, nullable=False),
    Column("cause", TEXT),  # the message that said so; none in what is older than this column
    PrimaryKeyConstraint("kind", "value"),
    sqlite_with_rowid=False,
)
Index("identities_by_profile", identities.c.profile_id)

profiles = Table(
    "profiles",
    state,
    Column("profile_id", BIG, primary_key=True, autoincrement=False),
    Column("user_id", TEXT),  # the customer's id people are listed under; none while anonymous
    Column("first_seen_at", BIG, nullable=False),
    Column("merged_into", BIG),
)
Index("profiles_by_user", profiles.c.user_id)
Index(
    "profiles_by_kept",  # few of many: only those that were merged
    profiles.c.merged_into,
    sqlite_where=profiles.c.merged_into.is_not(None),
    postgresql_where=profiles.c.merged_into.is_not(None),
)

merges = Table(
    "merges",
    state,
    Column("merge_id", BIG, primary_key=True, autoincrement=True),
    Column("lost", BIG, nullable=False, unique=True),  # below 0: taken back; no number is given twice
    Column("kept", BIG, nullable=False),
    Column("merged_at", BIG, nullable=False),
    Column("cause", TEXT, nullable=False),
    Column("reason", TEXT),
)

traits = Table(
    "traits",
    state,
    Column("profile_id", BIG, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("value", TEXT, nullable=False),  # JSON; null where the trait was taken away
    Column("occurred_at", BIG, nullable=False),
    Column("message_id", TEXT, nullable=False),
    PrimaryKeyConstraint("profile_id", "name"),
    sqlite_with_rowid=False,
)

trait_changes = Table(
    "trait_changes",  # what operations on traits came to: a batch tried again says the same (ADR 0025)
    state,
    Column("number", BIG, primary_key=True, autoincrement=True),
    Column("message_key", LargeBinary, nullable=False, unique=True),
    Column("profile_id", BIG, nullable=False),
    Column("occurred_at", BIG, nullable=False),
    Column("traits", TEXT, nullable=False),
)
Index("trait_changes_by_profile", trait_changes.c.profile_id)

consents = Table(
    "consents",
    state,
    Column("profile_id", BIG, nullable=False),
    Column("channel", TEXT, nullable=False),
    Column("topic", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),
    Column("proof", TEXT, nullable=False),
    Column("occurred_at", BIG, nullable=False),
    Column("message_id", TEXT, nullable=False),
    PrimaryKeyConstraint("profile_id", "channel", "topic"),
    sqlite_with_rowid=False,
)

suppressions = Table(
    "suppressions",
    state,
    Column("channel", TEXT, nullable=False),
    Column("address", TEXT, nullable=False),
    Column("reason", TEXT, nullable=False),
    Column("since", BIG, nullable=False),
    PrimaryKeyConstraint("channel", "address"),
)

segments = Table(
    "segments",
    state,
    Column("segment_id", TEXT, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("document", TEXT, nullable=False),
    Column("created_at", BIG, nullable=False),
    PrimaryKeyConstraint("segment_id", "version"),
)

segment_fills = Table(
    "segment_fills",  # how far each segment's membership is up to date, and for which version
    state,
    Column("segment_id", TEXT, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("refreshed_at", BIG, nullable=False),
    Column("people", BIG, nullable=False),
)

segment_members = Table(
    "segment_members",
    state,
    Column("segment_id", TEXT, nullable=False),
    Column("profile_id", BIG, nullable=False),
    Column("entered_at", BIG, nullable=False),
    PrimaryKeyConstraint("segment_id", "profile_id"),
    sqlite_with_rowid=False,
)
Index("segment_members_by_profile", segment_members.c.profile_id)

tags = Table(
    "tags",
    state,
    Column("tag_id", TEXT, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("document", TEXT, nullable=False),
    Column("created_at", BIG, nullable=False),
    PrimaryKeyConstraint("tag_id", "version"),
)

tag_cuts = Table(
    "tag_cuts",  # quantile cuts move with the population: kept with their time, so a score can be recomputed
    state,
    Column("tag_id", TEXT, nullable=False),
    Column("version", Integer, nullable=False),
    Column("computed_at", BIG, nullable=False),
    Column("cuts", TEXT, nullable=False),
    PrimaryKeyConstraint("tag_id", "version", "computed_at"),
)

tag_values = Table(
    "tag_values",
    state,
    Column("tag_id", TEXT, nullable=False),
    Column("profile_id", BIG, nullable=False),
    Column("value", TEXT, nullable=False),  # JSON scalar
    Column("details", TEXT),  # JSON object of what the value rests on (an RFM cell); mostly none
    Column("computed_at", BIG, nullable=False),
    PrimaryKeyConstraint("tag_id", "profile_id"),
    sqlite_with_rowid=False,
)

tag_fills = Table(
    "tag_fills",
    state,
    Column("tag_id", TEXT, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("refreshed_at", BIG, nullable=False),
    Column("people", BIG, nullable=False),
)

templates = Table(
    "templates",
    state,
    Column("template_id", TEXT, nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", TEXT, nullable=False),
    Column("created_at", BIG, nullable=False),
    PrimaryKeyConstraint("template_id", "version"),
)

journeys = Table(
    "journeys",
    state,
    Column("journey_id", TEXT, primary_key=True),
    Column("state", TEXT, nullable=False),  # live | paused | ended
    Column("version", Integer, nullable=False),
    Column("published_at", BIG, nullable=False),
    Column("changed_at", BIG, nullable=False),
)

journey_versions = Table(
    "journey_versions",
    state,
    Column("journey_id", TEXT, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("document", TEXT, nullable=False),
    Column("published_at", BIG, nullable=False),
    Column("plan", TEXT, nullable=False, server_default="{}"),  # what became of people in earlier versions
)

enrollments = Table(
    "enrollments",
    state,
    Column("enrollment_id", TEXT, primary_key=True),
    Column("journey_id", TEXT, nullable=False),
    Column("version", Integer, nullable=False),
    Column("profile_id", BIG, nullable=False),
    Column("key", TEXT, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("arm", TEXT, nullable=False),
    Column("entered_at", BIG, nullable=False),
    Column("status", TEXT, nullable=False),  # active | left | quarantined
    Column("node", TEXT, nullable=False),
    Column("arrived_at", BIG, nullable=False),
    Column("due_at", BIG),
    Column("visits", TEXT, nullable=False),
    Column("outcome", TEXT, nullable=False),
    Column("left_at", BIG),
    Column("goal_until", BIG),
    Column("goal_at", BIG),
)
Index("enrollments_by_profile", enrollments.c.profile_id, enrollments.c.journey_id)
Index("enrollments_by_journey", enrollments.c.journey_id, enrollments.c.status)
Index("enrollments_due", enrollments.c.due_at)

messages = Table(
    "messages",
    state,
    Column("message_id", TEXT, primary_key=True),  # derived from its cause: a replay writes nothing
    Column("cause", TEXT, nullable=False),
    Column("journey_id", TEXT, nullable=False),
    Column("journey_version", Integer, nullable=False),
    Column("enrollment_id", TEXT, nullable=False),
    Column("node", TEXT, nullable=False),
    Column("arm", TEXT, nullable=False),
    Column("profile_id", BIG, nullable=False),
    Column("channel", TEXT, nullable=False),
    Column("topic", TEXT, nullable=False),
    Column("template_id", TEXT, nullable=False),
    Column("template_version", Integer, nullable=False),
    Column("address", TEXT, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("value", Float, nullable=False, server_default="0"),  # what it is expected to be worth
    Column("at", TEXT),  # the time of the person's day it is for: HH:MM or best_hour
    Column("over_cap", TEXT, nullable=False),
    Column("state", TEXT, nullable=False),  # queued held sending sent failed unknown dropped
    Column("reason", TEXT, nullable=False),
    Column("created_at", BIG, nullable=False),
    Column("due_at", BIG, nullable=False),
    Column("expires_at", BIG),
    Column("sent_at", BIG),
    Column("attempts", Integer, nullable=False),
    Column("receipt", TEXT, nullable=False),
    Column("shard", Integer),  # of the one who is handing it over, whoever its person becomes
)
Index("messages_due", messages.c.state, messages.c.due_at)
Index("messages_by_profile", messages.c.profile_id, messages.c.created_at)
Index("messages_by_creation", messages.c.created_at, messages.c.message_id)

emitted_events = Table(
    "emitted_events",
    state,
    Column("position", BIG, primary_key=True, autoincrement=True),
    Column("message_id", TEXT, nullable=False, unique=True),
    Column("name", TEXT, nullable=False),
    Column("profile_id", BIG, nullable=False),
    Column("occurred_at", BIG, nullable=False),
    Column("properties", TEXT, nullable=False),
    sqlite_autoincrement=True,
)

decisions = Table(
    "decisions",  # every assignment with its probability, at entry, before any branch
    state,
    Column("decision_id", TEXT, primary_key=True),
    Column("enrollment_id", TEXT, nullable=False),
    Column("node", TEXT, nullable=False),
    Column("arm", TEXT, nullable=False),
    Column("probability", Float, nullable=False),
    Column("decided_at", BIG, nullable=False),
    Column("salt", TEXT, nullable=False),
    Column("explored", Boolean, nullable=False),
)
Index("decisions_by_enrollment", decisions.c.enrollment_id)
