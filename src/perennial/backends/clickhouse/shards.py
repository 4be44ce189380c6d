"""A workspace's log in several parts: every profile's rows on one shard, found by its id.

Each shard holds a database like that of a server by itself, written and asked directly; a second one
beside it, `all_…`, shows the tables of all shards as one (`Distributed`). What is about people is asked of
each shard about its own, and only answers travel; what is about the log as a whole is asked of the second.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TypeVar

import numpy as np
import pyarrow as pa

from perennial.backends.clickhouse.arrow import as_array, integers
from perennial.backends.clickhouse.parameters import Parameter, Sql, identifier, quoted
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import NO_PARAMETERS, Table, Transport
from perennial.kernel.errors import Refused, nearest

_Part = TypeVar("_Part")
_Result = TypeVar("_Result")

# Small, and written by commands to every shard; all other tables hold rows of profiles.
_ALIKE_EVERYWHERE = ("overrides",)


def query_shards(
    transport: Transport, asked: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS
) -> pa.Table:
    """The rows a statement gives at each shard about its own profiles, one shard's after the other's."""
    return pa.concat_tables(_at_once(transport.shards, lambda shard: shard.query(asked, parameters)))


class ShardedDatabase:
    """A transport to one workspace's database on every shard of a cluster."""

    def __init__(
        self, *, shards: Sequence[Transport], wholes: Sequence[Transport], name: str, cluster: str
    ) -> None:
        self._shards = shards
        self._wholes = wholes
        self._name = name
        self._cluster = cluster

    @property
    def shards(self) -> Sequence[Transport]:
        """Each shard's own database, in the cluster's order."""
        return self._shards

    def query(self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS) -> pa.Table:
        """The rows a statement gives over the whole log, put together by the first shard."""
        return self._wholes[0].query(statement, parameters)

    def stream(
        self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS
    ) -> AbstractContextManager[Iterator[pa.RecordBatch]]:
        """The rows a statement gives over the whole log, put together by the first shard."""
        return self._wholes[0].stream(statement, parameters)

    def command(self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS) -> None:
        """Carry out a statement on every shard; on the first one last.

        The first is the one that is read to see what is there, so what it shows is everywhere.
        """
        for shard in reversed(self._shards):
            shard.command(statement, parameters)

    def insert(self, table: Table, rows: pa.Table, *, token: str) -> None:
        """Add rows, each to its profile's shard; after a failure the same token completes what is missing."""
        places = as_array(rows, "profile_id", np.dtype(np.uint64)) % np.uint64(len(self._shards))
        parts = [
            (shard, rows.filter(pa.array(places == place)))
            for place, shard in enumerate(self._shards)
            if (places == place).any()
        ]
        _at_once(parts, lambda part: part[0].insert(table, part[1], token=token))

    def drop(self) -> None:
        """Take the database away from every shard, and what shows them as one."""
        for database in (*self._wholes, *reversed(self._shards)):
            database.drop()

    def unite(self) -> None:
        """Show the tables of all shards as one, on every shard. Idempotent.

        Raises `Refused` where the log was divided among another number of shards.
        """
        for place, shard in enumerate(self._shards):
            self._claim(shard, place)
        _at_once(list(zip(self._shards, self._wholes, strict=True)), lambda pair: self._show(pair[1]))

    def _claim(self, shard: Transport, place: int) -> None:
        """Note which part of how many a shard holds: with another number, rows would be sought elsewhere."""
        shard.command(statement("create_placement"))
        expected = {
            "place": Parameter(type="UInt32", value=place),
            "shards": Parameter(type="UInt32", value=len(self._shards)),
        }
        shard.command(statement("claim_placement"), expected)
        found = shard.query(statement("placement"))
        if list(zip(integers(found, "place"), integers(found, "shards"), strict=True)) != [
            (place, len(self._shards))
        ]:
            raise Refused(
                f"The event store of {self._name} was divided among other shards than the address names.",
                hint="Name the shards it was made with; moving to more is a new store and a replay.",
                path="$.events",
            )

    def _show(self, whole: Transport) -> None:
        """Let one shard's second database show every table of the first, as all shards hold it."""
        whole.command(statement("create_database"))
        part = {"part": Parameter(type="String", value=self._name)}
        for table in whole.query(statement("tables_not_shown"), part)["name"].to_pylist():
            show = "show_own" if table in _ALIKE_EVERYWHERE else "show_all"
            whole.command(
                statement(
                    show,
                    table=identifier(str(table)),
                    part=identifier(self._name),
                    cluster=identifier(self._cluster),
                    own_only=quoted(f"^{table}$"),
                )
            )


def in_cluster_order(servers: Sequence[Transport], *, cluster: str) -> list[int]:
    """Which of the servers is the first shard of the cluster, which the second …

    Raises `Refused` where they are not exactly the cluster's shards.
    """
    asked = {"cluster": Parameter(type="String", value=cluster)}
    places: dict[int, int] = {}
    for number, server in enumerate(servers):
        found = server.query(statement("cluster_shards"), asked)
        if not found.num_rows:
            known = server.query(statement("clusters"))["cluster"].to_pylist()
            raise _refused(f"The event store has no cluster {cluster!r}.", nearest(cluster, map(str, known)))
        shards = integers(found, "shard")
        if len(shards) != len(set(shards)) or set(integers(found, "weight")) != {1}:
            raise _refused(
                f"A shard of the cluster {cluster!r} has replicas or a weight.",
                "Perennial writes each shard itself: give every shard one replica and the weight 1.",
            )
        if len(shards) != len(servers):
            raise _refused(
                f"The cluster {cluster!r} has {len(shards)} shards; the address names {len(servers)}.",
                "Name the HTTP address of every shard: host1:8123,host2:8123.",
            )
        own = [shard for shard, is_own in zip(shards, integers(found, "is_own"), strict=True) if is_own]
        places.update(dict.fromkeys(own, number))
    if sorted(places) != list(range(1, len(servers) + 1)):
        raise _refused(
            f"The servers of the address are not the shards of the cluster {cluster!r}, each one once.",
            "A server knows itself in its `remote_servers` by a host name that leads to itself.",
        )
    return [places[shard] for shard in sorted(places)]


def _refused(message: str, hint: str) -> Refused:
    return Refused(message, hint=hint, path="$.events")


def _at_once(parts: Sequence[_Part], act: Callable[[_Part], _Result]) -> list[_Result]:
    """What each part gives, all at the same time; the first failure is raised when all have ended."""
    if len(parts) <= 1:
        return [act(part) for part in parts]
    with ThreadPoolExecutor(len(parts)) as pool:
        return list(pool.map(act, parts))
