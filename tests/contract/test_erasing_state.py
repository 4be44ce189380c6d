"""Erasing in the state stores, on both engines; and that no table is forgotten."""

import json
from datetime import UTC, datetime

from sqlalchemy import insert, select
from tests.services.state import OpenStore

from perennial.backends.sql import tables_schedules, tables_schema
from perennial.backends.sql.erased_calls import SqlIntakeErasure
from perennial.backends.sql.intake import SqlIntakeLog
from perennial.backends.sql.personal import IMPERSONAL, INTAKE, STATE
from perennial.backends.sql.state import StateStore
from perennial.backends.sql.tables import identities, intake, profiles, state, traits
from perennial.collect.events import Intake, Reception
from perennial.collect.identity.model import USER, Identifier
from perennial.collect.privacy import Erasure, PersonNames, is_erased
from perennial.kernel.ids import ProfileId

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LI = PersonNames(profiles=[ProfileId(1)], names=[Identifier(USER, "li")])


def test_every_table_is_known_to_say_something_of_people_or_nothing() -> None:
    assert tables_schedules.schedules.metadata is tables_schema.descriptions.metadata is state
    known = [each.table for each in STATE] + [*IMPERSONAL, *INTAKE]
    declared = {*state.tables.values(), *intake.tables.values()}
    assert {table.name for table in declared - set(known)} == set()
    assert len(known) == len(set(known))


def test_a_persons_rows_go_and_everybody_elses_stay(open_new: OpenStore) -> None:
    store = StateStore(open_new("state"))
    with store.begin() as transaction:
        for number, user in ((1, "li"), (2, "wang")):
            run = transaction.connection.execute
            run(insert(profiles).values(profile_id=number, user_id=user, first_seen_at=0))
            run(insert(identities).values(kind=USER, value=user, profile_id=number, linked_at=0))
            value = json.dumps(f"{user}@example.com")
            told = {"name": "email", "value": value, "occurred_at": 0, "message_id": "m"}
            run(insert(traits).values(profile_id=number, **told))
    with store.begin() as transaction:
        person = transaction.erasures.names_of(ProfileId(1))
        assert (person.texts, person.addresses) == (["li", "li@example.com"], ["li@example.com"])
        assert len(transaction.erasures.rows_of(person)["traits"]) == 1
        assert transaction.erasures.count_rows(person) == {"traits": 1, "identities": 1, "profiles": 1}
        transaction.erasures.erase_rows(person)
        assert transaction.erasures.count_rows(person) == {}
    store.scrub()
    with store.read() as transaction:
        left = transaction.connection.execute(select(identities.c.value)).scalars().all()
        assert left == ["wang"]


def test_an_erasure_is_kept_as_it_stands_and_listed_until_it_is_done(open_new: OpenStore) -> None:
    store = StateStore(open_new("state"))
    asked = Erasure(
        erasure_id="era_1",
        subject="00ff",
        reason="asked",
        by="desk",
        allows_return=False,
        requested_at=NOON,
        profiles=[ProfileId(1)],
        names=[Identifier(USER, "李")],
        addresses=["li@example.com"],
        counts={"traits": 1},
    )
    with store.begin() as transaction:
        transaction.erasures.save(asked)
    with store.read() as transaction:
        assert transaction.erasures.find("era_1") == asked
        assert transaction.erasures.unfinished() == [asked]
        assert transaction.erasures.find("era_2") is None


def test_calls_leave_the_log_keep_their_place_and_are_turned_away_afterwards(open_new: OpenStore) -> None:
    engine = open_new("intake")
    erasing, intake_ = SqlIntakeErasure(engine, seed="s"), Intake(SqlIntakeLog(engine), new_id=lambda: "n")
    web = Reception(source="web", received_at=NOON)
    calls = [
        {"type": "track", "event": "seen", "userId": user, "messageId": f"m{number}"}
        for number, user in enumerate(("li", "wang", "li"))
    ]
    refused = {"type": "track", "userId": "li", "event": "", "messageId": "m9"}
    intake_.submit([*calls, refused], web)
    erasing.suppress(LI, erasure_id="era_1")
    assert erasing.count(LI) == {"logged calls": 2, "rejects": 1}
    erasing.erase(LI)
    assert erasing.count(LI) == {}
    erasing.erase(LI)
    logged = intake_.read(after=0, limit=10)
    assert [is_erased(call) for call in logged.calls] == [True, False, True]
    assert logged.positions == [1, 2, 3]
    late = {"type": "track", "event": "seen", "userId": "li", "messageId": "m10"}
    other = {"type": "track", "event": "seen", "userId": "wang", "messageId": "m11"}
    assert intake_.submit([late, other, refused], web).accepted == 1
    assert erasing.refused("era_1") == 1
    assert SqlIntakeLog(engine).rejects(limit=10)[0] == []
    erasing.scrub()
    intake_.close()


def test_what_was_exported_by_something_a_person_told_goes_with_them(open_new: OpenStore) -> None:
    store = StateStore(open_new("state"))
    columns = {"number": "traits.shop.number", "id": "user_id"}
    with store.begin() as transaction:
        run = transaction.connection.execute
        for number, user, told in ((1, "li", {"number": 77}), (2, "wang", {"number": 78})):
            run(insert(profiles).values(profile_id=number, user_id=user, first_seen_at=0))
            run(insert(identities).values(kind=USER, value=user, profile_id=number, linked_at=0))
            value = {"name": "shop", "value": json.dumps(told), "occurred_at": 0, "message_id": "m"}
            run(insert(traits).values(profile_id=number, **value))
        for name, key in (("by_number", "number"), ("by_id", "id")):
            document = json.dumps({"id": name, "key": key, "columns": columns})
            schedule = {"kind": "export", "schedule_id": name, "document": document, "due_at": 0}
            run(insert(tables_schedules.schedules).values(**schedule))
            # Under a user id it is somebody else who has the same number.
            transaction.schedules.wrote(name, {"77": b"1", "78": b"2", "li": b"3"})
        person = transaction.erasures.names_of(ProfileId(1))
        counts = transaction.erasures.count_rows(person)
        assert (counts["export by_number"], counts["export by_id"]) == (2, 1)
        transaction.erasures.erase_rows(person)
        assert transaction.schedules.written_keys("by_number", after="", limit=9) == ["78"]
        assert transaction.schedules.written_keys("by_id", after="", limit=9) == ["77", "78"]
