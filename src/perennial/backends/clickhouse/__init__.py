"""The event store is the log of everything that happened, in ClickHouse, embedded or a server."""

from perennial.backends.clickhouse.address import Address, parse_address
from perennial.backends.clickhouse.database import prepare_database
from perennial.backends.clickhouse.embedded import EmbeddedClickHouse
from perennial.backends.clickhouse.opening import open_event_store
from perennial.backends.clickhouse.population import ClickHousePopulation
from perennial.backends.clickhouse.server import ClickHouseServer
from perennial.backends.clickhouse.store import ClickHouseEventStore
from perennial.backends.clickhouse.transport import (
    SETTINGS,
    EventStoreFailed,
    EventStoreUnavailable,
    Transport,
)

__all__ = [
    "SETTINGS",
    "Address",
    "ClickHouseEventStore",
    "ClickHousePopulation",
    "ClickHouseServer",
    "EmbeddedClickHouse",
    "EventStoreFailed",
    "EventStoreUnavailable",
    "Transport",
    "open_event_store",
    "parse_address",
    "prepare_database",
]
