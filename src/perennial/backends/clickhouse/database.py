"""A workspace's database: made once, and brought up to date by the schema's numbered files."""

from perennial.backends.clickhouse.parameters import Parameter
from perennial.backends.clickhouse.statements import migrations, statement
from perennial.backends.clickhouse.transport import Transport
from perennial.kernel.errors import PerennialError


class NewerEventStore(PerennialError):
    """The event store was written by a newer version of Perennial."""

    code = "newer_version"


def prepare_database(transport: Transport) -> None:
    """Make the workspace's database where it is missing and apply the schema files it lacks. Idempotent.

    Raises `NewerEventStore` where a newer Perennial has written it.
    """
    for shard in transport.shards:
        _prepare(shard)
    transport.unite()


def _prepare(transport: Transport) -> None:
    transport.command(statement("create_database"))
    transport.command(statement("create_schema_versions"))
    versions = transport.query(statement("schema_version"))["version"].to_pylist()
    present = int(str(versions[0]))
    if present > max(migrations()):
        raise NewerEventStore(hint="Upgrade Perennial, or open another data directory.", path="events")
    for version, steps in migrations().items():
        if version <= present:
            continue
        for step in steps:
            transport.command(step)
        transport.command(
            statement("record_schema_version"), {"version": Parameter(type="UInt32", value=version)}
        )
