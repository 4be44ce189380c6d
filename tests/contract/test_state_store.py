"""The relational stores: their schema, their transactions, and what a merge moves."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, MetaData, Table, Text, insert, select, text, update
from sqlalchemy.schema import CreateIndex
from tests.services.state import OpenStore

from perennial.access import Access, BeingRemoved, WeekFixed, WorkspaceNotFound, WorkspaceOrder
from perennial.access.tokens import Tokens
from perennial.backends.sql import root_tables, tables
from perennial.backends.sql.engine import (
    CHAINS,
    Chain,
    NewerVersion,
    StoreNotWritable,
    open_engine,
    open_store,
    version_table,
    writing,
)
from perennial.backends.sql.log import OffsetMoved
from perennial.backends.sql.repoint import KEPT_WINS, LATEST_WINS, MOVED, UNTOUCHED
from perennial.backends.sql.state import StateStore
from perennial.backends.sql.tables_finding import TRAITS_BY_VALUE
from perennial.backends.sql.workspaces import SqlRegistry
from perennial.collect.consent import Consent, ConsentState, Suppression
from perennial.collect.events.model import Batch, Call, CallKind, SettledBatch
from perennial.collect.identity import TraitTold, absorb
from perennial.kernel.clock import VirtualClock
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import ProfileId, UserId
from perennial.kernel.values import Json

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
METADATA: dict[Chain, MetaData] = {"root": root_tables.root, "intake": tables.intake, "state": tables.state}


@pytest.fixture
def store(open_new: OpenStore) -> StateStore:
    return StateStore(open_new("state"))


def a_call(kind: CallKind = "track", *, at: datetime = NOON, message_id: str = "m-1", **names: str) -> Call:
    return Call(
        kind=kind,
        name="seen" if kind == "track" else kind,
        occurred_at=at,
        received_at=at,
        message_id=message_id,
        source="web",
        user_id=names.get("user", ""),
        anonymous_id=names.get("device", ""),
        previous_id=names.get("previous", ""),
    )


def told(profile_id: int, value: Json, *, at: datetime = NOON, message_id: str = "m") -> TraitTold:
    return TraitTold(
        profile_id=ProfileId(profile_id), name="city", value=value, occurred_at=at, message_id=message_id
    )


def consented(profile_id: int, state: ConsentState, *, at: datetime) -> Consent:
    return Consent(
        profile_id=ProfileId(profile_id),
        channel="email",
        topic="marketing",
        state=state,
        proof="form",
        occurred_at=at,
        message_id="m",
    )


# SQLite does not tell what an index of an expression is of; the next test looks.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index traits_by_value")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
@pytest.mark.parametrize("chain", CHAINS)
def test_the_migrations_lead_to_the_declared_schema(chain: Chain, open_new: OpenStore) -> None:
    engines = {each: open_new(each) for each in CHAINS}
    others = {table for each in CHAINS if each != chain for table in METADATA[each].tables}
    others |= {version_table(engines[each], each) for each in CHAINS if each != chain}

    def is_ours(name: str | None, kind: str, _parents: object) -> bool:
        # Two stores may be neighbours in one schema.
        return kind != "table" or name not in others

    with engines[chain].connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": version_table(connection, chain),
                "include_name": is_ours,
            },
        )
        found = compare_metadata(context, METADATA[chain])
    assert found == [], f"Run `python tools/migration.py {chain} REASON`."


def test_an_index_of_an_expression_is_the_declared_one(open_new: OpenStore) -> None:
    engine = open_new("state")
    catalogue = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE name = 'traits_by_value'",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE indexname = 'traits_by_value'"
        " AND schemaname = ANY (current_schemas(false))",
    }[engine.dialect.name]
    with engine.connect() as connection:
        made = str(connection.execute(text(catalogue)).scalar_one())
    declared = str(CreateIndex(TRAITS_BY_VALUE).compile(dialect=engine.dialect))
    assert "".join(declared.split()).partition("(")[2].lower() in "".join(made.split()).lower()


def test_opening_a_store_again_changes_nothing(open_new: OpenStore) -> None:
    for _ in range(2):
        open_new("state")


def test_a_store_of_a_newer_version_is_refused_in_one_sentence(state_url: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db" if state_url == "sqlite:///" else state_url
    engine = open_store(url, "root")
    with writing(engine) as connection:
        versions = Table(version_table(engine, "root"), MetaData(), Column("version_num", Text))
        connection.execute(update(versions).values(version_num="root_9999"))
    engine.dispose()
    with pytest.raises(NewerVersion, match="newer version"):
        open_store(url, "root")


def test_a_store_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreNotWritable, match="cannot be opened for writing"):
        open_store(f"sqlite:///{tmp_path}/file/store.db", "state")


def test_a_commit_survives_a_power_cut_by_its_settings(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/store.db")
    with engine.connect() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    engine.dispose()
    assert settings == ["wal", 2, 1]


def test_a_reader_sees_one_moment_and_waits_for_no_writer(store: StateStore) -> None:
    with store.read() as before:
        assert before.offsets.get("calls") == 0
        with store.begin() as writer:
            writer.offsets.advance("calls", first=1, last=7)
        assert before.offsets.get("calls") == 0
    with store.read() as after:
        assert after.offsets.get("calls") == 7


def test_a_failed_transaction_leaves_nothing_behind(store: StateStore) -> None:
    def fail_after_writing() -> None:
        with store.begin() as transaction:
            transaction.offsets.advance("calls", first=1, last=7)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_writing()
    with store.read() as transaction:
        assert transaction.offsets.get("calls") == 0


def test_positions_that_had_their_effects_do_not_have_them_again(store: StateStore) -> None:
    for first, last in ((1, 7), (9, 12)):
        with store.begin() as transaction:
            transaction.offsets.advance("calls", first=first, last=last)

    def again(first: int) -> None:
        with store.begin() as transaction:
            transaction.offsets.advance("calls", first=first, last=20)

    for first in (1, 9, 12):
        with pytest.raises(OffsetMoved):
            again(first)
    with store.read() as transaction:
        assert transaction.offsets.get("calls") == 12


def test_every_table_about_people_is_moved_by_a_merge_or_left_on_purpose() -> None:
    about_people = {table.name for table in tables.state.tables.values() if "profile_id" in table.c}
    named = [table.name for table in (*LATEST_WINS, *KEPT_WINS, *MOVED)] + list(UNTOUCHED)
    assert sorted(named) == sorted(about_people)


def test_the_latest_call_wins_whatever_order_they_come_in(store: StateStore) -> None:
    with store.begin() as transaction:
        transaction.traits.tell([told(1, "Paris", at=NOON), told(1, "Oslo", at=NOON - HOUR)])
        transaction.traits.tell(
            [told(2, "Rome", at=NOON), told(2, None, at=NOON + HOUR), told(2, "x", at=NOON)]
        )
        assert transaction.traits.of([ProfileId(1), ProfileId(2)]) == {1: {"city": "Paris"}, 2: {}}


def test_a_late_consent_does_not_undo_a_withdrawal(store: StateStore) -> None:
    with store.begin() as transaction:
        transaction.consents.record(
            [consented(1, "withdrawn", at=NOON), consented(1, "granted", at=NOON - HOUR)]
        )
        found = transaction.consents.of([ProfileId(1), ProfileId(2)], channel="email", topic="marketing")
        assert {profile_id: consent.state for profile_id, consent in found.items()} == {1: "withdrawn"}


def test_a_suppressed_address_is_found_with_its_first_reason(store: StateStore) -> None:
    with store.begin() as transaction:
        for reason in ("bounced", "complained"):
            transaction.suppressions.add(
                [Suppression(channel="email", address="a@example.invalid", reason=reason, since=NOON)]
            )
        found = transaction.suppressions.among(["a@example.invalid", "b@example.invalid"], channel="email")
        assert [suppression.reason for suppression in found.values()] == ["bounced"]


def test_a_merge_moves_traits_consents_and_memberships(store: StateStore) -> None:
    with store.begin() as transaction:
        old, new = absorb([a_call(user="old"), a_call(user="new")], transaction, seed="s").people
        transaction.traits.tell([told(old, "Oslo", at=NOON), told(new, "Paris", at=NOON - HOUR)])
        transaction.consents.record([consented(old, "granted", at=NOON)])
        for profile_id in (old, new):
            transaction.connection.execute(
                insert(tables.segment_members).values(segment_id="s", profile_id=profile_id, entered_at=1)
            )
    with store.begin() as transaction:
        absorbed = absorb([a_call("alias", user="new", previous="old")], transaction, seed="s")
        assert [(merge.lost, merge.kept) for merge in absorbed.merges] == [(old, new)]
        assert transaction.traits.of([old, new]) == {old: {}, new: {"city": "Oslo"}}
        assert list(transaction.consents.of([old, new], channel="email", topic="marketing")) == [new]
        members = transaction.connection.execute(select(tables.segment_members.c.profile_id)).scalars().all()
        assert members == [new]
        assert transaction.people.find(UserId("old")) == new


def test_a_batch_taken_to_heart_twice_changes_nothing(store: StateStore) -> None:
    calls = [a_call(device="a"), a_call(user="u", device="a"), a_call("alias", user="u", previous="b")]
    with store.begin() as transaction:
        first = absorb(calls, transaction, seed="s")
    with store.begin() as transaction:
        again = absorb(calls, transaction, seed="s")
        assert transaction.people.count() == 1
    assert again == first


def test_people_are_listed_by_user_id_with_the_anonymous_last(store: StateStore) -> None:
    calls = [a_call(device="d"), a_call(user="b"), a_call(user="a"), a_call(device="e")]
    with store.begin() as transaction:
        absorb(calls, transaction, seed="s")
        pages = [transaction.people.page_by_user_id(limit=3)]
        pages.append(transaction.people.page_by_user_id(limit=3, after=pages[0][-1]))
    listed = [person for page in pages for person in page]
    assert [person.user_id for person in listed] == ["a", "b", None, None]
    assert len({person.profile_id for person in listed}) == 4


def test_an_emitted_event_is_kept_once(store: StateStore) -> None:
    event = EmittedEvent(
        name="segment_entered", profile_id=ProfileId(1), occurred_at=NOON, message_id="e", properties={"a": 1}
    )
    with store.begin() as transaction:
        transaction.emitted.record([event, event])
        transaction.emitted.record([event])
        assert [found for _, found in transaction.emitted.read(after=0, limit=9)] == [event]


def test_recorded_cuts_come_back_in_order(store: StateStore) -> None:
    cuts = [Batch(stream="calls", first=n, last=n + 9, token=f"t{n}", recorded_at=NOON) for n in (1, 11, 21)]
    with store.begin() as transaction:
        for cut in [*cuts, cuts[0]]:
            transaction.batches.record(cut)
        assert transaction.batches.after("calls", position=10) == cuts[1:]


def test_settled_cuts_say_whose_their_rows_were_and_old_ones_are_let_go(store: StateStore) -> None:
    cuts = [Batch(stream="calls", first=n, last=n + 1, token=f"t{n}", recorded_at=NOON) for n in (1, 3, 5)]
    people = [ProfileId(2**63 - 1), ProfileId(1)]
    with store.begin() as transaction:
        for cut in cuts:
            transaction.batches.record(cut)
            if cut is not cuts[2]:
                transaction.batches.settle(cut, people)
        transaction.offsets.advance("calls", first=1, last=6)
        settled = [SettledBatch(batch=cut, people=people) for cut in cuts[:2]]
        assert transaction.batches.settled("calls", limit=9) == settled
        transaction.batches.forget("calls", kept=2)
        assert transaction.batches.settled("calls", limit=9) == settled[1:]
        transaction.batches.forget("calls", kept=9)
        assert transaction.batches.after("calls", position=0) == cuts[1:]


def test_whose_the_rows_of_a_cut_are_is_settled_once_and_before_its_effects(store: StateStore) -> None:
    cut = Batch(stream="calls", first=1, last=1, token="t", recorded_at=NOON)
    with store.begin() as transaction:
        transaction.batches.record(cut)
        assert transaction.batches.people(cut) is None
        transaction.batches.settle(cut, [ProfileId(7)])
        transaction.batches.settle(cut, [ProfileId(8)])
        assert transaction.batches.people(cut) == [ProfileId(7)]
        assert transaction.batches.settled("calls", limit=9) == []
        transaction.batches.drop(cut)
        assert transaction.batches.after("calls", position=0) == []


@pytest.fixture
def access(open_new: OpenStore) -> Access:
    return Access(SqlRegistry(open_new("root")), VirtualClock(NOON))


def test_a_workspace_is_made_once_and_its_token_told_once(access: Access) -> None:
    made = access.create_workspace("shop", WorkspaceOrder(timezone="Asia/Shanghai"))
    again = access.create_workspace("shop")
    assert made.api_token is not None
    assert (again.write_key, again.api_token) == (made.write_key, None)
    assert access.get_workspace("shop").zone.name == "Asia/Shanghai"


@pytest.fixture
def opened_by(open_new: OpenStore) -> Callable[[str | None], list[str]]:
    """Which workspaces a token opens."""
    tokens = Tokens(SqlRegistry(open_new("root")), VirtualClock(NOON))

    def ask(token: str | None) -> list[str]:
        actor = tokens.authenticate(token or "")
        return [] if actor is None else list(actor.allowed)

    return ask


def test_keys_and_tokens_lead_to_their_workspace_only(
    access: Access, opened_by: Callable[[str | None], list[str]]
) -> None:
    made = access.create_workspace("shop")
    other = access.create_workspace("other", renew_token=True)
    key = access.authenticate_write(made.write_key)
    assert key is not None
    assert key.workspace == "shop"
    assert opened_by(made.api_token) == ["shop"]
    assert opened_by(other.api_token) == ["other"]
    assert opened_by("tok_wrong") == []
    assert access.authenticate_write("wk_wrong") is None


def test_a_bad_name_and_an_unknown_zone_are_both_told(access: Access) -> None:
    with pytest.raises(InvalidDocument) as refusal:
        access.create_workspace("My Shop", WorkspaceOrder(timezone="Asia/Shanghia"))
    assert [problem.code for problem in refusal.value.problems] == ["bad_name", "unknown_zone"]
    assert refusal.value.problems[1].hint == "Did you mean 'Asia/Shanghai'?"


def test_an_unknown_workspace_hints_at_the_nearest(access: Access) -> None:
    access.create_workspace("default")
    with pytest.raises(WorkspaceNotFound) as refusal:
        access.get_workspace("defualt")
    assert refusal.value.hint == "Did you mean 'default'?"


def test_weeks_begin_on_the_day_that_was_said_and_on_no_other_later(access: Access) -> None:
    access.create_workspace("shop", WorkspaceOrder(week_start="sunday"))
    assert access.get_workspace("shop").zone.week_start == 6
    access.create_workspace("shop")
    with pytest.raises(WeekFixed):
        access.create_workspace("shop", WorkspaceOrder(week_start="monday"))


def test_a_workspace_says_what_its_amounts_are_in_once_it_was_told(access: Access) -> None:
    access.create_workspace("shop")
    assert access.get_workspace("shop").currency == "XXX"
    access.change_workspace("shop", currency="CNY", title=" 商城 ")
    access.change_workspace("shop", title="商城")
    kept = access.get_workspace("shop")
    assert (kept.title, kept.currency) == ("商城", "CNY")
    with pytest.raises(InvalidDocument) as refusal:
        access.change_workspace("shop", currency="rmb", title="two\nlines")
    assert [problem.code for problem in refusal.value.problems] == ["bad_title", "unknown_currency"]


def test_nobody_gets_into_a_removed_workspace_and_its_name_is_free_once_it_is_gone(
    access: Access, opened_by: Callable[[str | None], list[str]]
) -> None:
    made, other = access.create_workspace("shop"), access.create_workspace("other")
    access.begin_removal("shop")
    assert access.names() == ["other"]
    assert access.authenticate_write(made.write_key) is None
    assert opened_by(made.api_token) == []
    assert opened_by(other.api_token) == ["other"]
    with pytest.raises(WorkspaceNotFound):
        access.begin_removal("shop")
    with pytest.raises(BeingRemoved):
        access.create_workspace("shop")
    assert access.removals() == ["shop"]
    access.end_removal("shop")
    access.end_removal("other")
    assert access.removals() == []
    assert access.create_workspace("shop").api_token not in (None, made.api_token)
    assert access.names() == ["other", "shop"]
