"""The event store is the log of everything that happened, in ClickHouse, embedded or a server."""

from perennial.backends.clickhouse.database import prepare_database
from perennial.backends.clickhouse.embedded import EmbeddedClickHouse
from perennial.backends.clickhouse.population import ClickHousePopulation
from perennial.backends.clickhouse.store import ClickHouseEventStore
from perennial.backends.clickhouse.transport import SETTINGS, EventStoreFailed, Transport

__all__ = [
    "SETTINGS",
    "ClickHouseEventStore",
    "ClickHousePopulation",
    "EmbeddedClickHouse",
    "EventStoreFailed",
    "Transport",
    "prepare_database",
]
