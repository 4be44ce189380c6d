"""What each table of the event store says of people: erasing goes by this list.

Whoever adds a table adds it here; a test compares the list with the tables of every engine.
"""

from collections.abc import Mapping

from perennial.backends.clickhouse.parameters import Sql

PERSONAL: tuple[Sql, ...] = (Sql("events"), Sql("rollup"), Sql("overrides"))
"""All whose rows are of profiles: each has a `profile_id`, by which they are erased."""

IMPERSONAL: Mapping[str, str] = {
    "rollup_feed": "a view: what it makes is in `rollup`",
    "placement": "which shard a server is",
    "schema_versions": "numbers of steps",
}
"""All others, each with what is in it instead."""
