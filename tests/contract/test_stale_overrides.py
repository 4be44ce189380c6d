"""Whoever is held up while telling of merges, and writes when another has told more, changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from perennial.backends.clickhouse import ClickHouseEventStore, Transport
from perennial.backends.clickhouse.parameters import Parameter, Sql
from perennial.backends.clickhouse.persons import profiles_of
from perennial.backends.clickhouse.transport import NO_PARAMETERS, Table
from perennial.backends.sql.state import StateStore
from perennial.collect.identity.model import Merge, Resolution
from perennial.collect.identity.service import tell_all_merges, tell_merges
from perennial.kernel.ids import ProfileId
from perennial.testing.builders import NOON

ANNA, BOB, CARL = ProfileId(2**63 - 1), ProfileId(2), ProfileId(3)


class HeldUp:
    """A transport whose writes wait until they are let go."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._waiting: list[tuple[Sql, Mapping[str, Parameter]]] = []

    @property
    def shards(self) -> Sequence[Transport]:
        return self._transport.shards

    def query(self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS) -> pa.Table:
        return self._transport.query(statement, parameters)

    def stream(
        self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS
    ) -> AbstractContextManager[Iterator[pa.RecordBatch]]:
        return self._transport.stream(statement, parameters)

    def command(self, statement: Sql, parameters: Mapping[str, Parameter] = NO_PARAMETERS) -> None:
        self._waiting.append((statement, parameters))

    def insert(self, table: Table, rows: pa.Table, *, token: str) -> None:
        raise AssertionError("merges are told by statements")

    def unite(self) -> None:
        self._transport.unite()

    def drop(self) -> None:
        self._transport.drop()

    def let_go(self) -> None:
        assert self._waiting
        for statement, parameters in self._waiting:
            self._transport.command(statement, parameters)


class TransactionEnded(Exception):
    """The database ended the transaction of whoever was held up."""


@dataclass
class Stores:
    state: StateStore
    transport: Transport

    def merge(self, lost: ProfileId, kept: ProfileId) -> None:
        found = Merge(lost=lost, kept=kept, merged_at=NOON, cause="m1", reason="login")
        first_seen = dict.fromkeys((lost, kept), NOON)
        with self.state.begin() as transaction:
            transaction.identities.save(Resolution(profile_ids=(), first_seen=first_seen, merges=[found]))

    def part(self, lost: ProfileId) -> None:
        with self.state.begin() as transaction:
            assert transaction.identities.part(lost, at=NOON)

    def tell(self) -> None:
        with self.state.begin() as transaction:
            tell_merges(transaction, ClickHouseEventStore(self.transport))

    def tell_all(self) -> None:
        with self.state.begin() as transaction:
            tell_all_merges(transaction, ClickHouseEventStore(self.transport))

    def held_up_telling(self) -> HeldUp:
        """Somebody who read everything and has not written when the transaction is ended."""
        held_up = HeldUp(self.transport)
        with suppress(TransactionEnded), self.state.begin() as transaction:
            tell_merges(transaction, ClickHouseEventStore(held_up))
            raise TransactionEnded
        return held_up

    def people(self) -> Mapping[ProfileId, tuple[ProfileId, ...]]:
        found = profiles_of(self.transport, (ANNA, BOB, CARL))
        return {one: tuple(sorted(profiles)) for one, profiles in found.items()}


@pytest.fixture
def stores(tmp_path: Path, transport: Transport) -> Iterator[Stores]:
    state = StateStore.open(f"sqlite:///{tmp_path}/state.db")
    yield Stores(state, transport)
    state.close()


def test_merges_told_late_do_not_undo_those_told_since(stores: Stores) -> None:
    stores.merge(ANNA, BOB)
    held_up = stores.held_up_telling()
    stores.merge(BOB, CARL)
    stores.tell()
    everyone = dict.fromkeys((ANNA, BOB, CARL), (BOB, CARL, ANNA))
    assert stores.people() == everyone
    held_up.let_go()
    assert stores.people() == everyone


def test_a_merge_told_late_does_not_join_who_were_parted_since(stores: Stores) -> None:
    stores.merge(ANNA, BOB)
    held_up = stores.held_up_telling()
    stores.tell()
    stores.part(ANNA)
    stores.tell()
    apart = {one: (one,) for one in (ANNA, BOB, CARL)}
    assert stores.people() == apart
    held_up.let_go()
    assert stores.people() == apart


def test_a_parting_told_late_does_not_part_who_merged_since(stores: Stores) -> None:
    stores.merge(ANNA, BOB)
    stores.tell()
    stores.part(ANNA)
    held_up = stores.held_up_telling()
    stores.merge(ANNA, CARL)
    stores.tell()
    joined = {ANNA: (CARL, ANNA), BOB: (BOB,), CARL: (CARL, ANNA)}
    assert stores.people() == joined
    held_up.let_go()
    assert stores.people() == joined


def test_telling_everything_again_changes_nothing(stores: Stores) -> None:
    stores.merge(ANNA, BOB)
    stores.merge(BOB, CARL)
    stores.tell()
    stores.part(BOB)
    stores.tell()
    told = stores.people()
    for _ in range(2):
        stores.tell_all()
        assert stores.people() == told


def test_new_versions_stand_above_those_that_were_counted_from_one(stores: Stores) -> None:
    ClickHouseEventStore(stores.transport).override({ANNA: CARL}, version=2**24 - 1)
    stores.merge(ANNA, BOB)
    stores.part(ANNA)
    stores.tell()
    assert stores.people() == {one: (one,) for one in (ANNA, BOB, CARL)}
