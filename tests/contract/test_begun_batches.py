"""A batch that was begun is finished as it was begun, whatever names have come to mean since."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.services.processing import NOON, Desk, a_call, open_desk
from tests.services.state import OpenStore

from perennial.backends.sql.imports import SqlImportLedger
from perennial.collect.imports import RowsElsewhere
from perennial.collect.imports.model import Spool
from perennial.kernel.errors import Unavailable
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import ProfileId
from perennial.kernel.leases import Lease
from perennial.runtime.holdings import HeldElsewhere, Holdings, UnderstandingState
from perennial.runtime.processor import Processor


@dataclass
class OthersLeases:
    """Leases that another process holds, until it gives them back."""

    is_free: bool = False

    def renew(
        self, names: Sequence[str], *, divided: Sequence[str] = (), is_busy: bool = False
    ) -> Mapping[str, Lease]:
        return {name: Lease(name=name, holder="us", epoch=1) for name in names if self.is_free}

    def release(self) -> None: ...


@pytest.fixture
def desk(tmp_path: Path, open_new: OpenStore) -> Iterator[Desk]:
    with open_desk(tmp_path, open_new) as opened:
        yield opened


@pytest.mark.parametrize("after_writing", [False, True])
def test_calls_that_broke_at_the_event_store_are_there_once_though_an_import_named_their_device(
    desk: Desk, after_writing: bool
) -> None:
    desk.hear(a_call(1, device="phone"))
    desk.events.fail_next(after_writing=after_writing)
    with pytest.raises(Unavailable):
        desk.processor.drain()
    desk.imports.run(desk.file(a_call(2, user="anna", device="phone")))
    desk.processor.drain()
    assert desk.ids() == ["m1", "m2"]
    assert len(set(desk.people().values())) == 1


@pytest.mark.parametrize("after_writing", [False, True])
def test_an_import_that_broke_at_the_event_store_is_there_once_though_a_device_changed_hands(
    desk: Desk, after_writing: bool
) -> None:
    desk.hear(a_call(1, user="anna", device="tablet"), a_call(2, user="bob"))
    desk.processor.drain()
    desk.events.fail_next(after_writing=after_writing)
    file = desk.file(a_call(3, device="tablet"))
    with pytest.raises(Unavailable):
        desk.imports.run(file)
    desk.hear(a_call(4, user="bob", device="tablet"))
    desk.processor.drain()
    assert desk.imports.run(file).accepted == 1
    assert desk.ids() == ["m1", "m2", "m3", "m4"]
    assert desk.people()["m3"] == desk.people()["m1"] != desk.people()["m4"]


def test_a_batch_whose_people_were_merged_since_it_was_begun_is_understood_as_those_of_today(
    desk: Desk,
) -> None:
    desk.hear(a_call(1, device="phone"))
    desk.events.fail_next(after_writing=True)
    with pytest.raises(Unavailable):
        desk.processor.drain()
    desk.imports.run(desk.file(a_call(2, user="anna"), a_call(3, user="anna", device="phone")))
    desk.processor.drain()
    assert desk.ids() == ["m1", "m2", "m3"]
    assert len(set(desk.people().values())) == 1


def test_a_cut_of_an_import_is_let_go_of_though_the_ledger_forgot_its_spool_first(desk: Desk) -> None:
    class BreakingLedger(SqlImportLedger):
        def drop(self, spool: Spool) -> None:
            super().drop(spool)
            raise Unavailable(f"The state was lost when {spool.name} was dropped.")

    with pytest.raises(Unavailable):
        desk.imports_with(BreakingLedger(desk.intake_engine)).run(desk.file(a_call(1, user="anna")))
    with desk.state.read() as transaction:
        assert len(transaction.batches.after("spools", position=0)) == 1
    desk.imports.recover()
    with desk.state.read() as transaction:
        assert transaction.batches.after("spools", position=0) == []
    assert desk.ids() == ["m1"]


def test_rows_of_an_import_whose_directory_is_gone_come_from_the_file_again(desk: Desk) -> None:
    desk.imports.run(desk.file(a_call(1, user="anna")))
    calls = (a_call(1, user="bob"), a_call(2, user="anna"), a_call(2, user="carl"), a_call(3, user="dora"))
    longer = desk.file(*calls)
    desk.events.fail_next(after_writing=False)
    with pytest.raises(Unavailable):
        desk.imports.run(longer)
    shutil.rmtree(desk.folder / "home")
    elsewhere = desk.imports_with(SqlImportLedger(desk.intake_engine), home="another home")
    assert elsewhere.replay_spools() == 0
    assert elsewhere.run(longer).read == 4
    assert desk.ids() == ["m1", "m2", "m3"]
    assert {str(row["user_id"]) for row in desk.events.rows} == {"anna", "dora"}


def test_a_spool_that_cannot_be_read_is_made_again(desk: Desk) -> None:
    file = desk.file(a_call(1, user="anna"))
    desk.events.fail_next(after_writing=False)
    with pytest.raises(Unavailable):
        desk.imports.run(file)
    (spool,) = (desk.folder / "home" / "spool").iterdir()
    spool.write_bytes(spool.read_bytes()[:-40])
    desk.imports.recover()
    assert desk.ids() == []
    desk.imports.run(file)
    assert desk.ids() == ["m1"]


def test_another_file_under_the_name_of_an_import_with_lost_rows_is_refused_with_a_reason(
    desk: Desk,
) -> None:
    desk.events.fail_next(after_writing=False)
    with pytest.raises(Unavailable):
        desk.imports.run(desk.file(a_call(1, user="anna")))
    shutil.rmtree(desk.folder / "home")
    with pytest.raises(RowsElsewhere) as refusal:
        desk.imports.run(desk.file(a_call(2, user="anna")))
    assert "history.jsonl" in refusal.value.message


def test_whoever_writes_to_the_event_store_holds_the_one_writing_transaction_of_the_state(desk: Desk) -> None:
    """Who comes between the parts of an append corrects what is still to come; and merges make chains."""
    desk.hear(a_call(1, device="phone"), a_call(2, user="anna"), a_call(3, user="anna", device="phone"))
    with desk.state.begin() as transaction:
        transaction.emitted.record(
            [EmittedEvent(name="segment_entered", profile_id=ProfileId(7), occurred_at=NOON, message_id="e1")]
        )
    desk.processor.drain()
    file = desk.file(a_call(4, device="laptop"), a_call(5, user="anna", device="laptop"))
    desk.events.fail_next(after_writing=True)
    with pytest.raises(Unavailable):
        desk.imports.run(file)
    desk.imports.run(file)
    assert {kind for kind, _ in desk.events.written} == {"append", "restore", "override"}
    assert [kind for kind, is_alone in desk.events.written if not is_alone] == []


def test_a_merge_that_was_committed_and_not_told_is_told_with_the_next_batch(desk: Desk) -> None:
    desk.hear(a_call(1, device="phone"), a_call(2, user="anna"))
    desk.processor.drain()
    desk.events.fail_next(after_writing=False)
    with pytest.raises(Unavailable):
        desk.imports.run(desk.file(a_call(3, user="anna", device="phone")))
    desk.events.overrides.clear()
    desk.hear(a_call(4, user="bob"))
    desk.processor.drain()
    assert desk.people()["m1"] == desk.people()["m2"]


def test_what_a_power_cut_took_is_looked_for_only_by_whoever_understands(desk: Desk) -> None:
    desk.hear(a_call(1, user="anna"))
    desk.processor.drain()
    desk.events.lose({"m1"}, with_tokens=True)
    leases = OthersLeases()
    holdings = Holdings(leases)
    joining = Processor(replace(desk.stages, state=UnderstandingState(desk.state, holdings)))
    with pytest.raises(HeldElsewhere):
        joining.recover()
    assert desk.ids() == []
    leases.is_free = True
    holdings.renew_understanding()
    joining.recover()
    assert desk.ids() == ["m1"]
