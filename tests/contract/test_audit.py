"""The audit log in the root store of either engine: rows are added, and never touched again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, delete, update
from sqlalchemy.exc import DBAPIError
from tests.services.state import OpenStore

from perennial.access.audit import Acted, AuditLog, AuditQuery
from perennial.access.audit.model import BROKEN_OFF, DONE
from perennial.backends.sql.audit import SqlAuditStore
from perennial.backends.sql.engine import writing
from perennial.backends.sql.member_tables import audit_entries, audit_outcomes
from perennial.kernel.clock import VirtualClock
from perennial.kernel.errors import InvalidDocument, Unavailable
from perennial.kernel.values import Json

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
ANY = AuditQuery(workspace=None)


@pytest.fixture
def engine(open_new: OpenStore) -> Engine:
    return open_new("root")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


@pytest.fixture
def log(engine: Engine, clock: VirtualClock) -> AuditLog:
    return AuditLog(SqlAuditStore(engine), clock)


def acted(
    operation: str, *, workspace: str = "shop", actor: str = "mem_1", before: Json | None = None
) -> Acted:
    return Acted(
        workspace=workspace,
        actor_kind="member",
        actor_id=actor,
        address="203.0.113.9",
        operation=operation,
        target="winback",
        before=before,
    )


def test_an_entry_comes_back_as_it_was_written(log: AuditLog) -> None:
    number = log.begin_entry(acted("pause_journey", before={"state": "live", "名": "长青"}))
    log.end_entry(number, DONE, after={"state": "paused", "password": "hunter2"})
    (entry,), cursor = log.list_entries(ANY, limit=10, after=None)
    assert entry.acted == acted("pause_journey", before={"state": "live", "名": "长青"})
    assert (entry.at, entry.outcome, cursor) == (NOON, DONE, None)
    assert entry.after == {"state": "paused", "password": "…"}


def test_what_is_no_text_is_kept_as_far_as_it_is_one(log: AuditLog) -> None:
    odd = acted("import", before={"a\x00": ["\ud800", "b\x00"]})
    log.begin_entry(replace(odd, target="x\x00\ud800" + "y" * 300))
    (entry,), _ = log.list_entries(ANY, limit=10, after=None)
    assert entry.acted.before == {"a?": ["?", "b\x00"]}
    assert entry.acted.target == "x??" + "y" * 252


def test_a_change_that_was_broken_off_has_no_outcome(log: AuditLog) -> None:
    log.begin_entry(acted("publish_policy"))
    (entry,), _ = log.list_entries(ANY, limit=10, after=None)
    assert (entry.outcome, entry.after) == (BROKEN_OFF, None)


def test_the_store_refuses_to_change_or_remove_an_entry(log: AuditLog, engine: Engine) -> None:
    log.end_entry(log.begin_entry(acted("pause_journey")), DONE, after=None)
    for statement in (
        update(audit_entries).values(actor_id="mem_2"),
        delete(audit_entries),
        update(audit_outcomes).values(outcome="refused"),
        delete(audit_outcomes),
    ):
        with pytest.raises((DBAPIError, Unavailable)), writing(engine) as connection:
            connection.execute(statement)
    (entry,), _ = log.list_entries(ANY, limit=10, after=None)
    assert (entry.acted.actor_id, entry.outcome) == ("mem_1", DONE)


def test_entries_are_found_by_what_they_say_and_paged_newest_first(
    log: AuditLog, clock: VirtualClock
) -> None:
    for number in range(5):
        log.begin_entry(
            acted(f"op_{number % 2}", workspace="shop" if number < 4 else "", actor=f"mem_{number % 3}")
        )
        clock.advance(timedelta(hours=1))

    def numbers(query: AuditQuery) -> list[int]:
        return [one.entry_id for one in log.list_entries(query, limit=10, after=None)[0]]

    newest = numbers(ANY)
    assert newest == sorted(newest, reverse=True)
    assert numbers(AuditQuery(workspace="shop")) == newest[1:]
    assert numbers(AuditQuery(workspace=None, operation="op_1")) == [newest[1], newest[3]]
    assert numbers(AuditQuery(workspace=None, actor="mem_0")) == [newest[1], newest[4]]
    span = AuditQuery(workspace=None, start=NOON + timedelta(hours=1), end=NOON + timedelta(hours=3))
    assert numbers(span) == newest[2:4]
    first, cursor = log.list_entries(ANY, limit=3, after=None)
    rest, end = log.list_entries(ANY, limit=3, after=cursor)
    assert [one.entry_id for one in [*first, *rest]] == newest
    assert end is None
    with pytest.raises(InvalidDocument):
        log.list_entries(ANY, limit=3, after="-1")
