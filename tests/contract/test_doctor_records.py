"""What the state store says about itself, on both engines: its schema, its settings, its damage."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Delete, Engine, Insert, Update, delete, event, insert, text, update
from tests.services.state import OpenStore

from perennial.backends.sql.doctor import SqlRecordsExam
from perennial.backends.sql.engine import version_table, writing
from perennial.backends.sql.imports import SqlImportLedger
from perennial.backends.sql.tables import (
    enrollments,
    identities,
    merges,
    messages,
    profiles,
    segment_fills,
    segment_members,
)
from perennial.collect.imports.model import ImportProgress, ImportResult, Spool

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def exam(open_new: OpenStore) -> SqlRecordsExam:
    return SqlRecordsExam(open_new("state"), open_new("intake"))


def test_a_new_store_is_whole_durable_and_current(exam: SqlRecordsExam) -> None:
    assert exam.damage() == []
    assert exam.weak_settings() == []
    assert all(present == head for present, head in exam.schemas().values())
    assert set(exam.schemas()) == {"state", "intake"}


def test_an_empty_store_has_nothing_wrong_in_it(exam: SqlRecordsExam) -> None:
    assert exam.standing() == []
    assert exam.repeated_runs() == []
    assert exam.messages_by_state() == {}
    assert exam.contradictory_messages() == []
    assert exam.causeless_messages() == []
    assert exam.lost_names() == []
    assert exam.memberships() == {}


def test_an_import_whose_rows_wait_too_long_is_told(open_new: OpenStore, exam: SqlRecordsExam) -> None:
    ledger = SqlImportLedger(open_new("intake"))
    for number, at in enumerate((NOON - timedelta(hours=1), NOON)):
        progress = ImportProgress(
            name=f"file{number}", file="f", fingerprint="x", state="running", result=ImportResult()
        )
        spool = Spool(token=f"t{number}", name=progress.name, path="p")
        ledger.accept(progress, keys=[bytes(16)], rejects=[], at=at, write=lambda _, one=spool: one)
    assert exam.imports_waiting_since_before(NOON) == ["file0"]


def test_a_store_that_was_not_migrated_is_told(open_new: OpenStore, exam: SqlRecordsExam) -> None:
    state = open_new("state")
    table = version_table(state, "state")
    head = exam.schemas()["state"][1]
    with writing(state) as connection:
        connection.execute(text(f"UPDATE {table} SET version_num = 'state_0001'"))  # noqa: S608  our own name
    try:
        assert exam.schemas()["state"] == ("state_0001", head)
    finally:
        with writing(state) as connection:
            connection.execute(text(f"UPDATE {table} SET version_num = '{head}'"))  # noqa: S608  as above


def test_a_connection_that_does_not_wait_for_the_disk_is_told(open_new: OpenStore) -> None:
    state = open_new("state")
    loose = state.execution_options()

    @event.listens_for(loose, "begin")
    def loosen(connection: Connection) -> None:
        connection.exec_driver_sql(_LOOSE[connection.dialect.name])

    assert [told for told in SqlRecordsExam(loose, state).weak_settings() if told.startswith("state")]


PEOPLE = 1, 2, 3


@pytest.fixture
def state(open_new: OpenStore) -> Engine:
    """A store with three people, each by a name, in a segment, in a journey and with a message."""
    engine = open_new("state")
    with writing(engine) as connection:
        for number in PEOPLE:
            connection.execute(
                insert(profiles).values(profile_id=number, user_id=f"p{number}", first_seen_at=0)
            )
            connection.execute(
                insert(identities).values(kind="user", value=f"p{number}", profile_id=number, linked_at=0)
            )
            connection.execute(
                insert(segment_members).values(segment_id="vip", profile_id=number, entered_at=0)
            )
            connection.execute(insert(enrollments).values(**a_run(number)))
            connection.execute(insert(messages).values(**a_message(number)))
        connection.execute(
            insert(segment_fills).values(segment_id="vip", version=1, refreshed_at=0, people=3)
        )
    return engine


def a_run(person: int, *, ordinal: int = 1, key: str = "") -> dict[str, str | int | None]:
    texts = {"journey_id": "hello", "arm": "treated", "status": "active", "node": "rest", "visits": "{}"}
    numbers = {"version": 1, "profile_id": person, "ordinal": ordinal, "entered_at": 0, "arrived_at": 0}
    return {"enrollment_id": f"enr_{person}_{ordinal}", "key": key, "outcome": "", **texts, **numbers}


def a_message(person: int) -> dict[str, str | int | None]:
    run = f"enr_{person}_1"
    texts = {"journey_id": "hello", "node": "write", "arm": "treated", "channel": "email", "topic": "news"}
    more = {"template_id": "hello", "address": "", "over_cap": "hold", "reason": "", "receipt": ""}
    numbers = {
        "journey_version": 1,
        "profile_id": person,
        "template_version": 1,
        "priority": 50,
        "attempts": 1,
    }
    times = {"created_at": 0, "due_at": 0, "sent_at": 0}
    own = {"message_id": f"msg_{person}", "cause": f"{run}:write:1", "enrollment_id": run, "state": "sent"}
    return {**own, **texts, **more, **numbers, **times}


def exam_of(engine: Engine) -> SqlRecordsExam:
    return SqlRecordsExam(engine, engine)


def change(engine: Engine, statement: Update | Delete | Insert) -> SqlRecordsExam:
    with writing(engine) as connection:
        connection.execute(statement)
    return exam_of(engine)


def test_what_is_as_it_should_be_is_counted_and_not_told(state: Engine) -> None:
    exam = exam_of(state)
    assert exam.standing() == [("hello", 1, "rest", 3)]
    assert exam.messages_by_state() == {"sent": 3}
    assert exam.memberships() == {"vip": (3, 3, 3)}
    assert [exam.contradictory_messages(), exam.causeless_messages(), exam.lost_names()] == [[], [], []]
    assert (exam.repeated_runs(), exam.sending_since_before(NOON)) == ([], [])


def test_a_name_of_nobody_or_of_a_merged_profile_is_told(state: Engine) -> None:
    assert change(state, delete(profiles).where(profiles.c.profile_id == 2)).lost_names() == ["2"]
    merged = update(profiles).where(profiles.c.profile_id == 1).values(merged_into=3)
    assert sorted(change(state, merged).lost_names() or ()) == ["1", "2"]


def test_a_message_nobody_asked_for_is_told(state: Engine) -> None:
    gone = delete(enrollments).where(enrollments.c.profile_id == 2)
    assert change(state, gone).causeless_messages() == ["msg_2"]
    other = update(messages).where(messages.c.message_id == "msg_1").values(cause="enr_9:write:1")
    assert sorted(change(state, other).causeless_messages() or ()) == ["msg_1", "msg_2"]


def test_a_message_that_contradicts_itself_or_sticks_is_told(state: Engine) -> None:
    sent = update(messages).where(messages.c.message_id == "msg_1").values(sent_at=None)
    assert change(state, sent).contradictory_messages() == ["msg_1"]
    stuck = update(messages).where(messages.c.message_id == "msg_2").values(state="sending", sent_at=None)
    exam = change(state, stuck)
    assert exam.sending_since_before(NOON) == ["msg_2"]
    assert exam.contradictory_messages() == ["msg_1"]


def test_somebody_in_a_journey_twice_is_told_unless_they_came_in_as_two(state: Engine) -> None:
    exam = change(state, insert(enrollments).values(**a_run(2, ordinal=2)))
    assert exam.repeated_runs() == [("hello", 1, 2, 1)]
    exam = change(state, update(enrollments).where(enrollments.c.ordinal == 2).values(key="cart"))
    assert exam.repeated_runs() == [("hello", 1, 2, 2)]
    exam = change(state, insert(merges).values(lost=9, kept=2, merged_at=0, cause="m"))
    assert exam.repeated_runs() == []
    assert exam.memberships() == {"vip": (3, 3, 2)}


def test_a_member_nobody_counted_is_told(state: Engine) -> None:
    gone = delete(segment_members).where(segment_members.c.profile_id == 2)
    assert change(state, gone).memberships() == {"vip": (3, 2, 2)}


_LOOSE = {"sqlite": "PRAGMA synchronous = NORMAL", "postgresql": "SET LOCAL synchronous_commit TO off"}
